//! News of the school, and who else may read a child's diary.

use std::time::Duration;

use chrono::NaiveDateTime;
use domain::alerts::facts::{AccountNews, Detail, Facts};
use domain::intake;
use domain::types::{AlertKind, Language, Names};
use reqwest::Method;
use serde_json::{Value, json};
use support::app::App;
use support::both;

use super::devices::{TABLET, register};
use super::post::{Post, Sent, TOKEN};
use super::preferences::choose;
use crate::school::deliver;
use crate::storage::number;

pub fn piece(id: &str, title: &str, class: Option<&str>, published_at: Option<NaiveDateTime>) -> intake::News {
    intake::News {
        external_id: id.to_owned(),
        level: None,
        class_group: class.map(str::to_owned),
        title: Names::same(title),
        text: Names::same("All of it."),
        published_at,
    }
}

fn title(sent: &Sent) -> &str {
    let Facts::Thing(thing) = &sent.message.facts else { panic!("{:?}", sent.message.facts) };
    let Some(Detail::News { title }) = &thing.detail else { panic!("{thing:?}") };
    title
}

both!(news_is_told_once_to_each_account_however_many_of_its_children_it_is_for, async |app: App| {
    let post = Post::at(app).await;
    let father = post.father().await;
    register(&post.app, &father, TABLET, "fathers-tablet").await;
    choose(&post.app, &father, &json!({"privacy": "subject"})).await;
    post.put(&[piece("n1", "Olympiad", None, None)]);
    post.run().await;
    assert_eq!(post.taken().len(), 0, "the school may still mend it");
    post.settle().await;
    let mut taken = post.taken();
    taken.sort_by(|one, other| one.to.cmp(&other.to));
    assert_eq!(taken.iter().map(|one| one.to.as_str()).collect::<Vec<_>>(), ["fathers-tablet", TOKEN]);
    assert_eq!(title(&taken[1]), "Olympiad");
    let Facts::Thing(thing) = &taken[0].message.facts else { panic!("{:?}", taken[0].message.facts) };
    assert_eq!((thing.kind, &thing.detail), (AlertKind::News, &None), "a title is for those who want to know all");
    post.settle().await;
    assert_eq!((post.taken().len(), post.open()), (0, 0));
});

both!(news_of_a_class_is_told_to_its_families_alone, async |app: App| {
    let post = Post::at(app).await;
    post.put(&[intake::ClassGroup {
        external_id: "8a".to_owned(),
        school_year: 2026,
        level: Some(8),
        name: "8 A".to_owned(),
        shift: 1,
        language: Language::Kk,
        homeroom_teacher: None,
    }]);
    post.put(&[piece("n1", "Not for us", Some("8a"), None), piece("n2", "For us", Some("7a"), None)]);
    post.put(&[intake::News { level: Some(8), ..piece("n3", "Not for us either", None, None) }]);
    post.put(&[intake::News { level: Some(7), ..piece("n4", "For the sevens", None, None) }]);
    post.settle().await;
    let taken = post.taken();
    assert_eq!(taken.iter().map(title).collect::<Vec<_>>(), ["For us", "For the sevens"]);
});

both!(news_is_told_when_it_is_published_and_with_its_last_words, async |app: App| {
    let post = Post::at(app).await;
    let noon = post.now() + chrono::Duration::hours(2);
    post.put(&[piece("n1", "Olmpiad", None, Some(noon))]);
    post.settle().await;
    assert_eq!((post.taken().len(), post.inbox().1), (0, 0), "nobody reads it before");
    post.put(&[piece("n1", "Olympiad", None, Some(noon))]);
    post.pass(Duration::from_secs(2 * 3600)).await;
    post.settle().await;
    assert_eq!(post.taken().iter().map(title).collect::<Vec<_>>(), ["Olympiad"]);
    post.put(&[piece("n1", "Olympiad of physics", None, Some(noon))]);
    post.settle().await;
    assert_eq!(post.taken().len(), 0, "other words ring nobody up again");
    assert_eq!(post.inbox().1, 1);
    let list = post.app.get("/v1/notifications", &post.mother.token).await.body;
    assert_eq!(list["items"][0]["text"], "Olympiad of physics", "{list}");
    assert_eq!((&list["items"][0]["kind"], &list["items"][0]["change"]), (&json!("news"), &Value::Null));
    let news = post.app.get("/v1/news", &post.mother.token).await.body;
    assert_eq!(list["items"][0]["entityId"], news["items"][0]["id"], "{list} {news}");
});

