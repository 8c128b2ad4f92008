//! Who may send now: waits that the provider asked for, and lanes that stand still.

use std::collections::BTreeMap;
use std::time::Duration;

use super::answer::Answer;
use super::health::{Health, Said};
use crate::channel::{Lane, Outcome, Reach};

/// Nothing is sent again sooner.
const SOONEST: Duration = Duration::from_secs(10);

/// After too many, when the provider does not say how long.
const QUOTA: Duration = Duration::from_secs(60);

/// What only an operator can mend is tried again after this.
const PAUSE: Duration = Duration::from_secs(300);

/// For so long a word is doubted after too many said the same: longer than it takes until they are asked again.
const DOUBT: Duration = Duration::from_secs(900);

/// What keeps messages from leaving until a moment.
#[derive(Debug, Clone, Copy)]
struct Bar {
    since: Duration,
    until: Duration,
    reason: &'static str,
    /// Whether an operator is needed.
    pause: bool,
}

/// The state that all sendings of one process share. Moments are counted since 1970; a clock that is set back opens bars.
#[derive(Debug, Default)]
pub(super) struct Gate {
    health: Health,
    project: Option<Bar>,
    lanes: BTreeMap<Lane, Bar>,
    /// Until when nobody who says that a phone is gone is believed.
    doubt: Option<Duration>,
}

impl Gate {
    /// Whether a message may leave now, and if not, what becomes of it.
    pub fn pass(&mut self, lane: Lane, now: Duration) -> Result<(), Outcome> {
        if self.health.is_key_wrong(now) {
            return Err(Outcome::Pause { at_least: PAUSE, reason: "wrong-project" });
        }
        let bars = [self.project, self.lanes.get(&lane).copied()];
        match bars.into_iter().flatten().filter(|bar| bar.since <= now && now < bar.until).max_by_key(|bar| bar.until) {
            Some(bar) => Err(bar.outcome(now)),
            None => Ok(()),
        }
    }

    /// What an answer means for the message, and for those that come after it.
    pub fn settle(&mut self, lane: Lane, now: Duration, answer: Answer) -> Outcome {
        match answer {
            Answer::Accepted(name) => {
                self.health.count(now, Said::Alive);
                Outcome::Accepted { name }
            }
            Answer::Unregistered => self.dead(now),
            Answer::BadToken => Outcome::Quarantine { wrong_sender: false },
            Answer::WrongSender => self.wrong_sender(now),
            Answer::BadPayload => {
                tracing::error!("FCM cannot read what it was sent");
                Outcome::Rejected { reason: "payload" }
            }
            Answer::ThirdPartyRefused => {
                tracing::error!(?lane, "the key for this platform in the Firebase console is refused");
                let bar = Bar { since: now, until: now + PAUSE, reason: "third-party-auth", pause: true };
                self.lanes.insert(lane, bar);
                bar.outcome(now)
            }
            Answer::Unauthenticated => self.stop(now, "unauthenticated"),
            Answer::Forbidden => self.stop(now, "forbidden"),
            Answer::Quota(wait) => {
                let until = now + wait.map_or(QUOTA, |wait| wait.max(SOONEST));
                self.close(Bar { since: now, until, reason: "quota", pause: false }, now)
            }
            Answer::Unavailable(wait) => retry(wait.map(|wait| wait.max(SOONEST)), "unavailable"),
            Answer::Unclear => retry(None, "unclear"),
        }
    }

    /// The project's sending stands still until an operator mends something.
    pub fn stop(&mut self, now: Duration, reason: &'static str) -> Outcome {
        tracing::error!(reason, "push messages are not taken; see `apta doctor`");
        self.close(Bar { since: now, until: now + PAUSE, reason, pause: true }, now)
    }

    /// Nobody could be asked at all, so nothing was delivered.
    pub fn unreachable(&mut self, now: Duration, reason: &'static str) -> Outcome {
        self.close(Bar { since: now, until: now + SOONEST, reason, pause: false }, now)
    }

    /// The latest end of all bars counts.
    fn close(&mut self, bar: Bar, now: Duration) -> Outcome {
        if self.project.is_none_or(|old| old.until < bar.until || old.since > now) {
            self.project = Some(bar);
        }
        bar.outcome(now)
    }

    /// So many phones do not leave at once: then the word of one is not believed, and asked for again.
    fn dead(&mut self, now: Duration) -> Outcome {
        self.health.count(now, Said::Dead);
        let in_doubt = self.doubt.is_some_and(|until| now < until);
        if self.health.is_dying_too_fast(now) {
            self.doubt = Some(now + DOUBT);
            if !in_doubt {
                tracing::error!("more than 5 % of the phones are said to be gone: no token is deleted");
            }
        } else if !in_doubt {
            return Outcome::TokenDead;
        }
        let (at_least, reach) = (Some(PAUSE), Reach::Delivery);
        Outcome::Retry { at_least, reach, ambiguous: false, reason: "too-many-unregistered" }
    }

    fn wrong_sender(&mut self, now: Duration) -> Outcome {
        self.health.count(now, Said::WrongSender);
        if self.health.is_key_wrong(now) {
            tracing::error!("more than 1 % of the phones belong to another project: the key must be wrong");
            return Outcome::Pause { at_least: PAUSE, reason: "wrong-project" };
        }
        Outcome::Quarantine { wrong_sender: true }
    }
}

impl Bar {
    fn outcome(self, now: Duration) -> Outcome {
        let at_least = self.until.saturating_sub(now);
        if self.pause {
            return Outcome::Pause { at_least, reason: self.reason };
        }
        Outcome::Retry { at_least: Some(at_least), reach: Reach::Lane, ambiguous: false, reason: self.reason }
    }
}

