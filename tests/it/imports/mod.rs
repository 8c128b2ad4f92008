//! School data files that nobody here wrote, from the folder to a parent's phone.

mod changes;
mod command;
pub mod files;
mod gradebook;
mod heavy;
mod leaving;
mod parting;
mod scales;
mod sheets;
mod workbook;

use std::path::{Path, PathBuf};

use chrono::NaiveDateTime;
use diesel::RunQueryDsl;
use diesel::sql_types::BigInt;
use domain::invitations::{self, Invited};
use domain::schools::{self, NewSchool};
use domain::types::{Language, SchoolId};
use interchange::oneroster::{self, Options};
use interchange::report::Report;
use serde_json::{Value, json};
use support::app::App;
use support::both;
use support::school::PASSWORD;

use self::files::Files;

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(path)
}

/// What `apta import oneroster PATH --school NAME` does, or the one sentence it says instead.
fn import(app: &App, path: &Path, name: &str) -> Result<(SchoolId, Report), String> {
    import_with(app, path, name, Options::default())
}

fn import_with(app: &App, path: &Path, name: &str, options: Options) -> Result<(SchoolId, Report), String> {
    let (db, now) = (&app.state.db, app.state.clock.now());
    let bundle = oneroster::read(path).map_err(|refusal| refusal.sentence)?;
    let choice = oneroster::choose(&bundle, name).map_err(|refusal| refusal.sentence)?;
    let known = db.read_here(|conn| schools::named(conn, &choice.name)).unwrap();
    let school = known.first().map_or_else(|| make(app, &choice.name), |school| school.id);
    let report = oneroster::load(db, school, &bundle, &choice, now, options);
    let report = report.map_err(|error| error.to_string())?;
    Ok((school, report))
}

fn make(app: &App, name: &str) -> SchoolId {
    let school = NewSchool {
        name: name.to_owned(),
        time_zone: "Asia/Almaty".parse().unwrap(),
        languages: vec![Language::Kk, Language::Ru],
        days_off: Vec::new(),
    };
    app.state.db.write_here(|conn| schools::create(conn, &school, app.state.clock.now())).unwrap()
}

/// The fields of a report's file that are not zero.
fn counts(report: &Report, file: &str) -> Value {
    let count = report.files.iter().find(|count| count.name == file).unwrap_or_else(|| panic!("{file}: {report:?}"));
    let mut fields = serde_json::to_value(count).unwrap();
    fields.as_object_mut().unwrap().retain(|key, value| key != "name" && *value != json!(0));
    fields
}

fn spots(report: &Report) -> Vec<(&str, u64, &str, &str)> {
    report.rejections.iter().map(|r| (r.file.as_str(), r.line, r.column.as_str(), r.value.as_str())).collect()
}

#[derive(diesel::QueryableByName, Debug, PartialEq, Eq)]
struct Counter {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = BigInt)]
    revision: i64,
}

/// The counters of every school and every child.
fn counters(app: &App) -> Vec<Vec<Counter>> {
    let all = |table: &str| {
        let sql = format!("SELECT id, revision FROM {table} ORDER BY id");
        app.state.db.read_here(|conn| Ok(diesel::sql_query(&sql).load::<Counter>(conn)?)).unwrap()
    };
    vec![all("schools"), all("children")]
}

/// Nothing is new, nothing moved.
fn assert_still(app: &App, path: &Path, name: &str) {
    let before = counters(app);
    let (_, report) = import(app, path, name).unwrap();
    for file in &report.files {
        assert_eq!((file.created, file.updated), (0, 0), "{file:?}");
        assert_eq!(file.read, file.unchanged + file.skipped + file.rejected, "{file:?}");
    }
    assert_eq!(counters(app), before);
}

fn set_clock(app: &App, now: &str) {
    let now: NaiveDateTime = now.parse().unwrap();
    app.state.clock.advance(now - app.state.clock.now());
}

