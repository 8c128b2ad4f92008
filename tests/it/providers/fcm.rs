//! FCM when all goes well, and what it says of tokens and of our key.

use chrono::TimeDelta;
use domain::clock::Clock;
use domain::types::Platform::{Android, Ios, Web};
use futures_util::future::join_all;
use notifications::channel::{Channel, Outcome, Reach};
use notifications::fcm::{Fcm, Settings};
use support::app::noon;
use support::fcm::{Fault, Fcm as Google, Script};
use tempfile::TempDir;

use super::{message, phone, target};

/// A channel to a stand-in of its own.
pub struct Line {
    pub google: Google,
    pub fcm: Fcm,
    pub clock: Clock,
    _folder: TempDir,
}

pub fn line() -> Line {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (google, folder, clock) = (Google::start(), tempfile::tempdir().unwrap(), Clock::fixed(noon()));
    let settings = settings(&google, &folder);
    let fcm = Fcm::new(&settings, clock.clone()).unwrap().unwrap();
    (0..100).for_each(|n| google.register(&phone(n)));
    Line { google, fcm, clock, _folder: folder }
}

fn settings(google: &Google, folder: &TempDir) -> Settings {
    let credentials = Some(Google::key_file(folder.path()));
    Settings { credentials, off: false, base_url: google.url(), token_url: Some(google.token_url()) }
}

impl Line {
    /// Sends the alert to phone 1.
    pub async fn send(&self, alert: i64) -> Outcome {
        self.fcm.send(&target(Android, 1), &message(alert, "grade-1")).await
    }

    pub fn fault(&self, fault: Fault) {
        self.google.script(|script| script.next([Some(fault)]));
    }
}

pub fn is_accepted(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Accepted { name } if name.starts_with("projects/apta-test/messages/"))
}

#[tokio::test]
async fn a_push_reaches_each_kind_of_phone_in_one_call() {
    let line = line();
    for (n, platform) in [(1, Android), (2, Ios), (3, Web)] {
        let outcome = line.fcm.send(&target(platform, n), &message(7, "grade-1")).await;
        assert!(is_accepted(&outcome), "{outcome:?}");
        let phone = line.google.phone(&phone(n));
        let [shown] = phone.screen().try_into().unwrap();
        assert_eq!((shown.alert.as_str(), shown.title.as_str()), ("7", "Күнделікте жаңалық бар"));
        assert_eq!(phone.came.len(), 1);
    }
    assert_eq!((line.google.calls().len(), line.google.handed_out()), (3, 1));
}

#[tokio::test]
async fn a_correction_replaces_what_the_phone_shows_and_another_grade_does_not() {
    let line = line();
    for (platform, n) in [(Android, 1), (Ios, 2), (Web, 3)] {
        for (alert, thing) in [(1, "grade-1"), (2, "grade-1"), (3, "grade-2")] {
            line.fcm.send(&target(platform, n), &message(alert, thing)).await;
        }
        let alerts: Vec<String> = line.google.phone(&phone(n)).screen().into_iter().map(|shown| shown.alert).collect();
        assert_eq!(alerts, ["2", "3"], "{platform:?}");
    }
}

#[tokio::test]
async fn a_phone_that_was_away_gets_the_last_of_each_thing() {
    let line = line();
    line.google.set_away(&phone(1), true);
    for alert in [1, 2] {
        line.send(alert).await;
    }
    assert!(line.google.phone(&phone(1)).screen().is_empty());
    line.google.set_away(&phone(1), false);
    assert_eq!(line.google.phone(&phone(1)).came, ["2"]);
}

#[tokio::test]
async fn many_at_once_share_one_access_token() {
    let line = line();
    let targets: Vec<_> = (0..20).map(|n| target(Android, n)).collect();
    let message = message(1, "grade-1");
    let outcomes = join_all(targets.iter().map(|target| line.fcm.send(target, &message))).await;
    assert!(outcomes.iter().all(is_accepted), "{outcomes:?}");
    assert_eq!((line.google.calls().len(), line.google.handed_out()), (20, 1));
}

#[tokio::test]
async fn an_access_token_that_is_taken_back_is_replaced_once_for_all() {
    let line = line();
    assert!(is_accepted(&line.send(1).await));
    line.google.revoke_access();
    let targets: Vec<_> = (0..20).map(|n| target(Android, n)).collect();
    let message = message(2, "grade-1");
    let outcomes = join_all(targets.iter().map(|target| line.fcm.send(target, &message))).await;
    assert!(outcomes.iter().all(is_accepted), "{outcomes:?}");
    assert_eq!(line.google.handed_out(), 2);
}

