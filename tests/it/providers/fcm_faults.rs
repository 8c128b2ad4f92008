//! FCM when things go wrong: waits that are kept, and repeats that nobody sees twice.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use domain::types::Platform::{Android, Ios};
use notifications::channel::{Channel, Outcome, Reach};
use support::fcm::{Bad, Fault, Script};

use super::fcm::{is_accepted, line};
use super::{message, phone, target};

fn lane_waits(outcome: &Outcome) -> Option<u64> {
    match outcome {
        Outcome::Retry { at_least: Some(wait), reach: Reach::Lane, ambiguous: false, .. } => Some(wait.as_secs()),
        _ => None,
    }
}

#[tokio::test]
async fn too_many_keep_every_lane_waiting_as_long_as_google_asks() {
    for (asked, waits) in [(Some("30"), 30), (None, 60), (Some("Wed, 18 Nov 2026 07:01:40 GMT"), 100)] {
        let line = line();
        line.fault(Fault::quota(asked));
        assert_eq!(lane_waits(&line.send(1).await), Some(waits));
        line.clock.advance(TimeDelta::seconds(5));
        let other = line.fcm.send(&target(Ios, 2), &message(2, "grade-2")).await;
        assert_eq!(lane_waits(&other), Some(waits - 5));
        assert_eq!(line.google.calls().len(), 1, "nobody is asked meanwhile");
        line.clock.advance(TimeDelta::seconds(i64::try_from(waits).unwrap() - 5));
        assert!(is_accepted(&line.send(1).await));
    }
}

#[tokio::test]
async fn what_may_have_been_delivered_is_sent_again_and_seen_once() {
    let faults =
        [Fault::unavailable(), Fault::internal(), Fault::bad(Bad::Reset), Fault::bad(Bad::Junk), Fault::bad(Bad::Half)];
    for fault in faults {
        for fault in [fault.clone(), fault.delivered()] {
            let (line, came) = (line(), usize::from(fault.delivers));
            line.fault(fault.clone());
            let outcome = line.send(1).await;
            let ambiguous = matches!(outcome, Outcome::Retry { reach: Reach::Delivery, ambiguous: true, .. });
            assert!(ambiguous, "{fault:?}: {outcome:?}");
            assert!(is_accepted(&line.send(1).await), "{fault:?}");
            let phone = line.google.phone(&phone(1));
            assert_eq!((phone.came.len(), phone.screen().len()), (came + 1, 1), "{fault:?}");
        }
    }
}

#[tokio::test]
async fn a_service_that_asks_for_time_gets_ten_seconds_or_more() {
    for (asked, waits) in [("3", 10), ("40", 40)] {
        let line = line();
        let Fault { delivers, reply } = Fault::unavailable();
        let Bad::Error { status, general, code, .. } = reply else { unreachable!() };
        let reply = Bad::Error { status, general, code, retry_after: Some(asked.to_owned()) };
        line.fault(Fault { delivers, reply });
        let Outcome::Retry { at_least, .. } = line.send(1).await else { panic!("not to be sent again") };
        assert_eq!(at_least, Some(Duration::from_secs(waits)));
    }
}

#[tokio::test]
async fn a_storm_of_refusals_asks_for_few_access_tokens_and_pauses() {
    let line = line();
    line.google.script(|script| script.always(Some(Fault::unauthenticated())));
    for n in 0..50 {
        let outcome = line.fcm.send(&target(Android, n), &message(1, "grade-1")).await;
        assert!(matches!(outcome, Outcome::Pause { reason: "unauthenticated", .. }), "{outcome:?}");
    }
    assert_eq!((line.google.handed_out(), line.google.calls().len()), (2, 2));
    line.google.script(Script::clear);
    line.clock.advance(TimeDelta::minutes(6));
    assert!(is_accepted(&line.send(2).await));
}

#[tokio::test]
async fn a_refused_apple_key_stops_iphones_and_nobody_else() {
    let line = line();
    line.fault(Fault::third_party());
    for alert in [1, 2] {
        let outcome = line.fcm.send(&target(Ios, 2), &message(alert, "grade-1")).await;
        assert!(matches!(outcome, Outcome::Pause { reason: "third-party-auth", .. }), "{outcome:?}");
    }
    assert!(is_accepted(&line.send(3).await));
    assert_eq!((line.google.calls().len(), line.google.handed_out()), (2, 1), "no access token was blamed");
    line.clock.advance(TimeDelta::minutes(6));
    assert!(is_accepted(&line.fcm.send(&target(Ios, 2), &message(2, "grade-1")).await));
}

#[tokio::test]
async fn a_project_that_may_not_send_is_paused() {
    let line = line();
    line.fault(Fault::forbidden());
    assert!(matches!(line.send(1).await, Outcome::Pause { reason: "forbidden", .. }));
    assert!(matches!(line.send(2).await, Outcome::Pause { reason: "forbidden", .. }));
    assert_eq!(line.google.calls().len(), 1);
}

#[tokio::test]
async fn without_an_access_token_nothing_is_sent_and_nobody_hammers() {
    let line = line();
    line.google.refuse_tokens(Some(503));
    for alert in 0..20 {
        assert!(lane_waits(&line.send(alert).await).is_some_and(|wait| wait <= 10));
    }
    assert!(line.google.calls().is_empty());
    line.google.refuse_tokens(None);
    line.clock.advance(TimeDelta::seconds(10));
    assert!(is_accepted(&line.send(1).await));

    let line = super::fcm::line();
    line.google.refuse_tokens(Some(400));
    assert!(matches!(line.send(1).await, Outcome::Pause { reason: "key-refused", .. }));
}

/// It takes as long as the client waits.
#[tokio::test]
#[ignore = "fifteen seconds: ./test --faults"]
async fn faults_an_answer_that_is_long_in_coming_may_have_been_delivered() {
    let line = line();
    line.fault(Fault::bad(Bad::Slow(Duration::from_secs(60))));
    let begin = Instant::now();
    assert!(matches!(line.send(1).await, Outcome::Retry { ambiguous: true, reason: "timeout", .. }));
    assert!(begin.elapsed() >= Duration::from_secs(15), "it gave up after {:?}", begin.elapsed());
    assert_eq!(line.google.phone(&phone(1)).came.len(), 1);
}
