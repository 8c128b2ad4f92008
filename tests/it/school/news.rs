//! News: written by a journal or the office, read by the families it is for, when its time has come.

use chrono::Duration;
use domain::types::SchoolId;
use reqwest::Method;
use reqwest::header::IF_NONE_MATCH;
use serde_json::{Value, json};
use support::app::{Answer, App};
use support::both;

use super::{deliver, outcomes, put, refusal};
use crate::access::world::World;
use crate::school::deliveries::{again, gone, with};

fn news(number: &str, title: &str) -> Value {
    json!({"externalId": number, "title": {"ru": title}, "text": {"ru": "Первая строка.\nВторая."}})
}

fn of(world: &World, who: &str) -> String {
    world.principals.iter().find(|one| one.name == who).unwrap().who.token.clone()
}

async fn titles(app: &App, token: &str) -> Vec<String> {
    let answer = app.get("/v1/news", token).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let items = answer.body["items"].as_array().unwrap();
    items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

async fn tell(app: &App, world: &World, items: &[Value]) -> Vec<String> {
    deliver(app, &world.journal, world.bir.id, "news", items).await
}

both!(families_read_the_news_of_their_school_level_and_class_and_no_other, async |app: App| {
    let world = World::make(&app);
    let items = [
        news("n1", "для всех"),
        with(news("n2", "седьмым"), "level", 7),
        with(news("n3", "восьмым"), "level", 8),
        with(news("n4", "7 Ә"), "classGroupExternalId", "7a"),
    ];
    assert_eq!(tell(&app, &world, &items).await, ["created"; 4]);
    assert_eq!(
        outcomes(&put(&app, &world.other_journal, world.eki.id, "news", &[news("n1", "чужое")]).await),
        ["created"]
    );
    let mut seen = titles(&app, &of(&world, "guardian")).await;
    seen.sort();
    assert_eq!(seen, ["7 Ә", "Ата-аналар жиналысы", "для всех", "седьмым"]);
    assert_eq!(titles(&app, &of(&world, "student")).await.len(), 4, "a pupil reads it too");
    let mut seen = titles(&app, &of(&world, "guardian of another school")).await;
    seen.sort();
    assert_eq!(seen, ["Ата-аналар жиналысы", "чужое"]);
    assert!(titles(&app, &of(&world, "revoked guardian")).await.is_empty());
    assert!(titles(&app, &of(&world, "teacher")).await.is_empty());
    let item = app.get("/v1/news?limit=1", &of(&world, "guardian")).await.body["items"][0].clone();
    let siblings: Vec<i64> = world.bir.children.iter().map(|child| child.0).collect();
    assert_eq!((&item["audience"], &item["childIds"]), (&json!("class"), &json!(siblings)), "{item}");
    assert_eq!(item["text"], "Первая строка.\nВторая.");
    assert_eq!(item["school"], json!({"id": world.bir.id.0, "name": "bir мектебі"}));
});

both!(news_is_read_when_its_time_has_come, async |app: App| {
    let world = World::make(&app);
    let mother = of(&world, "guardian");
    let now = app.state.clock.now();
    let at = |hours: i64| format!("{:?}Z", now + Duration::hours(hours));
    let items = [
        with(news("past", "вчера"), "publishedAt", at(-24)),
        with(news("due", "сейчас"), "publishedAt", at(0)),
        with(news("future", "завтра"), "publishedAt", at(24)),
    ];
    tell(&app, &world, &items).await;
    let seen = titles(&app, &mother).await;
    assert!(seen.contains(&"сейчас".to_owned()) && !seen.contains(&"завтра".to_owned()), "{seen:?}");
    assert_eq!(seen.last().unwrap(), "вчера", "newest first");
});

both!(the_tag_of_the_news_moves_with_every_change_a_family_can_see, async |app: App| {
    let world = World::make(&app);
    let (mother, stranger) = (of(&world, "guardian"), of(&world, "guardian of another school"));
    let tag = async |token: &str| app.get("/v1/news", token).await.header("etag").to_owned();
    let (first, theirs) = (tag(&mother).await, tag(&stranger).await);
    let again_with = async |tag: &str| {
        let request = app.request(Method::GET, "/v1/news", &mother).header(IF_NONE_MATCH, tag);
        Answer::of(request.send().await.unwrap()).await.status
    };
    assert_eq!(again_with(&first).await, 304);
    tell(&app, &world, &[news("n1", "первая")]).await;
    let second = tag(&mother).await;
    assert_eq!((again_with(&first).await, again_with(&second).await), (200, 304));
    tell(&app, &world, &[news("n1", "исправленная")]).await;
    assert_eq!(again_with(&second).await, 200);
    assert_eq!(tell(&app, &world, &[gone("n1")]).await, ["deleted"]);
    assert_eq!(tag(&mother).await, first, "the list is as it was");
    assert_eq!(tag(&stranger).await, theirs);
});

both!(news_comes_in_pages_without_a_gap_or_a_double, async |app: App| {
    let world = World::make(&app);
    let mother = of(&world, "guardian");
    let items: Vec<Value> = (0..7).map(|place| news(&format!("n{place}"), &format!("{place}"))).collect();
    tell(&app, &world, &items).await;
    let (mut seen, mut path) = (Vec::new(), "/v1/news?limit=3".to_owned());
    loop {
        let body = app.get(&path, &mother).await.body;
        seen.extend(body["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap().to_owned()));
        let Some(cursor) = body["nextCursor"].as_str() else { break };
        path = format!("/v1/news?limit=3&cursor={cursor}");
        let foreign = app.get(&path, &of(&world, "stranger")).await;
        assert_eq!((foreign.status, foreign.problem()), (400, "bad-cursor"));
    }
    assert_eq!(seen.len(), 8);
    assert_eq!(seen, titles(&app, &mother).await);
    assert_eq!(app.get("/v1/news?limit=0", &mother).await.problem(), "validation-failed");
});

both!(news_that_cannot_be_taken_is_rejected_with_the_place_to_mend, async |app: App| {
    let world = World::make(&app);
    let flaw = async |item: Value| {
        let answer = put(&app, &world.journal, world.bir.id, "news", &[item]).await;
        let (pointer, code) = refusal(&answer);
        (pointer.to_owned(), code.to_owned())
    };
    let is = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
    let both = with(with(news("n1", "x"), "level", 7), "classGroupExternalId", "7a");
    assert_eq!(flaw(both).await, is("/items/0/level", "audience"));
    assert_eq!(flaw(with(news("n1", "x"), "level", 13)).await, is("/items/0/level", "range"));
    assert_eq!(
        flaw(with(news("n1", "x"), "classGroupExternalId", "9z")).await,
        is("/items/0/classGroupExternalId", "unknown-reference")
    );
    assert_eq!(flaw(with(news("n1", "x"), "title", json!({}))).await, is("/items/0/title", "required"));
    assert_eq!(
        flaw(with(news("n1", "x"), "text", json!({"kk": "a".repeat(10_001)}))).await,
        is("/items/0/text", "length")
    );
});

both!(a_class_that_news_is_for_stays_and_news_keeps_its_moment, async |app: App| {
    let world = World::make(&app);
    let school: SchoolId = world.bir.id;
    assert_eq!(deliver(&app, &world.journal, school, "class-groups", &[class("9a")]).await, ["created"]);
    tell(&app, &world, &[with(news("n1", "x"), "classGroupExternalId", "9a")]).await;
    let answer = put(&app, &world.journal, school, "class-groups", &[gone("9a")]).await;
    assert_eq!(refusal(&answer), ("/items/0/externalId", "in-use"));
    assert_eq!(tell(&app, &world, &[with(news("n1", "x"), "classGroupExternalId", "9a")]).await, ["unchanged"]);
    assert_eq!(tell(&app, &world, &[gone("n1")]).await, ["deleted"]);
    assert_eq!(deliver(&app, &world.journal, school, "class-groups", &[gone("9a")]).await, ["deleted"]);
});

fn class(number: &str) -> Value {
    with(with(again("class-groups"), "externalId", number), "name", "9 А")
}
