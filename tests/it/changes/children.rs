//! The account's own list of children: who comes, who goes, and that nothing comes after.

use domain::invitations::Invited;
use serde_json::{Value, json};
use support::app::App;
use support::both;
use support::school::School;

use super::{Phone, cursor_of_now, kind, walk};
use crate::access::world::guardian;

both!(a_child_that_is_taken_away_is_told_and_nothing_of_it_after, async |app: App| {
    let mut phone = Phone::at(app).await;
    let (first, second) = (phone.first(), phone.second());
    phone.school.put(phone.db(), &[phone.school.grade("e8", "p1", "4")]);
    phone.school.put(phone.db(), &[guardian("g1", &["p2"])]);
    phone.school.put(phone.db(), &[phone.school.grade("e9", "p1", "5"), phone.school.grade("e7", "p2", "6")]);
    let items = phone.catch_up().await;
    assert_eq!(items.len(), 2, "{items:?}");
    assert_eq!((&items[0]["kind"], &items[0]["childId"]), (&json!("child.removed"), &json!(first)));
    assert_eq!((&items[0]["entity"], &items[0]["at"]), (&Value::Null, &json!("2026-11-18T07:00:00Z")));
    assert_eq!((&items[1]["kind"], &items[1]["childId"]), (&json!("grade.created"), &json!(second)));
    phone.school.put(phone.db(), &[phone.school.grade("e9", "p1", "3")]);
    assert_eq!(phone.kinds().await, []);
});

both!(a_child_that_comes_is_told_as_the_list_has_it, async |app: App| {
    let mut phone = Phone::at(app).await;
    let other = School::make(phone.db(), "eki");
    let code = other.invite(phone.db(), &Invited::Guardian("g2".to_owned()));
    let linked = phone.app.post(&format!("/v1/invitations/{code}/link"), &phone.token, &json!(null)).await;
    assert_eq!(linked.status, 200);
    let child = other.children[1].0;
    let items = phone.catch_up().await;
    let list = phone.app.get("/v1/children", &phone.token).await.body;
    assert_eq!((items.len(), &items[0]["kind"], &items[0]["childId"]), (1, &json!("child.added"), &json!(child)));
    assert_eq!((&items[0]["entity"], &items[0]["at"]), (&list["items"][2], &json!("2026-11-18T07:00:00Z")));
    other.put(phone.db(), &[other.grade("e9", "p2", "9")]);
    assert_eq!(phone.kinds().await, [kind("grade.created", child)]);
});

both!(a_guardianship_given_back_between_two_looks_loses_nothing, async |app: App| {
    let mut phone = Phone::at(app).await;
    phone.school.put(phone.db(), &[guardian("g1", &["p2"])]);
    phone.school.put(phone.db(), &[phone.school.grade("e9", "p1", "5")]);
    phone.school.put(phone.db(), &[guardian("g1", &["p1", "p2"])]);
    assert_eq!(phone.kinds().await, [kind("grade.created", phone.first())]);
});

both!(one_parent_learns_nothing_of_the_other, async |app: App| {
    let mut phone = Phone::at(app).await;
    let father = phone.school.guardian(phone.db(), "g2").token;
    phone.school.put(phone.db(), &[guardian("g2", &[])]);
    phone.school.put(phone.db(), &[guardian("g2", &["p1", "p2"])]);
    assert_eq!(phone.kinds().await, [], "the mother's phone hears nothing of who else reads");
    let cursor = cursor_of_now(&phone.app, &father).await;
    phone.school.put(phone.db(), &[phone.school.grade("e9", "p1", "5")]);
    let (items, _) = walk(&phone.app, &father, &cursor, 50).await;
    assert_eq!(items[0]["entity"]["value"], "5");
    let foreign = phone.app.get(&format!("/v1/changes?after={}", phone.cursor), &father).await;
    assert_eq!((foreign.status, foreign.problem()), (400, "bad-cursor"));
});

both!(a_student_hears_of_itself_and_staff_of_nobody, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let student = school.account(&app.state.db, &Invited::Student("p2".to_owned())).token;
    let teacher = school.account(&app.state.db, &Invited::Staff("t1".to_owned(), domain::types::Role::Teacher)).token;
    let (own, none) = (cursor_of_now(&app, &student).await, cursor_of_now(&app, &teacher).await);
    school.put(&app.state.db, &[school.grade("e8", "p1", "5"), school.grade("e9", "p2", "6")]);
    let (items, _) = walk(&app, &student, &own, 50).await;
    let values: Vec<&Value> = items.iter().map(|item| &item["entity"]["value"]).collect();
    assert_eq!(values, ["6"]);
    assert_eq!(walk(&app, &teacher, &none, 50).await.0, Vec::<Value>::new());
});
