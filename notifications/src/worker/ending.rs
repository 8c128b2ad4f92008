//! From what a channel says to what is written: when something is tried again.

use chrono::{Duration, NaiveDateTime};
use domain::alerts::claim::{Claimed, To};
use domain::alerts::settle::Ending;

use crate::channel::{Outcome, Reach};

/// A provider that says that we are too fast and not how long to wait.
const TOO_FAST: Duration = Duration::seconds(60);

/// What is written of an outcome at `now`.
pub fn ending(outcome: &Outcome, claimed: &Claimed, now: NaiveDateTime) -> Ending {
    let after =
        |wait: Duration, ambiguous, pause| Ending::Again { at: now + jittered(wait, claimed), ambiguous, pause };
    match outcome {
        Outcome::Accepted { name } => Ending::Accepted { name: name.clone() },
        Outcome::TokenDead => Ending::TokenDead,
        Outcome::AddressDead => Ending::AddressDead,
        Outcome::Quarantine { wrong_sender } => Ending::TokenRefused { wrong_sender: *wrong_sender },
        Outcome::Rejected { reason } => Ending::DeadLetter { reason },
        Outcome::Retry { at_least, reach, ambiguous, reason } => {
            let told = at_least.map(|wait| Duration::from_std(wait).unwrap_or(Duration::days(1)));
            match reach {
                Reach::Lane => after(told.unwrap_or(TOO_FAST), *ambiguous, Some(*reason)),
                Reach::Delivery => after(told.unwrap_or_default().max(backoff(claimed)), *ambiguous, None),
            }
        }
        Outcome::Pause { at_least, reason } => {
            after(Duration::from_std(*at_least).unwrap_or(Duration::days(1)), false, Some(*reason))
        }
    }
}

/// Pushes: 10 s, doubled up to 10 minutes. Letters: half an hour, doubled up to four hours.
fn backoff(claimed: &Claimed) -> Duration {
    let (first, longest) = match claimed.to {
        To::Phone { .. } => (Duration::seconds(10), Duration::minutes(10)),
        To::Mailbox { .. } => (Duration::minutes(30), Duration::hours(4)),
    };
    let doubled = 1 << (claimed.number - 1).clamp(0, 10);
    (first * doubled).min(longest)
}

/// Up to a quarter longer, never shorter, another part for each delivery and attempt: so not all come back at once.
fn jittered(wait: Duration, claimed: &Claimed) -> Duration {
    let spread =
        claimed.delivery.0.wrapping_mul(0x9E37_79B9).wrapping_add(i64::from(claimed.number).wrapping_mul(7919));
    wait + wait * i32::try_from(spread.rem_euclid(1000)).unwrap_or_default() / 4000
}
