//! What a journal delivers or takes back, a phone learns from its change feed.

use serde_json::{Value, json};
use support::app::App;
use support::both;
use support::school::School;

use super::deliveries::{again, gone, grade, with};
use super::{SCOPES, deliver};

/// Kinds of all changes since the cursor, and the next cursor.
async fn changes(app: &App, token: &str, after: &str) -> (Vec<String>, String) {
    let answer = app.get(&format!("/v1/changes?limit=100&after={after}"), token).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let kinds = answer.body["items"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap().to_owned());
    (kinds.collect(), answer.body["nextCursor"].as_str().unwrap().to_owned())
}

async fn now(app: &App, token: &str) -> String {
    app.get("/v1/changes", token).await.body["nextCursor"].as_str().unwrap().to_owned()
}

both!(a_phone_learns_what_a_journal_delivers_and_takes_back, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    let student = domain::invitations::Invited::Student("p1".to_owned());
    let phone = school.account(&app.state.db, &student).token;
    let mut cursor = now(&app, &phone).await;
    let steps: Vec<(&str, Value, &[&str])> = vec![
        ("grades", grade("n9", "p1", "7"), &["grade.created"]),
        ("grades", grade("n9", "p1", "8"), &["grade.changed"]),
        ("grades", grade("n9", "p1", "8"), &[]),
        ("grades", grade("n8", "p2", "8"), &[]),
        ("grades", gone("n9"), &["grade.removed"]),
        ("homework", with(again("homework"), "text", "№ 216"), &["homework.changed"]),
        ("homework", gone("h2"), &["homework.removed"]),
        ("attendance", gone("n1"), &["attendance.removed"]),
        ("lessons", with(again("lessons"), "room", "301"), &["lesson.changed"]),
        ("assessments", gone("w1"), &["assessment.removed"]),
        ("period-grades", gone("q1"), &["period-grade.removed"]),
    ];
    for (collection, item, told) in steps {
        deliver(&app, &journal, school.id, collection, std::slice::from_ref(&item)).await;
        let (kinds, next) = changes(&app, &phone, &cursor).await;
        assert_eq!(kinds, told, "{collection} {item}");
        cursor = next;
    }
});

both!(a_guardian_taken_back_learns_that_the_child_is_gone_and_nothing_after, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    let father = school.guardian(&app.state.db, "g2").token;
    let cursor = now(&app, &father).await;
    deliver(&app, &journal, school.id, "guardians", &[gone("g2")]).await;
    deliver(&app, &journal, school.id, "grades", &[grade("n9", "p2", "7")]).await;
    let answer = app.get(&format!("/v1/changes?after={cursor}"), &father).await.body;
    let items = answer["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{answer}");
    assert_eq!((&items[0]["kind"], &items[0]["childId"]), (&json!("child.removed"), &json!(school.children[1].0)));
});
