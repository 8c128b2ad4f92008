//! The ways out of the house, over real sockets: FCM's stand-in, and a mail server.

mod doctor;
mod fcm;
mod fcm_faults;
mod letters;

use std::time::Duration;

use domain::alerts::facts::Facts;
use domain::types::{AlertId, Language, Platform, Privacy};
use notifications::channel::{Message, Target};

/// A phone's token, such as FCM hands out.
pub fn phone(n: u32) -> String {
    format!("phone-{n:04}:APA91bTestTestTestTestTest")
}

fn target(platform: Platform, n: u32) -> Target {
    Target::Device { platform, token: phone(n) }
}

/// An alert at the generic level; the same `thing` is replaced on a screen.
fn message(alert: i64, thing: &str) -> Message {
    Message {
        alert: AlertId(alert),
        collapse: thing.to_owned(),
        language: Language::Kk,
        privacy: Privacy::Generic,
        facts: Facts::Something,
        ttl: Duration::from_secs(24 * 3600),
    }
}
