//! Deliveries: a whole school from nothing to a parent's phone, item by item, and what is not taken.

use domain::schools::{self, NewSchool};
use domain::types::{Language, SchoolId};
use reqwest::Method;
use reqwest::header::IF_NONE_MATCH;
use serde_json::{Value, json};
use support::app::{App, noon};
use support::both;
use support::school::{PASSWORD, School};

use super::deliveries::{COLLECTIONS, again, grade, with};
use super::{SCOPES, deliver, outcomes, put, refusal};

/// A school nobody has written anything for.
fn empty(app: &App) -> School {
    let school = NewSchool {
        name: "Жаңа мектеп".to_owned(),
        time_zone: "Asia/Almaty".parse().unwrap(),
        languages: vec![Language::Kk, Language::Ru],
        days_off: Vec::new(),
    };
    let id: SchoolId = app.state.db.write_here(|conn| schools::create(conn, &school, noon())).unwrap();
    School { id, children: Vec::new(), prefix: "new".to_owned() }
}

/// What the fixture's items refer to, before them.
fn before(collection: &str) -> Vec<Value> {
    match collection {
        "periods" => vec![
            json!({"externalId": "1", "kind": "quarter", "schoolYear": 2026, "startsOn": "2026-09-01",
                "endsOn": "2026-10-25", "names": {"kk": "1 тоқсан"}}),
            json!({"externalId": "y", "kind": "year", "schoolYear": 2026, "startsOn": "2026-09-01",
                "endsOn": "2027-05-25", "names": {"kk": "2026/27"}}),
        ],
        "subjects" => vec![json!({"externalId": "kaz", "names": {"kk": "Қазақ тілі", "ru": "Казахский язык"}})],
        "students" => vec![with(again("students"), "externalId", "p2")],
        "courses" => vec![with(with(again("courses"), "externalId", "kaz7"), "subjectExternalId", "kaz")],
        "enrolments" => vec![
            json!({"externalId": "7a-p1", "studentExternalId": "p1", "classGroupExternalId": "7a", "startsOn": "2026-09-01"}),
            json!({"externalId": "7a-p2", "studentExternalId": "p2", "classGroupExternalId": "7a", "startsOn": "2026-09-01"}),
            json!({"externalId": "kaz7-p1", "studentExternalId": "p1", "courseExternalId": "kaz7", "startsOn": "2026-09-01"}),
            json!({"externalId": "alg7-p2", "studentExternalId": "p2", "courseExternalId": "alg7", "startsOn": "2026-09-01"}),
        ],
        "lessons" => vec![
            with(with(with(again("lessons"), "externalId", "l2"), "courseExternalId", "kaz7"), "number", 2),
            with(with(again("lessons"), "externalId", "l3"), "date", "2026-11-18"),
        ],
        _ => Vec::new(),
    }
}

both!(what_a_journal_delivers_a_parent_reads, async |app: App| {
    let school = empty(&app);
    let journal = school.journal(&app.state.db, SCOPES);
    let mut code = String::new();
    for collection in COLLECTIONS {
        let mut items = before(collection);
        items.push(match collection {
            "guardians" => json!({"externalId": "g1", "firstName": "Айгүл", "lastName": "Омарова",
                "children": [{"studentExternalId": "p1", "relation": "mother"}]}),
            collection => again(collection),
        });
        let answer = put(&app, &journal, school.id, collection, &items).await;
        assert_eq!(outcomes(&answer), vec!["created"; items.len()], "{collection}: {}", answer.body);
        if collection == "guardians" {
            assert_eq!(answer.header("cache-control"), "no-store");
            answer.body["results"][0]["invitation"]["code"].as_str().unwrap().clone_into(&mut code);
        } else {
            assert_eq!(answer.body["results"][0]["invitation"], Value::Null, "{collection}");
        }
    }
    let form = json!({"login": "aigul", "password": PASSWORD, "firstName": "Айгүл", "lastName": "Омарова",
        "birthDate": "1985-01-01", "sex": "female", "language": "ru"});
    let mother = app.post(&format!("/v1/invitations/{code}/accept"), "", &form).await;
    assert_eq!(mother.status, 201, "{}", mother.body);
    let token = mother.body["accessToken"].as_str().unwrap();
    let children = app.get("/v1/children", token).await.body;
    assert_eq!(children["items"][0]["firstName"], "Әсел");
    assert_eq!(children["items"][0]["classGroup"]["name"], "7 Ә");
    let path = format!("/v1/children/{}/diary?from=2026-11-16&to=2026-11-22", children["items"][0]["id"]);
    let week = app.get(&path, token).await.body;
    let [first, second] = [&week["days"][0]["lessons"][0], &week["days"][0]["lessons"][1]];
    assert_eq!((&first["subject"]["name"], &first["startsAt"]), (&json!("Алгебра"), &json!("08:00")));
    assert_eq!((&first["grades"][0]["value"], &first["grades"][0]["points"]), (&json!("8"), &json!(8)));
    assert_eq!(second["attendance"], json!({"status": "late", "minutesLate": 7, "comment": null}));
    assert_eq!(week["days"][4]["homework"][0]["text"], "№ 214, 215");
});

