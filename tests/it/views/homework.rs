//! Homework: the family's tick, and what is overdue.

use reqwest::Method;
use serde_json::{Value, json};
use support::app::{Answer, App};
use support::both;

use super::{Family, each};
use crate::access::world::{homework, only};

impl Family {
    async fn tick(&self, token: &str, id: &Value, key: &str, done: bool) -> Answer {
        let path = self.path_of_sibling(&format!("homework/{id}/done"));
        let request = self.app.request(Method::PUT, &path, token).json(&json!({"done": done}));
        let request = if key.is_empty() { request } else { request.header("idempotency-key", key) };
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer
    }
}

both!(a_tick_counts_once_and_the_whole_family_sees_it, async |app: App| {
    let family = Family::at(app);
    let father = family.school.guardian(family.db(), "g2").token;
    let (path, other) = (family.path_of_sibling("homework"), family.path("homework"));
    let list = family.see_at(&path).await.body;
    assert_eq!(each(&list, "done"), [false, false]);
    let id = list["items"][0]["id"].clone();
    let (untouched, before) = (family.tag_of(&other).await, family.tag_of(&path).await);

    let ticked = family.tick(&family.token, &id, "", true).await.body;
    assert_eq!((&ticked["id"], &ticked["done"]), (&id, &json!(true)));
    let after = family.tag_of(&path).await;
    assert_ne!(after, before);
    assert_eq!(family.tick(&family.token, &id, "", true).await.body, ticked);
    assert_eq!(family.tick(&father, &id, "", true).await.body, ticked);
    assert_eq!(family.tag_of(&path).await, after, "the counter moved once");
    assert_eq!(family.tag_of(&other).await, untouched, "the sibling's diary did not change");

    let seen = family.app.get(&path, &father).await.body;
    assert_eq!(each(&seen, "done"), [true, false]);
    let diary = family.see_at(&family.path_of_sibling("diary")).await.body;
    assert_eq!(diary["days"][2]["lessons"][0]["homework"][0]["done"], true);

    assert_eq!(family.tick(&father, &id, "", false).await.body["done"], false);
    assert_eq!(each(&family.see_at(&path).await.body, "done"), [false, false]);
    assert_ne!(family.tag_of(&path).await, after);
});

both!(a_tick_sent_twice_with_one_key_has_one_effect_and_one_answer, async |app: App| {
    let family = Family::at(app);
    let id = family.see_at(&family.path_of_sibling("homework")).await.body["items"][0]["id"].clone();
    let first = family.tick(&family.token, &id, "one", true).await;
    family.tick(&family.token, &id, "two", false).await;
    let replayed = family.tick(&family.token, &id, "one", true).await;
    assert_eq!(replayed.bytes, first.bytes);
    let list = family.see_at(&family.path_of_sibling("homework")).await.body;
    assert_eq!(each(&list, "done"), [false, false], "the repetition did not tick again");
});

both!(what_is_overdue_stays_listed_until_it_is_done_or_old, async |app: App| {
    let family = Family::at(app);
    let due = |number: &str, assigned: &str, due: &str| domain::intake::Homework {
        assigned_on: assigned.parse().unwrap(),
        ..homework(number, "alg7", None, due)
    };
    let overdue = only(&family.school.put(family.db(), &[due("h3", "2026-11-05", "2026-11-10")]));
    let edge = only(&family.school.put(family.db(), &[due("h4", "2026-10-01", "2026-10-19")]));
    family.school.put(family.db(), &[due("h5", "2026-10-01", "2026-10-18"), due("h6", "2026-11-20", "2026-11-23")]);
    let list = async |query: &str| {
        let body = family.see_at(&family.path_of_sibling(&format!("homework{query}"))).await.body;
        each(&body, "dueOn").into_iter().map(|day| day.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(list("").await, ["2026-10-19", "2026-11-10", "2026-11-18", "2026-11-20"]);
    for id in [overdue, edge] {
        family.tick(&family.token, &json!(id), "", true).await;
    }
    assert_eq!(list("").await, ["2026-11-18", "2026-11-20"], "done and overdue is history");
    assert_eq!(list("?from=2026-11-09&to=2026-11-15").await, ["2026-10-18", "2026-11-10"], "in its own week it stays");
    assert_eq!(list("?from=2026-11-09&to=2026-11-22&done=true").await, ["2026-11-10"]);
    assert_eq!(list("?done=false").await, ["2026-11-18", "2026-11-20"]);
    assert_eq!(list("?done=true").await, Vec::<String>::new());
});

both!(homework_without_a_lesson_hangs_on_its_day, async |app: App| {
    let family = Family::at(app);
    let days = family.see("diary").await.body["days"].clone();
    assert_eq!(days[2]["lessons"][0]["homework"][0]["dueOn"], "2026-11-18");
    assert_eq!(days[2]["homework"], json!([]));
    assert_eq!(days[4]["homework"][0]["dueOn"], "2026-11-20");
    assert_eq!(days[4]["homework"][0]["lessonId"], Value::Null);
});