#[tokio::test]
async fn an_access_token_is_renewed_before_it_ends_and_kept_if_there_is_no_new_one() {
    let line = line();
    assert!(is_accepted(&line.send(1).await));
    line.clock.advance(TimeDelta::minutes(54));
    assert!(is_accepted(&line.send(2).await));
    assert_eq!(line.google.handed_out(), 1);
    line.clock.advance(TimeDelta::minutes(2));
    line.google.refuse_tokens(Some(503));
    assert!(is_accepted(&line.send(3).await), "the old one is still good");
    line.google.refuse_tokens(None);
    line.clock.advance(TimeDelta::minutes(1));
    assert!(is_accepted(&line.send(4).await));
    assert_eq!(line.google.handed_out(), 2);
}

#[tokio::test]
async fn what_is_said_of_a_token_concerns_that_token() {
    let line = line();
    line.google.unregister(&phone(1));
    assert_eq!(line.send(1).await, Outcome::TokenDead);
    line.fault(Fault::bad_token());
    assert_eq!(line.send(2).await, Outcome::Quarantine { wrong_sender: false });
    line.fault(Fault::wrong_sender());
    assert_eq!(line.send(3).await, Outcome::Quarantine { wrong_sender: true });
    let outcome = line.fcm.send(&target(Ios, 2), &message(4, "grade-1")).await;
    assert!(is_accepted(&outcome), "{outcome:?}");
}

#[tokio::test]
async fn what_fcm_cannot_read_is_our_bug() {
    let line = line();
    let outcome = line.fcm.send(&target(Ios, 1), &message(1, &"k".repeat(65))).await;
    assert_eq!(outcome, Outcome::Rejected { reason: "payload" });
    let outcome = line.fcm.send(&target(Android, 1), &message(1, &"k".repeat(4096))).await;
    assert_eq!(outcome, Outcome::Rejected { reason: "too-long" });
    assert_eq!(line.google.calls().len(), 1, "what is too long is not sent");
}

#[tokio::test]
async fn a_key_of_another_project_stops_everything_before_the_tokens_suffer() {
    let line = line();
    line.google.script(|script| script.always(Some(Fault::wrong_sender())));
    let mut quarantined = 0;
    for n in 0..50 {
        let outcome = line.fcm.send(&target(Android, n), &message(1, "grade-1")).await;
        quarantined += usize::from(outcome == Outcome::Quarantine { wrong_sender: true });
    }
    assert_eq!((quarantined, line.google.calls().len()), (4, 5));
    line.google.script(Script::clear);
    line.clock.advance(TimeDelta::minutes(6));
    assert!(is_accepted(&line.send(2).await));
}

#[tokio::test]
async fn if_every_phone_is_said_to_be_gone_nearly_none_is_believed() {
    let line = line();
    line.google.script(|script| script.always(Some(Fault::unregistered())));
    let mut dead = 0;
    for n in 0..60 {
        let outcome = line.fcm.send(&target(Android, n), &message(1, "grade-1")).await;
        dead += usize::from(outcome == Outcome::TokenDead);
    }
    assert_eq!(dead, 9);
}

#[tokio::test]
async fn an_operator_hears_in_a_sentence_what_is_wrong() {
    let line = line();
    line.fcm.test().await.unwrap();
    assert!(line.google.phone(&phone(1)).came.is_empty());
    line.google.refuse_tokens(Some(400));
    line.clock.advance(TimeDelta::hours(1));
    let wrong = line.fcm.test().await.unwrap_err().to_string();
    assert!(wrong.contains("Google refuses the key of APTA__FCM__CREDENTIALS"), "{wrong}");
    line.clock.advance(TimeDelta::hours(1));
    line.google.refuse_tokens(Some(503));
    assert!(line.fcm.test().await.unwrap_err().to_string().contains("does not answer"));
}

#[tokio::test]
async fn settings_that_cannot_work_are_told_at_the_start() {
    let (google, folder) = (Google::start(), tempfile::tempdir().unwrap());
    let good = settings(&google, &folder);
    let told = |settings: &Settings| Fcm::new(settings, Clock::fixed(noon())).err().unwrap().to_string();
    let missing = Settings { credentials: Some(folder.path().join("none.json")), ..good.clone() };
    assert!(told(&missing).contains("cannot be read"));
    let plain = Settings { base_url: "http://fcm.googleapis.com".to_owned(), ..good.clone() };
    assert!(told(&plain).contains("APTA__FCM__BASE_URL must begin with https://"));
    for without in [Settings { credentials: None, ..good.clone() }, Settings { off: true, ..good }] {
        assert!(Fcm::new(&without, Clock::fixed(noon())).unwrap().is_none());
    }
}

#[tokio::test]
async fn nobody_at_the_address_keeps_the_whole_lane_waiting() {
    let (google, folder) = (Google::start(), tempfile::tempdir().unwrap());
    let settings = settings(&google, &folder);
    drop(google);
    let fcm = Fcm::new(&settings, Clock::fixed(noon())).unwrap().unwrap();
    let outcome = fcm.send(&target(Android, 1), &message(1, "grade-1")).await;
    assert!(matches!(outcome, Outcome::Retry { reach: Reach::Lane, ambiguous: false, .. }), "{outcome:?}");
}