both!(news_of_a_first_delivery_and_news_withdrawn_ring_nobody, async |app: App| {
    let post = Post::at(app).await;
    let journal = post.school.journal_at(post.db(), "news", post.now());
    let writer = intake::Writer { baseline: true, ..post.school.writer(post.now()) };
    intake::put(post.db(), writer, &[piece("old", "Of last year", None, None)]).unwrap();
    let item = json!({"externalId": "n1", "title": {"en": "A slip"}, "text": {"en": "Of the pen."}});
    assert_eq!(deliver(&post.app, &journal, post.school.id, "news", std::slice::from_ref(&item)).await, ["created"]);
    let gone = json!({"externalId": "n1", "deleted": true});
    assert_eq!(deliver(&post.app, &journal, post.school.id, "news", std::slice::from_ref(&gone)).await, ["deleted"]);
    post.settle().await;
    assert_eq!((post.taken().len(), post.count("id > 0")), (0, 0));
    // Planned in quiet hours, withdrawn before they end.
    choose(&post.app, &post.mother.token, &json!({"quietHours": {"from": "00:00", "to": "20:00"}})).await;
    deliver(&post.app, &journal, post.school.id, "news", &[item]).await;
    post.settle().await;
    assert_eq!((post.open(), post.inbox().1), (1, 1));
    deliver(&post.app, &journal, post.school.id, "news", &[gone]).await;
    assert_eq!(post.inbox().1, 0, "the list does not keep what is withdrawn");
    post.pass(Duration::from_secs(9 * 3600)).await;
    assert_eq!((post.taken().len(), post.open(), post.count("reason = 'withdrawn'")), (0, 0, 1));
});

both!(whoever_switched_news_off_still_finds_it_in_the_list, async |app: App| {
    let post = Post::at(app).await;
    let off = |child: usize| json!({"childId": post.school.children[child].0, "kinds": {"news": {"push": false}}});
    choose(&post.app, &post.mother.token, &json!({"children": [off(0)]})).await;
    post.put(&[piece("n1", "One", None, None)]);
    post.settle().await;
    assert_eq!(post.taken().len(), 1, "for her second child she wants to hear of it");
    choose(&post.app, &post.mother.token, &json!({"children": [off(0), off(1)]})).await;
    post.put(&[piece("n2", "Two", None, None)]);
    post.settle().await;
    assert_eq!((post.taken().len(), post.count("reason = 'switched-off'"), post.inbox().1), (0, 1, 2));
});

both!(news_for_many_families_is_told_step_by_step_and_to_each_once, async |app: App| {
    let post = Post::at(app).await;
    let many = 430;
    post.crowd(many);
    post.put(&[piece("n1", "Olympiad", None, None)]);
    post.pass(Duration::from_secs(1)).await;
    post.app.state.clock.advance(chrono::Duration::seconds(60));
    let told = || number(post.db(), "SELECT count(*) AS number FROM alerts WHERE about = 'news'");
    assert_eq!((post.worker.plan().await.unwrap(), told()), (1, 200));
    let colleague = post.colleague();
    while colleague.plan().await.unwrap() > 0 {}
    let accounts = "SELECT count(DISTINCT account_id) AS number FROM alerts WHERE about = 'news'";
    assert_eq!((told(), number(post.db(), accounts)), (many + 1, many + 1));
});

both!(a_guardian_is_told_at_once_that_another_one_may_read_the_diary, async |app: App| {
    let post = Post::at(app).await;
    choose(&post.app, &post.mother.token, &json!({"privacy": "generic"})).await;
    let father = post.school.guardian(post.db(), "g2").token;
    post.stay_signed_in();
    register(&post.app, &father, TABLET, "fathers-tablet").await;
    post.run().await;
    let taken = post.taken();
    let told: Vec<_> = taken.iter().map(|one| (one.to.as_str(), &one.message.facts)).collect();
    assert!(told.contains(&(TOKEN, &Facts::Account(AccountNews::GuardianAdded))), "{told:?}");
    assert!(!told.contains(&("fathers-tablet", &Facts::Account(AccountNews::GuardianAdded))), "{told:?}");
    let list = post.app.send(Method::GET, "/v1/notifications", &post.mother.token, &Value::Null).await.body;
    assert_eq!((&list["items"][0]["kind"], &list["items"][0]["childId"]), (&json!("account"), &Value::Null));
});
