//! Workers that die anywhere, race and answer late; providers that say strange things.

use std::time::Duration;

use domain::alerts::claim::{Claimed, To};
use notifications::channel::{Outcome, Reach};
use serde_json::json;
use support::app::App;
use support::both;

use super::devices::{PHONE, TABLET, register};
use super::post::{Post, TOKEN, grade, unavailable, visible};
use super::preferences::choose;
use crate::storage::number;

const STRIKES: &str = "SELECT CAST(max(strikes) AS BIGINT) AS number FROM devices";

/// A lease, and a little.
const LEASE: Duration = Duration::from_secs(61);

impl Post {
    /// A grade planned and due.
    pub async fn due(&self, number: &str, value: &str) {
        self.grade(number, value);
        while self.worker.plan().await.unwrap() > 0 {}
        self.app.state.clock.advance(chrono::Duration::seconds(60));
    }
}

both!(a_worker_that_dies_behind_its_claim_loses_nothing_and_doubles_nothing, async |app: App| {
    let post = Post::at(app).await;
    post.due("e9", "4").await;
    let claim = post.worker.claim(10).await.unwrap();
    assert_eq!(claim.taken.len(), 1);
    post.run().await;
    assert_eq!(post.taken().len(), 0, "it is taken");
    post.pass(LEASE).await;
    assert_eq!(post.taken().len(), 1, "its lease is over");
    let late = post.worker.send(&claim.taken[0]).await;
    assert_eq!((late, post.taken().len()), (None, 0), "who was asleep sends nothing any more");
    assert_eq!(post.open(), 0);
});

both!(a_worker_that_dies_behind_the_sending_makes_one_repeat_that_replaces_the_first, async |app: App| {
    let post = Post::at(app).await;
    post.due("e9", "4").await;
    let claim = post.worker.claim(10).await.unwrap();
    let outcome = post.worker.send(&claim.taken[0]).await.unwrap();
    assert_eq!(post.count("state = 'pending' AND attempts = 1"), 1);
    post.pass(LEASE).await;
    let taken = post.taken();
    assert_eq!((taken.len(), visible(&taken).len()), (2, 1));
    assert_eq!(taken[0].message.alert, taken[1].message.alert, "the app knows it");
    let unended = number(post.db(), "SELECT count(*) AS number FROM alert_attempts WHERE ended_at IS NULL");
    assert_eq!(unended, 1, "the second came behind one nobody knows the end of");
    let settled = post.worker.settle(vec![(claim.taken[0].clone(), outcome)]).await.unwrap();
    assert_eq!((settled, post.open()), (0, 0), "what it brings home too late counts for nothing");
    assert_eq!(post.count("state = 'accepted' AND attempts = 2"), 1);
});

both!(readiness_tells_for_how_long_alerts_wait, async |app: App| {
    let post = Post::at(app).await;
    let behind = async || post.app.get("/health/ready", "").await.body["alertsBehindSeconds"].clone();
    post.grade("e9", "4");
    post.app.state.clock.advance(chrono::Duration::seconds(100));
    assert_eq!(behind().await, 100, "no worker has planned it");
    post.run().await;
    assert_eq!(behind().await, 0);
    post.always(Some(unavailable()));
    post.grade("e8", "4");
    post.settle().await;
    post.app.state.clock.advance(chrono::Duration::seconds(30));
    assert!(behind().await.as_i64().unwrap() > 0, "the provider is away");
});

both!(workers_that_race_send_everything_once, async |app: App| {
    let post = Post::at(app).await;
    for at in 0..5 {
        post.grade(&format!("r{at}"), &at.to_string());
        post.put(&[post.school.grade(&format!("q{at}"), "p2", &at.to_string())]);
    }
    let (one, other) = (post.worker.clone(), post.colleague());
    let planned = tokio::join!(one.plan(), other.plan());
    assert_eq!(planned.0.unwrap() + planned.1.unwrap(), 10, "nothing is planned twice");
    while one.plan().await.unwrap() > 0 {}
    post.app.state.clock.advance(chrono::Duration::seconds(60));
    let race = async |worker: notifications::worker::Worker| {
        let mut sent = 0;
        for _ in 0..40 {
            let claim = worker.claim(3).await.unwrap();
            let mut done = Vec::new();
            for claimed in claim.taken {
                let outcome = worker.send(&claimed).await.unwrap();
                done.push((claimed, outcome));
            }
            sent += done.len();
            worker.settle(done).await.unwrap();
        }
        sent
    };
    let (one, other) = tokio::join!(race(one), race(other));
    let taken = post.taken();
    assert_eq!((one + other, taken.len(), visible(&taken).len()), (10, 10, 10));
    assert_eq!((post.open(), post.count("attempts > 1")), (0, 0));
    for child in 0..2 {
        let of = |one: &&super::post::Sent| format!("{:?}", one.message.facts).contains(["Әсел", "Дана"][child]);
        let values: Vec<_> = taken.iter().filter(of).map(|one| grade(one).0.unwrap().to_owned()).collect();
        assert_eq!(values, ["0", "1", "2", "3", "4"], "in order for each child");
    }
});

