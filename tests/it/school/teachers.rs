//! A teacher with an account writes for the courses she teaches, and nothing else.

use domain::invitations::Invited;
use domain::types::Role;
use serde_json::json;
use support::app::App;
use support::both;
use support::school::School;

use super::deliveries::{again, gone, grade, with};
use super::{SCOPES, deliver, put, refusal};

/// The school, a token of the teacher `t2` of course `kaz7`, and one of the journal.
async fn scene(app: &App) -> (School, String, String) {
    let db = &app.state.db;
    let school = School::make(db, "bir");
    let journal = school.journal(db, SCOPES);
    let teacher = json!({"externalId": "t2", "firstName": "Марат", "lastName": "Сапаров"});
    deliver(app, &journal, school.id, "staff", &[teacher]).await;
    let course = with(with(again("courses"), "externalId", "kaz7"), "subjectExternalId", "kaz");
    let course = with(with(course, "name", "kaz 7 Ә"), "teacherExternalId", "t2");
    deliver(app, &journal, school.id, "courses", &[course]).await;
    let token = school.account(db, &Invited::Staff("t2".to_owned(), Role::Teacher)).token;
    (school, token, journal)
}

both!(a_teacher_writes_for_her_own_courses, async |app: App| {
    let (school, teacher, _) = scene(&app).await;
    let own = with(with(grade("own", "p1", "7"), "courseExternalId", "kaz7"), "lessonExternalId", "l2");
    assert_eq!(deliver(&app, &teacher, school.id, "grades", std::slice::from_ref(&own)).await, ["created"]);
    let note = with(again("attendance"), "minutesLate", 9);
    assert_eq!(deliver(&app, &teacher, school.id, "attendance", &[note]).await, ["updated"], "l2 is hers");
    let homework = with(with(again("homework"), "externalId", "own"), "courseExternalId", "kaz7");
    assert_eq!(deliver(&app, &teacher, school.id, "homework", &[homework]).await, ["created"]);
    let mother = school.guardian(&app.state.db, "g1").token;
    let child = school.children[0].0;
    let grades = app.get(&format!("/v1/children/{child}/grades"), &mother).await.body;
    let hers = grades["items"].as_array().unwrap().iter().find(|one| one["value"] == "7").unwrap().clone();
    let history = app.get(&format!("/v1/children/{child}/grades/{}/history", hers["id"]), &mother).await.body;
    assert_eq!(history["items"][0]["by"], "Сапаров Марат", "the history names her");
    assert_eq!(deliver(&app, &teacher, school.id, "grades", &[gone("own")]).await, ["deleted"]);
});

both!(another_teachers_courses_are_not_hers, async |app: App| {
    let (school, teacher, journal) = scene(&app).await;
    // To another's course: as if it were not there.
    for (collection, pointer) in [
        ("lessons", "/items/0/courseExternalId"),
        ("assessments", "/items/0/courseExternalId"),
        ("homework", "/items/0/courseExternalId"),
        ("grades", "/items/0/courseExternalId"),
    ] {
        let new = with(again(collection), "externalId", "new");
        assert_eq!(refusal(&put(&app, &teacher, school.id, collection, &[new]).await), (pointer, "unknown-reference"));
    }
    let note = with(with(again("attendance"), "externalId", "new"), "lessonExternalId", "l1");
    let answer = put(&app, &teacher, school.id, "attendance", &[note]).await;
    assert_eq!(refusal(&answer), ("/items/0/lessonExternalId", "unknown-reference"));
    // What hangs on another's course is neither pulled over nor taken back.
    let pulled = with(with(grade("e1", "p1", "2"), "courseExternalId", "kaz7"), "lessonExternalId", "l2");
    for item in [pulled, gone("e1")] {
        let answer = put(&app, &teacher, school.id, "grades", &[item]).await;
        assert_eq!(refusal(&answer), ("/items/0/externalId", "not-yours"));
    }
    for (collection, number) in [("lessons", "l1"), ("homework", "h1"), ("assessments", "w1")] {
        let answer = put(&app, &teacher, school.id, collection, &[gone(number)]).await;
        assert_eq!(refusal(&answer), ("/items/0/externalId", "not-yours"), "{collection}");
    }
    assert_eq!(deliver(&app, &journal, school.id, "grades", &[grade("e1", "p1", "8")]).await, ["unchanged"]);
});

both!(a_course_given_to_another_teacher_is_not_hers_from_the_next_request_on, async |app: App| {
    let (school, teacher, journal) = scene(&app).await;
    let own = with(with(grade("own", "p1", "7"), "courseExternalId", "kaz7"), "lessonExternalId", "l2");
    deliver(&app, &teacher, school.id, "grades", std::slice::from_ref(&own)).await;
    let course = with(with(again("courses"), "externalId", "kaz7"), "subjectExternalId", "kaz");
    deliver(&app, &journal, school.id, "courses", &[course]).await;
    let answer = put(&app, &teacher, school.id, "grades", &[with(own, "value", "10")]).await;
    assert_eq!(refusal(&answer), ("/items/0/courseExternalId", "unknown-reference"));
});
