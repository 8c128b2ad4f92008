//! What is told together: where it goes is looked at when it is told.

use std::time::Duration;

use domain::alerts::facts::{Facts, Span};
use domain::types::AlertKind;
use reqwest::Method;
use serde_json::{Value, json};
use support::app::App;
use support::both;

use super::devices::{PHONE, TABLET, register};
use super::post::{Post, Sent, TOKEN};
use super::preferences::choose;

fn counted(sent: &Sent) -> (Span, Option<u32>) {
    let Facts::Bundle(bundle) = &sent.message.facts else { panic!("{:?}", sent.message.facts) };
    (bundle.span, bundle.counts.get(&AlertKind::Grade).copied())
}

impl Post {
    async fn digest(&self, of: &Value) {
        choose(&self.app, &self.mother.token, of).await;
        self.until(1, 12).await;
    }

    /// What the mother wants of grades of her first child.
    fn of_grades(&self, choice: &Value) -> Value {
        json!({"childId": self.school.children[0].0, "kinds": {"grade": choice}})
    }

    async fn has_a_mailbox(&self) {
        self.app.send(Method::PATCH, "/v1/me", &self.mother.token, &json!({"email": "mother@example.kz"})).await;
    }
}

both!(a_phone_that_came_behind_the_first_grade_of_a_digest_gets_the_digest, async |app: App| {
    let post = Post::at(app).await;
    post.digest(&json!({"digest": "daily"})).await;
    post.grades("d", 2);
    post.settle().await;
    let removed =
        post.app.send(Method::DELETE, &format!("/v1/devices/{PHONE}"), &post.mother.token, &Value::Null).await;
    assert_eq!(removed.status, 204);
    post.grades("between", 1);
    post.settle().await;
    register(&post.app, &post.mother.token, TABLET, "tablet").await;
    post.until(0, 18).await;
    let taken = post.taken();
    assert_eq!(taken.iter().map(|one| one.to.as_str()).collect::<Vec<_>>(), ["tablet"]);
    assert_eq!(counted(&taken[0]), (Span::Day, Some(3)), "with what was written while there was no phone");
});

both!(a_digest_of_whoever_has_no_phone_left_is_a_letter, async |app: App| {
    let post = Post::at(app).await;
    post.has_a_mailbox().await;
    post.digest(&json!({"digest": "daily"})).await;
    post.grades("d", 2);
    post.settle().await;
    post.app.send(Method::DELETE, &format!("/v1/devices/{PHONE}"), &post.mother.token, &Value::Null).await;
    post.until(0, 18).await;
    assert_eq!(post.taken().iter().map(|one| one.to.as_str()).collect::<Vec<_>>(), ["mother@example.kz"]);
    assert_eq!(post.open(), 0);
});

both!(a_digest_goes_the_ways_its_alerts_would_have_gone, async |app: App| {
    let post = Post::at(app).await;
    post.has_a_mailbox().await;
    let letters = post.of_grades(&json!({"push": false, "email": "always"}));
    post.digest(&json!({"digest": "daily", "children": [letters]})).await;
    post.grades("d", 2);
    post.settle().await;
    post.until(0, 18).await;
    let taken = post.taken();
    assert_eq!(taken.iter().map(|one| one.to.as_str()).collect::<Vec<_>>(), ["mother@example.kz"], "she wants no push");
    assert_eq!(counted(&taken[0]).1, Some(2));
});

both!(what_was_switched_off_since_is_not_in_the_digest, async |app: App| {
    let post = Post::at(app).await;
    post.digest(&json!({"digest": "daily"})).await;
    post.grades("d", 2);
    post.put(&[post.school.grade("other", "p2", "4")]);
    post.settle().await;
    let silent = post.of_grades(&json!({"push": false}));
    choose(&post.app, &post.mother.token, &json!({"children": [silent]})).await;
    post.until(0, 18).await;
    let taken = post.taken();
    assert_eq!((taken.len(), counted(&taken[0]).1), (1, Some(1)), "the other child's alone");
});

both!(a_day_of_grades_rings_a_few_times_an_hour, async |app: App| {
    let post = Post::at(app).await;
    let begin = post.now();
    let mut rung = Vec::new();
    let pauses = [660; 5].into_iter().chain([120; 90]);
    for (grade, pause) in pauses.chain([3600]).enumerate() {
        if grade < 95 {
            post.grade(&format!("b{grade}"), "5");
        }
        post.pass(Duration::from_secs(pause)).await;
        let at = (post.now() - begin).num_seconds();
        rung.extend(post.taken().into_iter().map(|one| (at, one)));
    }
    let is_bundle = |sent: &Sent| matches!(sent.message.facts, Facts::Bundle(_));
    let bundles: Vec<i64> = rung.iter().filter(|(_, one)| is_bundle(one)).map(|(at, _)| *at).collect();
    assert!(bundles.len() > 2 && bundles.windows(2).all(|two| two[1] - two[0] >= 3600 - 120), "{bundles:?}");
    for (from, _) in &rung {
        let in_an_hour = rung.iter().filter(|(at, _)| (*from..from + 3600).contains(at)).count();
        assert!(in_an_hour <= 7, "{in_an_hour} from second {from} on");
    }
    let told = |sent: &Sent| if is_bundle(sent) { counted(sent).1.unwrap() } else { 1 };
    assert_eq!(rung.iter().map(|(_, one)| told(one)).sum::<u32>(), 95, "and all are told");
    assert!(rung.iter().all(|(_, one)| one.to == TOKEN));
});
