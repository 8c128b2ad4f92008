//! Alerts as letters, for families without a phone that can be pushed to.

mod answer;
mod health;
mod letter;

use std::error::Error as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::clock::Clock;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use lettre::transport::smtp;

use crate::channel::{Channel, Message, Outcome, Reach, Target};
use crate::mail::{Lost, Mailer, is_unreachable};
use answer::{AGAIN, Failure};
use health::{Health, Word};
use letter::Stationery;

/// The channel. Connections are the mailer's, pooled and shared with other letters.
pub struct Email {
    mailer: Mailer,
    stationery: Stationery,
    clock: Clock,
    health: Mutex<Health>,
}

impl Email {
    /// `public_url` is how the outside reaches this server: letters are ended there.
    pub fn new(mailer: Mailer, public_url: &str, clock: Clock) -> Self {
        let stationery = Stationery::new(mailer.from().clone(), public_url, mailer.app_url());
        Self { mailer, stationery, clock, health: Mutex::default() }
    }

    async fn write(&self, email: &str, unsubscribe: Option<&str>, message: &Message) -> Outcome {
        // What is no address today will be none tomorrow.
        let Ok(to) = email.parse() else { return Outcome::AddressDead };
        let Ok(mail) = self.stationery.write(to, unsubscribe, message) else {
            return answer::outcome(Failure::Letter);
        };
        let outcome = match self.mailer.hand_over(mail).await {
            Ok(()) => Outcome::Accepted { name: self.stationery.message_id(message) },
            Err(Lost::Folder) => answer::outcome(Failure::Unreachable),
            Err(Lost::Smtp(error)) => lost(&error),
        };
        self.weigh(outcome)
    }

    /// Addresses do not die by the dozen: then the server's word on one is not believed, and asked for again.
    fn weigh(&self, outcome: Outcome) -> Outcome {
        let since_1970 = self.clock.now().and_utc().timestamp();
        let now = Duration::from_secs(since_1970.unsigned_abs());
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Outcome::Accepted { .. } => health.taken(now),
            Outcome::AddressDead => {
                let Word::Doubted { begins } = health.refused(now) else { return outcome };
                if begins {
                    tracing::error!(
                        "more than 5 % of the addresses are refused: none is given up; may we send by this server?"
                    );
                }
                let (at_least, reach) = (Some(AGAIN), Reach::Delivery);
                return Outcome::Retry { at_least, reach, ambiguous: false, reason: "too-many-refused" };
            }
            _ => {}
        }
        outcome
    }
}

impl Channel for Email {
    fn send<'a>(&'a self, target: &'a Target, message: &'a Message) -> BoxFuture<'a, Outcome> {
        match target {
            Target::Address { email, unsubscribe } => self.write(email, unsubscribe.as_deref(), message).boxed(),
            Target::Device { .. } => std::future::ready(Outcome::Rejected { reason: "no-address" }).boxed(),
        }
    }
}

fn lost(error: &smtp::Error) -> Outcome {
    let words = error.source().map(ToString::to_string).unwrap_or_default();
    let failure = match error.status() {
        Some(code) => Failure::Said(code.into(), &words),
        None if error.is_tls() => Failure::Tls,
        None if is_unreachable(error) => Failure::Unreachable,
        None => Failure::Broken,
    };
    answer::outcome(failure)
}
