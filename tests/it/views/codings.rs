//! Languages and codings: each has its own words, its own bytes, and its own strong tag.

use std::collections::BTreeSet;

use reqwest::header::{ACCEPT_ENCODING, ACCEPT_LANGUAGE, IF_NONE_MATCH};
use reqwest::{Client, Method};
use serde_json::json;
use support::app::{Answer, App};
use support::both;

use super::Family;
use crate::access::operations::all;
use crate::access::world::World;

impl Family {
    async fn in_language(&self, path: &str, language: &str) -> Answer {
        let request = self.app.request(Method::GET, path, &self.token).header(ACCEPT_LANGUAGE, language);
        Answer::of(request.send().await.unwrap()).await
    }

    /// The bytes as they travel.
    async fn coded(&self, path: &str, coding: &str, tag: &str) -> Answer {
        let client = client(false, false);
        let request = client.get(self.app.url(path)).bearer_auth(&self.token).header(ACCEPT_ENCODING, coding);
        let request = if tag.is_empty() { request } else { request.header(IF_NONE_MATCH, tag) };
        Answer::of(request.send().await.unwrap()).await
    }
}

/// A client that asks for these codings and unpacks them.
fn client(gzip: bool, brotli: bool) -> Client {
    Client::builder().no_proxy().gzip(gzip).brotli(brotli).build().unwrap()
}

both!(names_are_in_the_language_asked_for_and_tags_differ, async |app: App| {
    let family = Family::at(app);
    let path = family.path("schedule");
    let mut tags = BTreeSet::new();
    for (asked, subject) in [("kk", "Қазақ тілі"), ("ru", "Казахский язык"), ("en", "Kazakh")] {
        let answer = family.in_language(&path, asked).await;
        assert_eq!(answer.body["days"][0]["lessons"][1]["subject"]["name"], subject);
        assert_eq!(answer.header("vary"), "Accept-Language, Accept-Encoding");
        tags.insert(answer.header("etag").to_owned());
    }
    assert_eq!(tags.len(), 3);
    let best = family.in_language(&path, "de-AT, en-GB;q=0.7, ru-KZ;q=0.8").await;
    assert_eq!(best.body["days"][0]["lessons"][1]["subject"]["name"], "Казахский язык");
    let periods = family.in_language(&family.path("periods"), "en").await.body;
    assert_eq!(periods["items"][2]["name"], "Quarter 2");
    let children = family.in_language("/v1/children", "en").await.body;
    assert_eq!(children["items"][0]["currentPeriod"]["name"], "Quarter 2");
});

both!(without_a_language_the_accounts_own_is_spoken, async |app: App| {
    let family = Family::at(app);
    let path = family.path("schedule");
    let (silent, kazakh) = (family.see("schedule").await, family.in_language(&path, "kk").await);
    assert_eq!((silent.header("etag"), &silent.body), (kazakh.header("etag"), &kazakh.body));
    assert_eq!(family.in_language(&path, "de").await.body, kazakh.body);
    let changed = family.app.send(Method::PATCH, "/v1/me", &family.token, &json!({"language": "ru"})).await;
    assert_eq!(changed.body["language"], "ru");
    let russian = family.in_language(&path, "ru").await;
    assert_eq!(family.see("schedule").await.body, russian.body);
    assert_eq!(family.again(&path, silent.header("etag")).await.status, 200, "the old tag was of Kazakh");
});

both!(every_coding_carries_the_same_answer_under_a_tag_of_its_own, async |app: App| {
    let family = Family::at(app);
    let path = family.path("diary");
    let mut tags = BTreeSet::new();
    let plain = family.coded(&path, "identity", "").await;
    for (coding, client) in
        [("gzip", client(true, false)), ("br", client(false, true)), ("identity", client(false, false))]
    {
        let raw = family.coded(&path, coding, "").await;
        assert_eq!((raw.status, raw.header("content-encoding")), (200, coding));
        assert_eq!(raw.header("vary"), "Accept-Language, Accept-Encoding");
        assert_eq!(raw.header("cache-control"), "private, no-cache");
        assert_eq!(raw.bytes == plain.bytes, coding == "identity", "{coding} is what it says");
        let decoded = client.get(family.app.url(&path)).bearer_auth(&family.token).send().await.unwrap();
        let decoded = Answer::of(decoded).await;
        assert_eq!(decoded.bytes, plain.bytes, "{coding}");
        assert_eq!(decoded.header("etag"), raw.header("etag"), "{coding}");
        assert!(raw.header("etag").starts_with('"'), "a strong tag: {}", raw.header("etag"));
        tags.insert(raw.header("etag").to_owned());
    }
    assert_eq!(tags.len(), 3, "{tags:?}");
});

both!(a_tag_is_known_in_its_own_coding_only, async |app: App| {
    let family = Family::at(app);
    let path = family.path("diary");
    let codings = ["identity", "gzip", "br"];
    let mut tags = Vec::new();
    for coding in codings {
        tags.push(family.coded(&path, coding, "").await.header("etag").to_owned());
    }
    for (own, coding) in codings.iter().enumerate() {
        for (other, tag) in tags.iter().enumerate() {
            let answer = family.coded(&path, coding, tag).await;
            assert_eq!(answer.status, if own == other { 304 } else { 200 }, "{coding} with {tag}");
            assert_eq!(answer.header("etag"), tags[own]);
            assert_eq!(answer.header("vary"), "Accept-Language, Accept-Encoding");
            assert!(own != other || answer.bytes.is_empty());
        }
        let many = format!("\"old\", {}, \"older\"", tags.join(" , "));
        assert_eq!(family.coded(&path, coding, &many).await.status, 304, "one of several");
    }
});

both!(every_view_has_a_strong_tag_and_is_private, async |app: App| {
    let world = World::make(&app);
    let token = &world.guardian().token;
    let views: Vec<_> = all().into_iter().filter(|one| one.is_view() || one.id == "list_children").collect();
    assert!(views.len() >= 12);
    for view in views {
        let answer = view.call(&app.state.db, &world, world.bir.children[0]).send(&app, token).await;
        assert!(answer.header("etag").starts_with('"') && answer.header("etag").len() > 12, "{}", view.id);
        assert_eq!(answer.header("cache-control"), "private, no-cache", "{}", view.id);
        assert_eq!(answer.header("vary"), "Accept-Language, Accept-Encoding", "{}", view.id);
    }
});
