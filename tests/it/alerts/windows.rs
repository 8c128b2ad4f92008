//! How long alerts wait for a correction: by kind, and as the school chose.

use std::time::Duration;

use domain::intake;
use domain::types::{AlertKind, Names};
use reqwest::Method;
use serde_json::{Value, json};
use support::app::{Answer, App};
use support::both;

use super::post::Post;
use crate::school::SCOPES;

async fn choose(post: &Post, kinds: &Value) -> Answer {
    let journal = post.school.journal(post.db(), SCOPES);
    let path = format!("/v1/schools/{}/settle-windows", post.school.id.0);
    post.app.send(Method::PUT, &path, &journal, &json!({ "kinds": kinds })).await
}

fn news(id: &str) -> intake::News {
    intake::News {
        external_id: id.to_owned(),
        level: None,
        class_group: None,
        title: Names::same("Olympiad"),
        text: Names::same("All of it."),
        published_at: None,
    }
}

both!(a_school_that_chose_so_tells_at_once_and_only_what_it_chose, async |app: App| {
    let post = Post::at(app).await;
    let chosen = choose(&post, &json!({"grade": 0, "news": 0})).await;
    assert_eq!((chosen.status, &chosen.body), (200, &json!({"kinds": {"grade": 0, "news": 0}})));
    post.grade("e9", "4");
    post.put(&[news("n1")]);
    post.run().await;
    assert_eq!((post.taken().len(), post.inbox().1), (2, 2));

    let left = choose(&post, &json!({"grade": 300})).await;
    assert_eq!(left.body, json!({"kinds": {"grade": 300}}), "in place of all that was chosen before");
    post.grade("e8", "3");
    post.put(&[news("n2")]);
    post.settle().await;
    assert_eq!((post.taken().len(), post.inbox().1), (1, 3), "the news, behind the minute of everybody");
    post.grade("e8", "5");
    post.pass(Duration::from_secs(300)).await;
    let taken = post.taken();
    assert_eq!(taken.iter().map(super::post::grade).collect::<Vec<_>>(), [(Some("5"), None)]);
    let journal = post.school.journal(post.db(), SCOPES);
    let path = format!("/v1/schools/{}/settle-windows", post.school.id.0);
    assert_eq!(post.app.get(&path, &journal).await.body, left.body);
});

both!(each_kind_may_have_a_window_of_its_own, async |app: App| {
    let change = |settings: &mut notifications::worker::Settings| {
        settings.settle_by.insert(AlertKind::Grade, Duration::from_secs(600));
    };
    let post = Post::with(app, change).await;
    post.grade("e9", "4");
    post.put(&[news("n1")]);
    post.settle().await;
    assert_eq!((post.taken().len(), post.open()), (1, 1), "the news");
    post.pass(Duration::from_secs(540)).await;
    assert_eq!((post.taken().len(), post.open()), (1, 0));
});

both!(what_is_wrong_with_a_window_is_told_with_its_place, async |app: App| {
    let post = Post::at(app).await;
    let wrong = [
        (json!({"grade": -1}), "/kinds/grade"),
        (json!({"news": 3601}), "/kinds/news"),
        (json!({"account": 0}), "/kinds/account"),
        (json!({"message": 60}), "/kinds/message"),
        (json!({"marks": 0}), ""),
        (json!({"grade": "0s"}), ""),
    ];
    for (kinds, pointer) in wrong {
        let answer = choose(&post, &kinds).await;
        assert_eq!((answer.status, answer.problem()), (422, "validation-failed"), "{kinds}: {}", answer.body);
        assert_eq!(answer.body["errors"][0]["pointer"], pointer, "{kinds}: {}", answer.body);
    }
    assert_eq!(choose(&post, &json!({})).await.body, json!({"kinds": {}}), "nothing of it was taken");
});
