//! Nobody is told who may not know any more.

use domain::types::Language;
use reqwest::Method;
use serde_json::{Value, json};
use support::app::App;
use support::both;

use super::devices::{PHONE, TABLET, register};
use super::post::{Post, TOKEN};
use super::preferences::choose;
use crate::access::world::guardian;

both!(a_guardian_unlinked_between_the_plan_and_the_sending_gets_nothing, async |app: App| {
    let post = Post::at(app).await;
    post.grade("e9", "4");
    post.run().await;
    assert_eq!(post.open(), 1);
    post.put(&[guardian("g1", &["p2"])]);
    post.settle().await;
    let told: Vec<_> =
        post.taken().into_iter().filter(|one| format!("{:?}", one.message.facts).contains("Grade")).collect();
    assert_eq!(told.len(), 0, "{told:?}");
    assert_eq!((post.count("reason = 'unlinked'"), post.open()), (1, 0));
    let (list, _) = post.inbox();
    assert!(list.iter().all(|one| one.child != Some(post.school.children[0])), "{list:?}");
});

both!(a_sign_out_stops_alerts_at_once, async |app: App| {
    let post = Post::at(app).await;
    post.grade("e9", "4");
    post.run().await;
    let out = post.app.send(Method::DELETE, "/v1/sessions/current", &post.mother.token, &Value::Null).await;
    assert_eq!(out.status, 204);
    post.settle().await;
    assert_eq!(post.taken().len(), 0);
    assert_eq!((post.count("reason = 'signed-out'"), post.open()), (1, 0));
    post.grade("e8", "4");
    post.settle().await;
    assert_eq!(post.taken().len(), 0);
});

both!(a_phone_that_changes_hands_tells_the_former_owner_nothing, async |app: App| {
    let post = Post::at(app).await;
    let father = post.father().await;
    post.grade("e9", "4");
    post.run().await;
    assert_eq!(register(&post.app, &father, TABLET, TOKEN).await.status, 200);
    post.settle().await;
    assert_eq!(post.taken().len(), 0, "the father may not know of the first child");
    assert_eq!((post.count("reason = 'moved'"), post.open()), (1, 0));
    post.put(&[post.school.grade("e8", "p2", "4")]);
    post.settle().await;
    assert_eq!(post.taken().len(), 1, "of his own child he is told, on this phone");
});

both!(every_guardian_is_told_on_every_phone_in_her_own_language, async |app: App| {
    let post = Post::at(app).await;
    let father = post.father().await;
    register(&post.app, &father, PHONE, "fathers-phone").await;
    register(&post.app, &post.mother.token, TABLET, "mothers-tablet").await;
    choose(&post.app, &father, &json!({"privacy": "subject"})).await;
    post.put(&[post.school.grade("e9", "p2", "4")]);
    post.settle().await;
    let mut taken = post.taken();
    taken.sort_by(|one, other| one.to.cmp(&other.to));
    let to: Vec<&str> = taken.iter().map(|one| one.to.as_str()).collect();
    assert_eq!(to, ["fathers-phone", "mothers-phone", "mothers-tablet"]);
    assert_eq!(taken[0].message.language, Language::Ru);
    assert_eq!(taken[1].message.language, Language::En);
    assert_ne!(taken[0].message.collapse, taken[1].message.collapse, "nothing ties two parents together");
    assert_eq!(taken[1].message.collapse, taken[2].message.collapse);
});

both!(a_parent_without_a_phone_gets_a_letter, async |app: App| {
    let post = Post::at(app).await;
    let father = post.father().await;
    let email = json!({"email": "father@example.kz"});
    assert_eq!(post.app.send(Method::PATCH, "/v1/me", &father, &email).await.status, 200);
    post.put(&[post.school.grade("e9", "p2", "4")]);
    post.settle().await;
    let to: Vec<String> = post.taken().into_iter().map(|one| one.to).collect();
    assert!(to.contains(&"father@example.kz".to_owned()) && to.contains(&TOKEN.to_owned()), "{to:?}");
    register(&post.app, &father, PHONE, "fathers-phone").await;
    post.put(&[post.school.grade("e8", "p2", "4")]);
    post.settle().await;
    let to: Vec<String> = post.taken().into_iter().map(|one| one.to).collect();
    assert!(!to.contains(&"father@example.kz".to_owned()) && to.contains(&"fathers-phone".to_owned()), "{to:?}");
    let always = json!({"children": [{"childId": post.school.children[1].0, "kinds": {"grade": {"email": "always"}}}]});
    assert_eq!(choose(&post.app, &father, &always).await.status, 200);
    post.put(&[post.school.grade("e7", "p2", "4")]);
    post.settle().await;
    assert_eq!(post.taken().len(), 3, "two phones and a mailbox");
    choose(&post.app, &father, &json!({"letters": false})).await;
    post.put(&[post.school.grade("e6", "p2", "4")]);
    post.settle().await;
    assert_eq!(post.taken().len(), 2);
});