both!(the_next_is_not_there_to_be_taken_before_the_one_before_is_done, async |app: App| {
    let post = Post::at(app).await;
    post.grade("e8", "3");
    post.due("e9", "4").await;
    let first = post.worker.claim(10).await.unwrap().taken;
    assert_eq!(first.len(), 1);
    assert_eq!(post.worker.claim(10).await.unwrap().taken.len(), 0, "it is under way");
    post.worker.settle(vec![(first[0].clone(), unavailable())]).await.unwrap();
    let second = post.worker.claim(10).await.unwrap().taken;
    assert_eq!(second.len(), 1, "the first waits for a retry of its own");
    assert_ne!(second[0].delivery, first[0].delivery);
    post.worker.settle(vec![(second[0].clone(), unavailable())]).await.unwrap();
    for _ in 0..3 {
        post.pass(Duration::from_secs(20)).await;
    }
    let values: Vec<_> = post.taken().iter().map(|one| grade(one).0.unwrap().to_owned()).collect();
    assert_eq!(values, ["3", "4"], "and the second waits behind it");
});

both!(a_dead_token_takes_the_phone_and_what_waits_for_it, async |app: App| {
    let post = Post::at(app).await;
    register(&post.app, &post.mother.token, TABLET, "tablet").await;
    post.grade("e8", "3");
    post.grade("e9", "4");
    post.run().await;
    post.answers(Outcome::TokenDead);
    post.settle().await;
    assert_eq!(post.count("state = 'token-dead'"), 2);
    assert_eq!(number(post.db(), "SELECT count(*) AS number FROM devices"), 1);
    assert_eq!((post.taken().len(), post.open()), (2, 0), "the other phone gets both");
});

both!(a_token_renewed_while_the_old_one_was_tried_is_not_dead, async |app: App| {
    let post = Post::at(app).await;
    post.due("e9", "4").await;
    let claim = post.worker.claim(10).await.unwrap();
    register(&post.app, &post.mother.token, PHONE, "fresh").await;
    post.worker.settle(vec![(claim.taken[0].clone(), Outcome::TokenDead)]).await.unwrap();
    post.run().await;
    assert_eq!(post.taken().iter().map(|one| one.to.clone()).collect::<Vec<_>>(), ["fresh"]);
});

both!(a_refused_token_goes_at_the_second_strike_if_others_are_taken, async |app: App| {
    let post = Post::at(app).await;
    register(&post.app, &post.mother.token, TABLET, "tablet").await;
    post.grade("e9", "4");
    post.run().await;
    post.answers(Outcome::Quarantine { wrong_sender: false });
    post.settle().await;
    assert_eq!((post.taken().len(), post.open()), (1, 1), "the phone waits, it is not forgotten");
    post.grade("e8", "4");
    post.settle().await;
    assert_eq!((post.taken().len(), post.open()), (1, 2), "nothing else is sent to it meanwhile");
    post.answers(Outcome::Quarantine { wrong_sender: false });
    post.pass(Duration::from_secs(3545)).await;
    assert_eq!((post.count("state = 'token-dead'"), post.open()), (2, 0));
    assert_eq!(number(post.db(), "SELECT count(*) AS number FROM devices"), 1);
});