both!(what_is_known_already_moves_nothing, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    let mother = school.guardian(&app.state.db, "g1").token;
    let path = format!("/v1/children/{}/diary?from=2026-11-16&to=2026-11-22", school.children[0].0);
    let tag = app.get(&path, &mother).await.header("etag").to_owned();
    for collection in COLLECTIONS {
        assert_eq!(
            deliver(&app, &journal, school.id, collection, &[again(collection)]).await,
            ["unchanged"],
            "{collection}"
        );
    }
    let known = app.request(Method::GET, &path, &mother).header(IF_NONE_MATCH, &tag).send().await.unwrap();
    assert_eq!(known.status(), 304);
    assert_eq!(deliver(&app, &journal, school.id, "grades", &[grade("e1", "p1", "9")]).await, ["updated"]);
    let known = app.request(Method::GET, &path, &mother).header(IF_NONE_MATCH, &tag).send().await.unwrap();
    assert_eq!(known.status(), 200);
});

/// A thousand grades, every second of them wrong in one of five ways.
fn half_bad() -> Vec<Value> {
    let one = |number: usize| {
        let good = grade(&format!("x{number}"), "p1", "7");
        match number % 10 {
            1 => with(good, "studentExternalId", "nobody"),
            3 => with(good, "points", 11),
            5 => with(good, "gradedOn", "18.11.2026"),
            7 => with(good, "surprise", 1),
            9 => with(good, "externalId", "x0"),
            _ => good,
        }
    };
    (0..1000).map(one).collect()
}

both!(of_a_thousand_items_the_500_good_ones_are_taken_and_the_500_bad_ones_explained, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    let answer = put(&app, &journal, school.id, "grades", &half_bad()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let expected: Vec<&str> = ["created", "rejected"].into_iter().cycle().take(1000).collect();
    assert_eq!(outcomes(&answer), expected);
    for (place, pointer, code) in [
        (1, "/items/1/studentExternalId", "unknown-reference"),
        (3, "/items/3/points", "range"),
        (5, "/items/5/gradedOn", "shape"),
        (7, "/items/7/surprise", "shape"),
        (999, "/items/999/externalId", "duplicate"),
    ] {
        let problem = &answer.body["results"][place]["problem"];
        assert_eq!((&problem["pointer"], &problem["code"]), (&json!(pointer), &json!(code)), "{problem}");
        assert!(problem["detail"].as_str().unwrap().len() > 15, "{problem}");
    }
    let mother = school.guardian(&app.state.db, "g1").token;
    assert_eq!(count(&app, &school, &mother).await, 501);
});

/// How many grades the first child's mother can read.
async fn count(app: &App, school: &School, mother: &str) -> usize {
    let (mut count, mut cursor) = (0, String::new());
    loop {
        let path = format!("/v1/children/{}/grades?limit=100{cursor}", school.children[0].0);
        let page = app.get(&path, mother).await.body;
        count += page["items"].as_array().unwrap().len();
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return count,
        }
    }
}

both!(with_atomic_one_bad_item_rejects_the_delivery, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    let mother = school.guardian(&app.state.db, "g1").token;
    let path = format!("/v1/schools/{}/grades?atomic=true", school.id.0);
    let refused = app.send(Method::PUT, &path, &journal, &json!({"items": half_bad()})).await;
    assert_eq!((refused.status, refused.problem()), (422, "validation-failed"));
    assert_eq!(refused.body["errors"].as_array().unwrap().len(), 500);
    assert_eq!(refused.body["errors"][0]["pointer"], "/items/1/studentExternalId");
    assert_eq!(count(&app, &school, &mother).await, 1, "nothing was applied");
    let good: Vec<Value> = half_bad().into_iter().step_by(2).collect();
    assert_eq!(app.send(Method::PUT, &path, &journal, &json!({"items": good})).await.status, 200);
    assert_eq!(count(&app, &school, &mother).await, 501);
});

both!(a_delivery_has_1_to_1000_items, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    for items in [Vec::new(), vec![grade("e1", "p1", "8"); 1001]] {
        let answer = put(&app, &journal, school.id, "grades", &items).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["pointer"]), (422, &json!("/items")), "{}", items.len());
    }
});