/// One message has to be sent again, though it may have been delivered.
pub(super) fn retry(at_least: Option<Duration>, reason: &'static str) -> Outcome {
    Outcome::Retry { at_least, reach: Reach::Delivery, ambiguous: true, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1000);

    fn later(seconds: u64) -> Duration {
        NOW + Duration::from_secs(seconds)
    }

    fn lane_waits(seconds: u64, reason: &'static str) -> Outcome {
        let at_least = Some(Duration::from_secs(seconds));
        Outcome::Retry { at_least, reach: Reach::Lane, ambiguous: false, reason }
    }

    #[test]
    fn too_many_stop_every_lane_for_as_long_as_asked() {
        for (asked, waits) in [(Some(30), 30), (None, 60), (Some(0), 10)] {
            let mut gate = Gate::default();
            let outcome = gate.settle(Lane::Android, NOW, Answer::Quota(asked.map(Duration::from_secs)));
            assert_eq!(outcome, lane_waits(waits, "quota"));
            assert_eq!(gate.pass(Lane::Ios, later(4)).unwrap_err(), lane_waits(waits - 4, "quota"));
            assert!(gate.pass(Lane::Ios, later(waits)).is_ok());
        }
    }

    #[test]
    fn a_shorter_wait_does_not_end_a_longer_one() {
        let mut gate = Gate::default();
        gate.settle(Lane::Android, NOW, Answer::Quota(Some(Duration::from_secs(120))));
        gate.settle(Lane::Android, NOW, Answer::Quota(Some(Duration::from_secs(20))));
        assert!(gate.pass(Lane::Android, later(119)).is_err());
    }

    #[test]
    fn a_refused_apple_key_stops_iphones_alone() {
        let mut gate = Gate::default();
        let outcome = gate.settle(Lane::Ios, NOW, Answer::ThirdPartyRefused);
        assert_eq!(outcome, Outcome::Pause { at_least: PAUSE, reason: "third-party-auth" });
        assert!(gate.pass(Lane::Ios, later(299)).is_err());
        assert!(gate.pass(Lane::Android, later(1)).is_ok());
        assert!(gate.pass(Lane::Ios, later(300)).is_ok());
    }

    #[test]
    fn a_wrong_key_opens_the_breaker_before_tokens_suffer() {
        let mut gate = Gate::default();
        let mut settle = || gate.settle(Lane::Android, NOW, Answer::WrongSender);
        let outcomes: Vec<Outcome> = (0..6).map(|_| settle()).collect();
        let (quarantined, paused) = outcomes.split_at(4);
        assert!(quarantined.iter().all(|one| *one == Outcome::Quarantine { wrong_sender: true }));
        assert!(paused.iter().all(|one| *one == Outcome::Pause { at_least: PAUSE, reason: "wrong-project" }));
        assert!(gate.pass(Lane::Ios, later(200)).is_err());
        assert!(gate.pass(Lane::Ios, later(301)).is_ok());
    }

    #[test]
    fn when_every_phone_is_said_to_be_gone_no_more_tokens_are_deleted() {
        let mut gate = Gate::default();
        let dead = (0..100).filter(|_| gate.settle(Lane::Android, NOW, Answer::Unregistered) == Outcome::TokenDead);
        assert_eq!(dead.count(), 9);
        let mut again = |seconds| gate.settle(Lane::Android, later(seconds), Answer::Unregistered);
        let in_doubt = retry_of_dead();
        assert!((0..100).all(|at| again(330 + at / 10) == in_doubt), "nor when they are asked again");
        assert_eq!(again(339 + 899), in_doubt);
        assert_eq!(again(339 + 901), Outcome::TokenDead, "the wave is over");
    }

    fn retry_of_dead() -> Outcome {
        let (at_least, reach) = (Some(PAUSE), Reach::Delivery);
        Outcome::Retry { at_least, reach, ambiguous: false, reason: "too-many-unregistered" }
    }

    #[test]
    fn what_is_unclear_may_have_been_delivered_and_waits_ten_seconds_or_more() {
        let mut gate = Gate::default();
        let mut settle = |answer| gate.settle(Lane::Web, NOW, answer);
        let wait = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(settle(Answer::Unavailable(wait(3))), retry(wait(10), "unavailable"));
        assert_eq!(settle(Answer::Unavailable(wait(40))), retry(wait(40), "unavailable"));
        assert_eq!(settle(Answer::Unavailable(None)), retry(None, "unavailable"));
        assert_eq!(settle(Answer::Unclear), retry(None, "unclear"));
        assert_eq!(settle(Answer::BadToken), Outcome::Quarantine { wrong_sender: false });
        assert_eq!(settle(Answer::BadPayload), Outcome::Rejected { reason: "payload" });
        assert_eq!(gate.unreachable(NOW, "unreachable"), lane_waits(10, "unreachable"));
        let name = "projects/p/messages/1".to_owned();
        let mut gate = Gate::default();
        assert_eq!(gate.settle(Lane::Web, NOW, Answer::Accepted(name.clone())), Outcome::Accepted { name });
        let paused = |reason| Outcome::Pause { at_least: PAUSE, reason };
        assert_eq!(gate.settle(Lane::Web, NOW, Answer::Unauthenticated), paused("unauthenticated"));
        assert_eq!(gate.settle(Lane::Web, NOW, Answer::Forbidden), paused("forbidden"));
    }
}
