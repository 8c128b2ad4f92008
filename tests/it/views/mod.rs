//! The reads: what a family sees, how it changes, and what a second look costs.

mod caching;
mod codings;
mod days;
mod grades;
mod homework;
mod shapes;

use domain::db::Db;
use domain::invitations::Invited;
use domain::types::Role;
use reqwest::Method;
use reqwest::header::IF_NONE_MATCH;
use serde_json::{Value, json};
use support::app::{Answer, App};
use support::both;
use support::school::School;

/// A school, a mother (`g1`) of two of its children signed in, and the server that asks for them.
struct Family {
    app: App,
    school: School,
    token: String,
}

impl Family {
    fn at(app: App) -> Self {
        let school = School::make(&app.state.db, "bir");
        let token = school.guardian(&app.state.db, "g1").token;
        Self { app, school, token }
    }

    fn db(&self) -> &Db {
        &self.app.state.db
    }

    fn path(&self, view: &str) -> String {
        format!("/v1/children/{}/{view}", self.school.children[0].0)
    }

    fn path_of_sibling(&self, view: &str) -> String {
        format!("/v1/children/{}/{view}", self.school.children[1].0)
    }

    /// A view of the first child, which must be there.
    async fn see(&self, view: &str) -> Answer {
        self.see_at(&self.path(view)).await
    }

    async fn see_at(&self, path: &str) -> Answer {
        let answer = self.app.get(path, &self.token).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer
    }

    async fn tag_of(&self, path: &str) -> String {
        self.see_at(path).await.header("etag").to_owned()
    }

    /// Asks again with a tag.
    async fn again(&self, path: &str, tag: &str) -> Answer {
        let request = self.app.request(Method::GET, path, &self.token).header(IF_NONE_MATCH, tag);
        Answer::of(request.send().await.unwrap()).await
    }
}

/// One field of every item.
fn each<'a>(body: &'a Value, field: &str) -> Vec<&'a Value> {
    body["items"].as_array().unwrap().iter().map(|item| &item[field]).collect()
}

both!(a_student_reads_its_own_diary, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let student = school.account(&app.state.db, &Invited::Student("p2".to_owned()));
    let children = app.get("/v1/children", &student.token).await.body;
    assert_eq!(each(&children, "id"), [&json!(school.children[1].0)]);
    assert_eq!(each(&children, "relation"), ["self"]);
    let grades = app.get(&format!("/v1/children/{}/grades", school.children[1].0), &student.token).await.body;
    assert_eq!(each(&grades, "value"), ["3"]);
    assert_eq!(app.get("/v1/me", &student.token).await.body["role"], "student");
});

both!(staff_have_no_children, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    for (number, role, word) in [("t1", Role::Teacher, "teacher"), ("a1", Role::SchoolAdmin, "school-admin")] {
        let staff = school.account(&app.state.db, &Invited::Staff(number.to_owned(), role));
        let children = app.get("/v1/children", &staff.token).await;
        assert_eq!((children.status, children.body), (200, json!({"items": [], "nextCursor": null})));
        assert_eq!(app.get("/v1/me", &staff.token).await.body["role"], word);
    }
});

both!(a_family_sees_its_children_with_school_class_and_period, async |app: App| {
    let family = Family::at(app);
    let children = family.see_at("/v1/children").await.body;
    assert_eq!(each(&children, "firstName"), ["Әсел", "Дана"]);
    for child in children["items"].as_array().unwrap() {
        assert_eq!(child["relation"], "mother");
        assert_eq!(child["school"]["timeZone"], "Asia/Almaty");
        assert_eq!(child["classGroup"]["name"], "7 Ә");
        assert_eq!(child["currentPeriod"]["name"], "2 тоқсан");
    }
});
