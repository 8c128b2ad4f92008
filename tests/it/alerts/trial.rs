//! What an owner can do herself: try her phone, end letters with one click, be told of sign-ins.

use std::time::Duration;

use domain::alerts::facts::{AccountNews, Facts};
use notifications::channel::Outcome;
use reqwest::Method;
use serde_json::{Value, json};
use support::app::{Answer, App};
use support::both;
use support::database::Kind;
use support::school::PASSWORD;

use super::devices::{PHONE, TABLET};
use super::post::{Post, TOKEN, local};

impl Post {
    /// Asks for a trial while a worker is there.
    async fn trial(&self) -> Answer {
        let path = format!("/v1/devices/{PHONE}/test");
        let asked = self.app.post(&path, &self.mother.token, &Value::Null);
        let work = async {
            while self.run().await == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::join!(asked, work).0
    }
}

both!(a_trial_reaches_the_phone_and_says_so, async |app: App| {
    let post = Post::at(app).await;
    // At night as well: its owner is awake.
    let night = (local(23) - post.now()).to_std().unwrap();
    post.pass(night).await;
    let answer = post.trial().await;
    assert_eq!((answer.status, &answer.body), (200, &json!({"state": "accepted", "reason": null})));
    let taken = post.taken();
    assert_eq!((taken.len(), &taken[0].message.facts, taken[0].to.as_str()), (1, &Facts::Test, TOKEN));
    assert_eq!(post.inbox().0.len(), 0, "a trial is no news");
    post.answers(Outcome::Rejected { reason: "payload" });
    assert_eq!(post.trial().await.body, json!({"state": "dead-letter", "reason": "payload"}));
    let foreign = post.app.post(&format!("/v1/devices/{TABLET}/test"), &post.mother.token, &Value::Null).await;
    assert_eq!(foreign.status, 404);
});

both!(one_click_ends_letters_and_the_owner_can_take_it_back, async |app: App| {
    let post = Post::at(app).await;
    let father = post.father().await;
    post.app.send(Method::PATCH, "/v1/me", &father, &json!({"email": "f@example.kz"})).await;
    post.put(&[post.school.grade("e9", "p2", "4")]);
    post.settle().await;
    let letter = post.taken().into_iter().find(|one| one.to == "f@example.kz").unwrap();
    let path = format!("/v1/unsubscribe/{}", letter.unsubscribe.unwrap());
    let shown = async || post.app.get("/v1/notification-preferences", &father).await.body["letters"].clone();
    assert_eq!(shown().await, true);
    for _ in 0..2 {
        assert_eq!(post.app.post(&path, "", &Value::Null).await.status, 204);
        assert_eq!(shown().await, false);
    }
    post.put(&[post.school.grade("e8", "p2", "4")]);
    post.settle().await;
    assert!(post.taken().iter().all(|one| one.to != "f@example.kz"));
    let back = post.app.send(Method::PATCH, "/v1/notification-preferences", &father, &json!({"letters": true})).await;
    assert_eq!(back.body["letters"], true);
    post.put(&[post.school.grade("e7", "p2", "4")]);
    post.settle().await;
    assert!(post.taken().iter().any(|one| one.to == "f@example.kz"));
});

/// The page at the address of a letter, as somebody with this `Accept-Language` reads it, asked for or after her press.
async fn page(post: &Post, method: Method, path: &str, language: &str) -> String {
    let pressed = if method == Method::POST { "page=1" } else { "" };
    let request = post.app.request(method, path, "").header("accept-language", language).header("origin", "null");
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(pressed);
    let page = Answer::of(request.send().await.unwrap()).await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"), "{page:?}");
    assert_eq!((page.header("x-robots-tag"), page.header("cache-control")), ("noindex", "no-store"));
    String::from_utf8(page.bytes.clone()).unwrap()
}

both!(whoever_follows_the_link_is_asked_first_and_told_after_how_to_get_letters_back, async |kind: Kind| {
    let post =
        Post::at(App::start(kind, |config| config.http.origins = vec!["https://diary.example".to_owned()])).await;
    let father = post.father().await;
    post.app.send(Method::PATCH, "/v1/me", &father, &json!({"email": "f@example.kz", "language": "ru"})).await;
    post.put(&[post.school.grade("e9", "p2", "4")]);
    post.settle().await;
    let letter = post.taken().into_iter().find(|one| one.to == "f@example.kz").unwrap();
    let path = format!("/v1/unsubscribe/{}", letter.unsubscribe.unwrap());
    let shown = async || post.app.get("/v1/notification-preferences", &father).await.body["letters"].clone();
    for (language, question) in [
        ("kk", "Күнделік хаттарын тоқтату керек пе?"),
        ("de", "Отключить письма дневника?"),
        ("en", "Stop e-mails from the diary?"),
    ] {
        let asked = page(&post, Method::GET, &path, language).await;
        assert!(asked.contains(question) && asked.contains("<form method=post>"), "{asked}");
        assert!(asked.contains("name=page value=1"), "{asked}");
    }
    assert_eq!(shown().await, true, "a look ends nothing");
    for (language, told) in [
        ("kk", "хабарландыру баптауларында қосыңыз"),
        ("de", "Чтобы снова получать письма"),
        ("en", "To get e-mails again"),
    ] {
        let done = page(&post, Method::POST, &path, language).await;
        assert!(done.contains(told) && !done.contains("<form"), "{done}");
    }
    assert_eq!(shown().await, false);
});

both!(a_sign_in_is_told_to_who_is_signed_in_already_whatever_the_hour, async |app: App| {
    let post = Post::at(app).await;
    post.pass((local(23) - post.now()).to_std().unwrap()).await;
    post.app.sign_in(&post.mother.login, PASSWORD).await;
    post.run().await;
    let taken = post.taken();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].message.facts, Facts::Account(AccountNews::SignedIn));
    assert_eq!(post.inbox().0.len(), 1);
});