both!(what_breaks_a_rule_of_its_collection_says_where, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    let long = "x".repeat(5001);
    let cases: Vec<(&str, &str, Value, &str, &str)> = vec![
        ("periods", "endsOn", json!("2026-11-01"), "/endsOn", "order"),
        ("periods", "schoolYear", json!(1826), "/schoolYear", "range"),
        ("periods", "names", json!({}), "/names", "required"),
        ("subjects", "names", json!({"kk": "а\u{202e}б"}), "/names", "characters"),
        ("class-groups", "level", json!(13), "/level", "range"),
        ("class-groups", "shift", json!(9), "/shift", "range"),
        (
            "class-groups",
            "homeroomTeacherExternalId",
            json!("nobody"),
            "/homeroomTeacherExternalId",
            "unknown-reference",
        ),
        ("staff", "firstName", json!(" "), "/firstName", "length"),
        ("students", "sex", json!("boy"), "/sex", "shape"),
        (
            "guardians",
            "children",
            json!([{"studentExternalId": "nobody", "relation": "mother"}]),
            "/children",
            "unknown-reference",
        ),
        ("courses", "subjectExternalId", json!("nothing"), "/subjectExternalId", "unknown-reference"),
        ("enrolments", "classGroupExternalId", json!("7a"), "", "required"),
        ("enrolments", "endsOn", json!("2026-08-31"), "/endsOn", "order"),
        ("enrolments", "studentExternalId", json!("p2"), "/studentExternalId", "immutable"),
        ("lessons", "endsAt", json!("07:00"), "/endsAt", "order"),
        ("lessons", "startsAt", json!("8:00"), "/startsAt", "shape"),
        ("lessons", "number", json!(21), "/number", "range"),
        ("lessons", "changeReason", json!("ауырып қалды"), "/changeReason", "status"),
        ("lessons", "courseExternalId", json!("kaz7"), "/courseExternalId", "immutable"),
        ("assessments", "maxPoints", json!(0), "/maxPoints", "range"),
        ("assessments", "weight", json!(101), "/weight", "range"),
        ("homework", "dueOn", json!("2026-11-11"), "/dueOn", "order"),
        ("homework", "text", json!(long), "/text", "length"),
        ("grades", "value", json!(null), "/value", "required"),
        ("grades", "points", json!(7.125), "/points", "shape"),
        ("grades", "externalId", json!(""), "/externalId", "length"),
        ("attendance", "minutesLate", json!(null), "/minutesLate", "status"),
        ("attendance", "minutesLate", json!(500), "/minutesLate", "range"),
        ("period-grades", "percent", json!(101), "/percent", "range"),
        ("period-grades", "periodExternalId", json!("9"), "/periodExternalId", "unknown-reference"),
    ];
    for (collection, field, value, pointer, code) in cases {
        let mut item = with(again(collection), field, value.clone());
        if (collection, field) == ("grades", "value") {
            item["points"] = Value::Null;
        }
        let answer = put(&app, &journal, school.id, collection, &[item]).await;
        assert_eq!(refusal(&answer), (format!("/items/0{pointer}").as_str(), code), "{collection} {field} {value}");
    }
});

both!(a_changed_lesson_keeps_what_it_was_before, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    let mother = school.guardian(&app.state.db, "g1").token;
    let other = json!({"externalId": "t2", "firstName": "Марат", "lastName": "Сапаров"});
    deliver(&app, &journal, school.id, "staff", &[other]).await;
    let lesson = async || {
        let path = format!("/v1/children/{}/diary?from=2026-11-16&to=2026-11-17", school.children[0].0);
        let week = app.get(&path, &mother).await.body;
        let lessons = week["days"][0]["lessons"].as_array().unwrap().clone();
        lessons.into_iter().find(|lesson| lesson["course"]["name"] == "alg 7 Ә").unwrap()
    };
    let substituted = with(with(again("lessons"), "status", "substituted"), "teacherExternalId", "t2");
    let substituted = with(with(substituted, "room", "301"), "changeReason", "ауырып қалды");
    deliver(&app, &journal, school.id, "lessons", std::slice::from_ref(&substituted)).await;
    let was = json!({"reason": "ауырып қалды", "previousTeacher": "Ахметова Гүлнәр", "previousRoom": "204", "previousStartsAt": null});
    assert_eq!((&lesson().await["status"], &lesson().await["change"]), (&json!("substituted"), &was));
    assert_eq!(lesson().await["teacher"]["name"], "Сапаров Марат");
    // Said again it is known; moved as well, it keeps what it was at first.
    assert_eq!(deliver(&app, &journal, school.id, "lessons", std::slice::from_ref(&substituted)).await, ["unchanged"]);
    let moved = with(with(with(substituted, "status", "moved"), "startsAt", "10:00"), "endsAt", "10:45");
    deliver(&app, &journal, school.id, "lessons", &[moved]).await;
    assert_eq!(lesson().await["change"], was);
    let cancelled = with(again("lessons"), "status", "cancelled");
    deliver(&app, &journal, school.id, "lessons", &[cancelled]).await;
    assert_eq!(lesson().await["status"], "cancelled");
    // As planned again: nothing is left of the change.
    assert_eq!(deliver(&app, &journal, school.id, "lessons", &[again("lessons")]).await, ["updated"]);
    assert_eq!(lesson().await["change"], Value::Null);
});