both!(what_is_refused_while_it_was_under_way_is_one_strike, async |app: App| {
    let post = Post::at(app).await;
    register(&post.app, &post.mother.token, TABLET, "tablet").await;
    post.due("e8", "4").await;
    assert_eq!(post.run().await, 2, "the provider takes what we send");
    post.put(&[post.school.grade("e9", "p1", "4"), post.school.grade("e9b", "p2", "4")]);
    while post.worker.plan().await.unwrap() > 0 {}
    post.app.state.clock.advance(chrono::Duration::seconds(60));
    let claim = post.worker.claim(10).await.unwrap();
    let to_the_phone = |one: &&Claimed| matches!(&one.to, To::Phone { token, .. } if token == TOKEN);
    let refused: Vec<_> = claim.taken.iter().filter(to_the_phone).cloned().collect();
    assert_eq!(refused.len(), 2);
    let refusal = |one| (one, Outcome::Quarantine { wrong_sender: false });
    post.worker.settle(refused.into_iter().map(refusal).collect()).await.unwrap();
    assert_eq!(number(post.db(), STRIKES), 1);
    assert_eq!(post.count("state = 'token-dead'"), 0);
    post.pass(Duration::from_secs(3700)).await;
    assert_eq!(number(post.db(), STRIKES), 0, "it was taken, and is as good as new");
});

both!(a_token_of_another_sender_is_never_deleted, async |app: App| {
    let post = Post::at(app).await;
    register(&post.app, &post.mother.token, TABLET, "tablet").await;
    let refused = || post.answers(Outcome::Quarantine { wrong_sender: true });
    refused();
    post.grade("s1", "4");
    post.settle().await;
    for number in ["s2", "s3"] {
        // The tablet takes what the phone waits for, so our messages are good.
        post.grade(number, "4");
        post.settle().await;
        refused();
        post.pass(Duration::from_secs(3545)).await;
    }
    assert_eq!((post.count("state = 'accepted'"), post.open()), (3, 3));
    post.pass(Duration::from_secs(3700)).await;
    assert_eq!(number(post.db(), "SELECT count(*) AS number FROM devices"), 2);
    assert_eq!((post.count("state = 'accepted'"), post.open()), (6, 0));
});

both!(a_lane_that_must_wait_holds_everything_on_it_and_nothing_else, async |app: App| {
    let post = Post::at(app).await;
    choose(&post.app, &post.mother.token, &json!({"quietHours": null})).await;
    post.app.send(reqwest::Method::PATCH, "/v1/me", &post.mother.token, &json!({"email": "m@example.kz"})).await;
    let always = json!({"children": [{"childId": post.school.children[0].0, "kinds": {"grade": {"email": "always"}}}]});
    choose(&post.app, &post.mother.token, &always).await;
    let wait = Outcome::Retry {
        at_least: Some(Duration::from_secs(600)),
        reach: Reach::Lane,
        ambiguous: false,
        reason: "quota",
    };
    post.answers(wait);
    post.grade("e8", "3");
    post.grade("e9", "4");
    post.settle().await;
    let to: Vec<String> = post.taken().into_iter().map(|one| one.to).collect();
    assert_eq!(to, ["m@example.kz", "m@example.kz"]);
    post.pass(Duration::from_secs(599)).await;
    assert_eq!(post.taken().len(), 0, "not a second earlier than the provider said");
    post.pass(Duration::from_secs(200)).await;
    let values: Vec<_> = post.taken().iter().map(|one| grade(one).0.unwrap().to_owned()).collect();
    assert_eq!(values, ["3", "4"]);
});

both!(what_cannot_be_sent_is_kept_for_an_operator, async |app: App| {
    let post = Post::at(app).await;
    post.grade("e9", "4");
    post.run().await;
    post.answers(Outcome::Rejected { reason: "payload" });
    post.settle().await;
    assert_eq!((post.count("state = 'dead-letter' AND reason = 'payload'"), post.open()), (1, 0));
    post.grade("e8", "4");
    post.settle().await;
    assert_eq!(post.taken().len(), 1, "the phone is not to blame");
});

both!(an_address_refused_for_good_gets_no_more_letters, async |app: App| {
    let post = Post::at(app).await;
    let father = post.father().await;
    post.app.send(reqwest::Method::PATCH, "/v1/me", &father, &json!({"email": "Gone@example.kz"})).await;
    choose(
        &post.app,
        &post.mother.token,
        &json!({"children": [{"childId": post.school.children[1].0, "kinds": {"grade": {"push": false}}}]}),
    )
    .await;
    post.answers(Outcome::AddressDead);
    post.put(&[post.school.grade("e9", "p2", "4")]);
    post.settle().await;
    post.put(&[post.school.grade("e8", "p2", "4")]);
    post.settle().await;
    assert_eq!((post.taken().len(), post.count("reason = 'address-refused'"), post.open()), (0, 2, 0));
});

