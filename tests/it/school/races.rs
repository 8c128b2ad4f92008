//! What happens at the same moment: a pupil moves to another subgroup while she is graded, a guardianship ends while it is read.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use futures_util::future::{join, join_all};
use serde_json::{Value, json};
use support::app::App;
use support::both;
use support::school::School;

use super::deliveries::{again, grade, with};
use super::{SCOPES, deliver, outcomes, put};

const WRITERS: usize = 4;
const GRADES: usize = 30;

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn numbers(app: &App, sql: &str) -> Vec<i64> {
    let rows: Vec<Number> = app.state.db.read_here(|conn| Ok(diesel::sql_query(sql).load(conn)?)).unwrap();
    rows.into_iter().map(|row| row.number).collect()
}

fn membership(course: &str, number: &str, from: &str, to: Option<&str>) -> Value {
    json!({"externalId": number, "studentExternalId": "p1", "courseExternalId": course, "startsOn": from, "endsOn": to})
}

/// The numbers of the pupil's diary that no event has: those of her moves.
fn moves(app: &App, child: i64, after: i64) -> Vec<i64> {
    let told = numbers(
        app,
        &format!("SELECT revision AS number FROM child_events WHERE child_id = {child} ORDER BY revision"),
    );
    let now = numbers(app, &format!("SELECT revision AS number FROM children WHERE id = {child}"))[0];
    (after + 1..=now).filter(|number| !told.contains(number)).collect()
}

/// Grades one lesson after the other until one is refused, then tries once more: who has left stays away.
async fn grade_until_refused(app: &App, school: &School, journal: &str, writer: usize) -> usize {
    for place in 0..GRADES {
        let number = format!("m{writer}-{place}");
        let item = with(grade(&number, "p1", "7"), "lessonExternalId", Value::Null);
        let answer = put(app, journal, school.id, "grades", &[item]).await;
        if outcomes(&answer) == ["rejected"] {
            assert_eq!(super::refusal(&answer), ("/items/0/studentExternalId", "not-in-course"));
            let more = put(app, journal, school.id, "grades", &[grade(&format!("{number}x"), "p1", "7")]).await;
            assert_eq!(outcomes(&more), ["rejected"]);
            return place;
        }
        assert_eq!(outcomes(&answer), ["created"]);
    }
    GRADES
}

both!(a_pupil_moved_to_another_subgroup_is_graded_where_she_was_or_not_at_all, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    let child = school.children[0].0;
    let other = with(with(again("courses"), "externalId", "alg7b"), "name", "alg 7 Ә, 2");
    deliver(&app, &journal, school.id, "courses", &[other]).await;
    let before = numbers(&app, &format!("SELECT revision AS number FROM children WHERE id = {child}"))[0];
    let leave = membership("alg7", "alg7-p1", "2026-09-01", Some("2026-11-15"));
    let arrive = membership("alg7b", "alg7b-p1", "2026-11-16", None);
    let writers = join_all((0..WRITERS).map(|writer| grade_until_refused(&app, &school, &journal, writer)));
    let moving = async {
        // The move comes when some grades are there, whatever the scheduler does.
        while numbers(&app, "SELECT count(*) AS number FROM grades WHERE external_id LIKE 'm%'")[0] < 5 {
            tokio::task::yield_now().await;
        }
        deliver(&app, &journal, school.id, "enrolments", &[leave, arrive]).await
    };
    let (taken, moved) = join(writers, moving).await;
    assert_eq!(moved, ["updated", "created"]);
    let taken: usize = taken.into_iter().sum();
    assert!((5..WRITERS * GRADES).contains(&taken), "{taken}: the move never came between");
    let [move_number] = moves(&app, child, before)[..] else { panic!("one transaction is the move") };
    let last = numbers(&app, &format!("SELECT max(revision) AS number FROM child_events WHERE child_id = {child}"))[0];
    assert!(last < move_number, "a grade of the old subgroup came after the move: {last} > {move_number}");
    let hers = with(with(grade("new", "p1", "7"), "courseExternalId", "alg7b"), "lessonExternalId", Value::Null);
    assert_eq!(deliver(&app, &journal, school.id, "grades", &[hers]).await, ["created"]);
});

both!(what_is_said_of_a_pupil_is_of_a_day_she_was_in_the_course, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    let ended = membership("alg7", "alg7-p1", "2026-09-01", Some("2026-11-15"));
    let gone = membership("kaz7", "kaz7-p1", "2026-09-01", Some("2026-11-15"));
    deliver(&app, &journal, school.id, "enrolments", &[ended, gone]).await;
    let early = with(with(grade("early", "p1", "7"), "gradedOn", "2026-11-15"), "lessonExternalId", Value::Null);
    assert_eq!(deliver(&app, &journal, school.id, "grades", &[early]).await, ["created"], "her last day counts");
    let corrected = put(&app, &journal, school.id, "grades", &[grade("e1", "p1", "9")]).await;
    assert_eq!(outcomes(&corrected), ["updated"], "what is there is corrected");
    let note = with(again("attendance"), "externalId", "new");
    let noted = put(&app, &journal, school.id, "attendance", &[note]).await;
    assert_eq!(super::refusal(&noted), ("/items/0/studentExternalId", "not-in-course"));
});

both!(who_loses_a_child_reads_it_until_then_and_never_after, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let db = &app.state.db;
    let journal = school.journal(db, SCOPES);
    let mother = school.guardian(db, "g1").token;
    let path = format!("/v1/children/{}/diary", school.children[0].0);
    for _ in 0..5 {
        let taken = json!({"externalId": "g1", "firstName": "Айгүл", "lastName": "Омарова",
            "children": [{"studentExternalId": "p2", "relation": "mother"}]});
        let readers = join_all((0..6).map(|_| async {
            let mut seen = Vec::new();
            while seen.last() != Some(&404) {
                seen.push(app.get(&path, &mother).await.status);
            }
            seen
        }));
        let (seen, _) = join(readers, deliver(&app, &journal, school.id, "guardians", &[taken])).await;
        for statuses in &seen {
            let (last, before) = statuses.split_last().unwrap();
            assert!(*last == 404 && before.iter().all(|status| *status == 200), "{statuses:?}");
        }
        assert_eq!(app.get(&path, &mother).await.status, 404, "the end was answered: it is the end");
        let back = json!({"externalId": "g1", "firstName": "Айгүл", "lastName": "Омарова", "children":
            [{"studentExternalId": "p1", "relation": "mother"}, {"studentExternalId": "p2", "relation": "mother"}]});
        deliver(&app, &journal, school.id, "guardians", &[back]).await;
        assert_eq!(app.get(&path, &mother).await.status, 200);
    }
});
