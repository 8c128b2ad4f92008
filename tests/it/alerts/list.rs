//! The list of everything an account was alerted of.

use std::time::Duration;

use domain::types::AlertKind;
use notifications::worker::Settings;
use reqwest::Method;
use reqwest::header::ACCEPT_LANGUAGE;
use serde_json::{Value, json};
use support::app::{Answer, App};
use support::both;

use super::post::{Post, homework, unavailable};
use super::preferences::choose;

impl Post {
    /// The mother's list as her app shows it, in Kazakh.
    async fn list(&self, query: &str) -> Answer {
        let path = format!("/v1/notifications{query}");
        let request = self.app.request(Method::GET, &path, &self.mother.token).header(ACCEPT_LANGUAGE, "kk");
        Answer::of(request.send().await.unwrap()).await
    }

    async fn read(&self, up_to: &Value) -> u16 {
        self.app.post("/v1/notifications/read", &self.mother.token, &json!({"upTo": up_to})).await.status
    }
}

fn titles(answer: &Answer) -> Vec<&str> {
    answer.body["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap()).collect()
}

both!(a_parent_reads_in_her_language_what_happened_whatever_became_of_the_push, async |app: App| {
    let post = Post::at(app).await;
    choose(&post.app, &post.mother.token, &json!({"privacy": "generic"})).await;
    post.always(Some(unavailable()));
    post.grade("e9", "4");
    post.run().await;
    assert_eq!(titles(&post.list("").await).len(), 0, "a teacher may still mend it");
    post.settle().await;
    let list = post.list("").await;
    assert_eq!((list.status, list.header("cache-control")), (200, "private, no-cache"));
    let item = &list.body["items"][0];
    assert_eq!(titles(&list), ["Жаңа баға: Алгебра"]);
    assert!(item["text"].as_str().unwrap().contains('4'), "{item}");
    assert_eq!(
        (&item["kind"], &item["change"], &item["read"]),
        (&json!("grade"), &json!("grade.created"), &json!(false))
    );
    assert_eq!(item["childId"], post.school.children[0].0);
    let grades = post.app.get(&format!("/v1/children/{}/grades", post.school.children[0].0), &post.mother.token).await;
    assert!(grades.body["items"].as_array().unwrap().iter().any(|grade| grade["id"] == item["entityId"]));
});

both!(what_was_read_stays_read_and_what_comes_after_is_not, async |app: App| {
    let post = Post::at(app).await;
    for (number, value) in [("e7", "3"), ("e8", "4")] {
        post.grade(number, value);
        post.settle().await;
    }
    let list = post.list("").await;
    assert_eq!((&list.body["unreadCount"], titles(&list).len()), (&json!(2), 2));
    assert_eq!(post.read(&list.body["items"][1]["id"]).await, 204);
    let list = post.list("").await;
    let read: Vec<bool> = list.body["items"].as_array().unwrap().iter().map(|item| item["read"] == true).collect();
    assert_eq!((read, &list.body["unreadCount"]), (vec![false, true], &json!(1)));
    assert_eq!(post.read(&list.body["items"][0]["id"]).await, 204);
    post.grade("e9", "5");
    post.settle().await;
    assert_eq!(post.list("").await.body["unreadCount"], 1);
    // Nobody reads for another one.
    let father = post.father().await;
    post.app.post("/v1/notifications/read", &father, &json!({"upTo": 999_999})).await;
    assert_eq!(post.list("").await.body["unreadCount"], 2, "that he may read as well is news to her");
});

both!(what_comes_into_the_list_later_than_what_was_read_is_unread, async |app: App| {
    let slowly = |settings: &mut Settings| {
        settings.settle_by.insert(AlertKind::Homework, Duration::from_secs(600));
    };
    let post = Post::with(app, slowly).await;
    post.put(&[homework("slow")]);
    post.run().await;
    post.grade("e9", "4");
    post.settle().await;
    let list = post.list("").await;
    assert_eq!(titles(&list), ["Жаңа баға: Алгебра"]);
    post.pass(Duration::from_secs(600)).await;
    assert_eq!(post.read(&list.body["items"][0]["id"]).await, 204);
    let list = post.list("").await;
    let kinds: Vec<&Value> = list.body["items"].as_array().unwrap().iter().map(|item| &item["kind"]).collect();
    assert_eq!(
        (kinds, &list.body["unreadCount"]),
        (vec![&json!("homework"), &json!("homework"), &json!("grade")], &json!(2))
    );
});

both!(pages_hold_together_and_belong_to_their_reader, async |app: App| {
    let post = Post::at(app).await;
    for at in 0..5 {
        post.grade(&format!("s{at}"), &(at + 1).to_string());
        post.pass(Duration::from_secs(61)).await;
    }
    post.settle().await;
    let whole: Vec<Value> = post.list("").await.body["items"].as_array().unwrap().clone();
    assert_eq!(whole.len(), 5);
    let (mut paged, mut query) = (Vec::new(), "?limit=2".to_owned());
    loop {
        let page = post.list(&query).await;
        paged.extend(page.body["items"].as_array().unwrap().clone());
        let Some(next) = page.body["nextCursor"].as_str() else { break };
        query = format!("?limit=2&cursor={next}");
    }
    assert_eq!(paged, whole);
    let father = post.father().await;
    let cursor = post.list("?limit=2").await.body["nextCursor"].as_str().unwrap().to_owned();
    let foreign = post.app.get(&format!("/v1/notifications?cursor={cursor}"), &father).await;
    assert_eq!((foreign.status, foreign.problem()), (400, "bad-cursor"));
    for limit in [0, 101] {
        assert_eq!(post.list(&format!("?limit={limit}")).await.problem(), "validation-failed");
    }
});