both!(an_address_refused_is_tried_again_after_a_month, async |app: App| {
    let post = Post::at(app).await;
    let father = post.father().await;
    post.app.send(reqwest::Method::PATCH, "/v1/me", &father, &json!({"email": "father@example.kz"})).await;
    let to_him = async |number: &str| {
        post.put(&[post.school.grade(number, "p2", "4")]);
        post.settle().await;
        post.taken().iter().filter(|one| one.to == "father@example.kz").count()
    };
    let silent = json!({"children": [{"childId": post.school.children[1].0, "kinds": {"grade": {"push": false}}}]});
    choose(&post.app, &post.mother.token, &silent).await;
    post.answers(Outcome::AddressDead);
    assert_eq!(to_him("e7").await, 0);
    post.pass(Duration::from_secs(29 * 86_400)).await;
    assert_eq!(to_him("e8").await, 0);
    post.pass(Duration::from_secs(2 * 86_400)).await;
    post.answers(Outcome::AddressDead);
    assert_eq!(
        (to_him("e9").await, post.count("reason = 'address-refused'")),
        (0, 3),
        "it was tried, and refused anew"
    );
    assert_eq!(to_him("e10").await, 0);
    post.pass(Duration::from_secs(31 * 86_400)).await;
    assert_eq!(to_him("e11").await, 1);
});

both!(a_grade_mended_while_nothing_could_leave_is_a_new_grade, async |app: App| {
    let post = Post::at(app).await;
    let wait = Some(Duration::from_secs(300));
    post.answers(Outcome::Retry { at_least: wait, reach: Reach::Lane, ambiguous: false, reason: "quota" });
    post.due("e9", "4").await;
    assert_eq!((post.run().await, post.taken().len()), (1, 0));
    post.grade("e9", "5");
    post.settle().await;
    post.pass(Duration::from_secs(300)).await;
    assert_eq!(post.taken().iter().map(grade).collect::<Vec<_>>(), [(Some("5"), None)], "nobody ever heard of a 4");
    assert_eq!(post.inbox().0.len(), 1, "nor reads of it");
    post.always(Some(unavailable()));
    post.due("e8", "4").await;
    post.run().await;
    post.always(None);
    post.grade("e8", "5");
    post.settle().await;
    assert_eq!(post.taken().iter().map(grade).collect::<Vec<_>>(), [(Some("5"), Some("4"))], "this 4 may have arrived");
});

both!(every_delivery_comes_to_one_end, async |app: App| {
    let post = Post::at(app).await;
    let outcomes = [
        unavailable(),
        Outcome::Quarantine { wrong_sender: true },
        Outcome::Rejected { reason: "payload" },
        unavailable(),
    ];
    for (at, outcome) in outcomes.into_iter().enumerate() {
        post.answers(outcome);
        post.grade(&format!("s{at}"), "4");
        post.settle().await;
    }
    for _ in 0..60 {
        post.pass(Duration::from_secs(3600)).await;
    }
    let all = post.count("id > 0");
    let ended = post.count("state <> 'pending' AND settled_at IS NOT NULL");
    assert_eq!((ended, post.open()), (all, 0));
    let twice = "SELECT count(*) AS number FROM (SELECT 1 FROM alert_deliveries GROUP BY alert_id, channel, target_id HAVING count(*) > 1) AS twice";
    assert_eq!(number(post.db(), twice), 0);
});

both!(a_correction_does_not_overtake_the_grade_it_corrects, async |app: App| {
    let post = Post::at(app).await;
    post.due("e9", "4").await;
    let claim = post.worker.claim(10).await.unwrap();
    post.grade("e9", "5");
    while post.worker.plan().await.unwrap() > 0 {}
    post.worker.settle(vec![(claim.taken[0].clone(), unavailable())]).await.unwrap();
    for _ in 0..12 {
        post.pass(Duration::from_secs(20)).await;
    }
    let values: Vec<_> = post.taken().iter().map(|one| grade(one).0.unwrap().to_owned()).collect();
    assert_eq!((values.last().map(String::as_str), post.open()), (Some("5"), 0), "{values:?}");
});