/// Accepts a code over HTTP, as a phone does, and returns the access token.
async fn accept(app: &App, school: SchoolId, number: &str) -> String {
    let (code, who) = (domain::secrets::code(), Invited::Guardian(number.to_owned()));
    let now = app.state.clock.now();
    app.state.db.write_here(|conn| invitations::open(conn, school, &who, &code, now)).unwrap();
    let form = json!({"login": format!("login-{number}").to_lowercase().replace([' ', ':'], "-"), "password": PASSWORD, "firstName": "Jean",
        "lastName": "Craig", "birthDate": "1979-04-02", "sex": "female", "language": "en"});
    let answer = app.post(&format!("/v1/invitations/{code}/accept"), "", &form).await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    answer.body["accessToken"].as_str().unwrap().to_owned()
}

async fn items(app: &App, path: &str, token: &str) -> Value {
    let answer = app.get(path, token).await;
    assert_eq!(answer.status, 200, "{path}: {:?}", answer.body);
    answer.body["items"].clone()
}

both!(a_guardian_in_a_published_bundle_accepts_her_code_and_reads_what_the_files_say, async |app: App| {
    set_clock(&app, "2022-03-16T09:00:00");
    let (school, report) = import(&app, &data("microsoft-sds/SDS-v2.1"), "School of TwoDotOne").unwrap();
    assert_eq!(report.exit_code(), 0, "{report:?}");
    assert_eq!(counts(&report, "users.csv"), json!({"read": 8, "created": 6, "skipped": 2}));
    assert_eq!(counts(&report, "enrollments.csv"), json!({"read": 6, "created": 4, "skipped": 2}));
    assert_eq!(counts(&report, "relationships.csv"), json!({"read": 3, "created": 3}));
    let token = accept(&app, school, "114002").await;

    let children = items(&app, "/v1/children", &token).await;
    let seen: Vec<_> = children
        .as_array()
        .unwrap()
        .iter()
        .map(|child| {
            (
                child["firstName"].as_str().unwrap(),
                child["lastName"].as_str().unwrap(),
                child["relation"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(seen, [("Jack", "Craig", "guardian"), ("Fred", "Hutch", "relative")]);
    assert_eq!(children[0]["school"]["name"], "School of TwoDotOne");
    for child in children.as_array().unwrap() {
        let at = format!("/v1/children/{}", child["id"]);
        let teachers = items(&app, &format!("{at}/teachers"), &token).await;
        assert_eq!(teachers[0]["teacher"]["name"], "Fein Kristen");
        assert_eq!(teachers[0]["subjects"][0]["name"], "Biology 10 2021");
        assert_eq!(teachers.as_array().unwrap().len(), 1);
        let subjects = items(&app, &format!("{at}/subjects"), &token).await;
        let subject = (&subjects[0]["subject"]["name"], &subjects[0]["teacher"]["name"], &subjects[0]["gradesCount"]);
        assert_eq!(subject, (&json!("Biology 10 2021"), &json!("Fein Kristen"), &json!(0)));
        let diary = app.get(&format!("{at}/diary"), &token).await;
        assert_eq!((diary.status, &diary.body["from"]), (200, &json!("2022-03-14")));
    }
    let alice = children[1]["id"].as_i64().unwrap() + 1;
    assert_eq!(app.get(&format!("/v1/children/{alice}/diary"), &token).await.status, 404, "another guardian's child");
    assert_still(&app, &data("microsoft-sds/SDS-v2.1"), "School of TwoDotOne");
    assert_eq!(items(&app, "/v1/children", &token).await, children);
});

both!(a_published_bundle_of_three_schools_imports_school_by_school, async |app: App| {
    let path = data("microsoft-sds/SDS-v2");
    let told = import(&app, &path, "Contoso").unwrap_err();
    assert!(
        told.contains(r#""Contoso Middle School", "Fabrikam High School", "College of Higher Learning""#),
        "{told}"
    );
    assert!(app.state.db.read_here(schools::all).unwrap().is_empty());
    // Ronald Lees is registered in one school and taught in another: both know him.
    let cases = [("contoso middle school", 8, 7), ("10002", 12, 9), ("College of Higher Learning", 10, 10)];
    for (name, users, enrolled) in cases {
        let (_, report) = import(&app, &path, name).unwrap();
        assert_eq!(report.exit_code(), 0, "{name}: {report:?}");
        assert_eq!(
            counts(&report, "users.csv"),
            json!({"read": 29, "created": users, "skipped": 29 - users}),
            "{name}"
        );
        let expected = json!({"read": 29, "created": enrolled, "skipped": 29 - enrolled});
        assert_eq!(counts(&report, "enrollments.csv"), expected, "{name}");
    }
    let names: Vec<_> = app.state.db.read_here(schools::all).unwrap().into_iter().map(|school| school.name).collect();
    assert_eq!(names, ["Contoso Middle School", "Fabrikam High School", "College of Higher Learning"]);
    for (name, ..) in cases {
        assert_still(&app, &path, name);
    }
});

both!(a_gradebook_is_read_as_written_and_a_correction_keeps_its_history, async |app: App| {
    let (school, report) = import(&app, Files::small().folder().path(), "Мектеп 7").unwrap();
    assert_eq!((report.exit_code(), spots(&report)), (0, vec![]));
    let token = accept(&app, school, "u-m").await;
    let children = items(&app, "/v1/children", &token).await;
    assert_eq!((&children[0]["firstName"], &children[0]["classGroup"]["name"]), (&json!("Әлия"), &json!("7 Ә")));
    assert_eq!((&children[0]["classGroup"]["level"], &children[0]["relation"]), (&json!(7), &json!("parent")));
    assert_eq!(children[0]["currentPeriod"]["name"], "II тоқсан");
    let at = |child: usize| format!("/v1/children/{}", children[child]["id"]);
    let subjects = items(&app, &format!("{}/subjects", at(0)), &token).await;
    let names: Vec<_> =
        subjects.as_array().unwrap().iter().map(|item| item["subject"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Art 7 Ә", "Алгебра"], "a class without a course is a subject of its own");

    let grades = items(&app, &format!("{}/grades", at(0)), &token).await;
    let expected = json!([{"value": "9.5", "points": 9.5, "maxPoints": 10, "status": "graded", "kind": "formative",
        "gradedOn": "2026-11-10", "comment": "Жарайсың"}]);
    for (name, value) in expected[0].as_object().unwrap() {
        assert_eq!(&grades[0][name], value, "{name}: {grades}");
    }
    let others = items(&app, &format!("{}/grades", at(1)), &token).await;
    let seen: Vec<_> =
        others.as_array().unwrap().iter().map(|grade| (grade["status"].clone(), grade["value"].clone())).collect();
    assert_eq!(seen, [(json!("not-assessed"), Value::Null), (json!("exempt"), Value::Null)]);
    let works = items(&app, &format!("{}/assessments?from=2026-11-16&to=2026-11-22", at(0)), &token).await;
    assert_eq!(
        (&works[0]["title"], &works[0]["date"], &works[0]["kind"]),
        (&json!("БЖБ 1"), &json!("2026-11-19"), &json!("section"))
    );

    let before = counters(&app);
    let corrected = Files::small().edited("results.csv", "9.50", "8");
    let (_, report) = import(&app, corrected.folder().path(), "Мектеп 7").unwrap();
    assert_eq!(counts(&report, "results.csv"), json!({"read": 3, "updated": 1, "unchanged": 2}));
    let after = counters(&app);
    assert_eq!((&after[0], &after[1][1]), (&before[0], &before[1][1]), "only the corrected child's counter moves");
    assert_eq!(after[1][0].revision, before[1][0].revision + 1);
    let history = items(&app, &format!("{}/grades/{}/history", at(0), grades[0]["id"]), &token).await;
    assert_eq!((&history[0]["value"], &history[1]["value"]), (&json!("9.5"), &json!("8")));
});

both!(a_link_the_school_takes_back_closes_the_diary, async |app: App| {
    let (school, _) = import(&app, Files::small().folder().path(), "Мектеп 7").unwrap();
    let token = accept(&app, school, "u-m").await;
    let children = items(&app, "/v1/children", &token).await;
    let parted =
        Files::small().edited("users.csv", "Омарова,u-m", "Омарова,").edited("users.csv", "\"u-a,u-b\"", "u-b");
    let (_, report) = import(&app, parted.folder().path(), "Мектеп 7").unwrap();
    assert_eq!(counts(&report, "users.csv"), json!({"read": 4, "updated": 1, "unchanged": 3}));
    let diary = async |child: &Value| app.get(&format!("/v1/children/{}/diary", child["id"]), &token).await.status;
    assert_eq!((diary(&children[0]).await, diary(&children[1]).await), (404, 200));
    let alone = parted.edited("users.csv", ",u-b\n", ",\n");
    import(&app, alone.folder().path(), "Мектеп 7").unwrap();
    assert_eq!(items(&app, "/v1/children", &token).await, json!([]));
});

both!(bad_rows_are_reported_and_the_rest_is_taken, async |app: App| {
    let files = Files::small()
        .with_rows("users.csv", "u-x,perhaps,o-1,student,x,N,N,\n")
        .with_rows(
            "enrollments.csv",
            "e-7,k-alg,o-1,u-x,student,,,\ne-8,k-alg,o-1,u-t,student,,,\ne-9,k-art,o-1,u-b,teacher,,,\n",
        )
        .with_rows("lineItems.csv", "l-3,T,,2026-11-09,2026-11-10,k-7a,g-f,q-2,0,10\n")
        .with_rows(
            "results.csv",
            "r-4,l-1,u-b,fully graded,11,2026-11-10,\nr-5,l-3,u-b,fully graded,9,2026-11-10,\n\
            r-6,l-1,u-t,fully graded,9,2026-11-10,\nr-7,l-1,u-b,fully graded,\"9,5\",2026-11-10,\n",
        );
    let (_, report) = import(&app, files.folder().path(), "Мектеп 7").unwrap();
    assert_eq!(report.exit_code(), 2);
    let expected = [
        ("users.csv", 6, "enabledUser", "perhaps"),
        ("enrollments.csv", 8, "userSourcedId", "u-x"),
        ("enrollments.csv", 9, "userSourcedId", "u-t"),
        ("enrollments.csv", 10, "userSourcedId", "u-b"),
        ("lineItems.csv", 4, "classSourcedId", "k-7a"),
        ("results.csv", 5, "score", "11"),
        ("results.csv", 6, "lineItemSourcedId", "l-3"),
        ("results.csv", 7, "studentSourcedId", "u-t"),
        ("results.csv", 8, "score", "9,5"),
    ];
    assert_eq!(spots(&report), expected);
    assert!(report.rejections.iter().all(|r| !r.reason.is_empty() && !r.mend.is_empty()), "{report:?}");
    assert_eq!(counts(&report, "results.csv"), json!({"read": 7, "created": 3, "rejected": 4}));
    assert_eq!(counts(&report, "enrollments.csv"), json!({"read": 9, "created": 6, "rejected": 3}));
    assert_eq!(counts(&report, "users.csv"), json!({"read": 5, "created": 4, "rejected": 1}));
    assert_still(&app, files.folder().path(), "Мектеп 7");
});

both!(a_broken_bundle_changes_nothing_and_one_sentence_says_what_to_mend, async |app: App| {
    import(&app, Files::small().folder().path(), "Мектеп 7").unwrap();
    let before = counters(&app);
    let old = data("microsoft-sds/SDS-Format/25-Users");
    let header = Files::small().0["users.csv"].lines().next().unwrap().to_owned() + "\n";
    let mut empty = Files::small();
    empty.0.insert("users.csv", header);
    let cases = [
        (Files::small().edited("users.csv", "familyName", "surname").folder(), "users.csv lacks the column familyName"),
        (Files::small().with_rows("results.csv", "r-9,\"l-1").folder(), "a quoted cell"),
        (empty.folder(), "users.csv holds no rows"),
    ];
    let paths = cases
        .iter()
        .map(|(folder, part)| (folder.path(), *part))
        .chain([(old.as_path(), "older School Data Sync format")]);
    for (path, part) in paths {
        for name in ["Мектеп 7", "Another"] {
            let sentence = import(&app, path, name).unwrap_err();
            assert!(sentence.contains(part) && sentence.ends_with('.'), "{sentence}");
        }
    }
    assert_eq!(counters(&app), before, "neither a row nor a school");
});
