//! Alerts as letters, for families without a phone that can be pushed to.

mod answer;
mod letter;

use std::error::Error as _;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use lettre::transport::smtp;

use crate::channel::{Channel, Message, Outcome, Target};
use crate::mail::{Lost, Mailer, is_unreachable};
use answer::Failure;
use letter::Stationery;

/// The channel. Connections are the mailer's, pooled and shared with other letters.
pub struct Email {
    mailer: Mailer,
    stationery: Stationery,
}

impl Email {
    /// `public_url` is how the outside reaches this server: letters are ended there.
    pub fn new(mailer: Mailer, public_url: &str) -> Self {
        let stationery = Stationery::new(mailer.from().clone(), public_url, mailer.app_url());
        Self { mailer, stationery }
    }

    async fn write(&self, email: &str, unsubscribe: Option<&str>, message: &Message) -> Outcome {
        // What is no address today will be none tomorrow.
        let Ok(to) = email.parse() else { return Outcome::AddressDead };
        let Ok(mail) = self.stationery.write(to, unsubscribe, message) else {
            return answer::outcome(Failure::Letter);
        };
        match self.mailer.hand_over(mail).await {
            Ok(()) => Outcome::Accepted { name: self.stationery.message_id(message) },
            Err(Lost::Folder) => answer::outcome(Failure::Unreachable),
            Err(Lost::Smtp(error)) => lost(&error),
        }
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
