//! What the worker counts, for Prometheus: nothing of it says who or what.

use std::time::Duration;

use domain::alerts::settle::Ending;
use domain::types::{DeliveryState, Lane, Way, Word};

/// Deliveries that came to an end, by way and state; repeats are counted apart.
pub const ENDED: &str = "apta_alert_deliveries_total";
/// Sendings to be repeated, by lane.
pub const REPEATED: &str = "apta_alert_repeats_total";
/// How long a provider took to answer, by lane.
pub const PROVIDER: &str = "apta_alert_provider_seconds";
/// How long behind the time it was due a delivery was accepted, by lane.
pub const DELAY: &str = "apta_alert_delay_seconds";

/// Counts what ended before it was sent.
pub fn closed(closed: &[(Way, DeliveryState)]) {
    for (way, state) in closed {
        ended(*way, *state, 1);
    }
}

/// Counts what a sending came to.
pub fn settled(lane: Lane, ending: &Ending, delay: Duration) {
    let way = if lane == Lane::Email { Way::Email } else { Way::Push };
    match ending {
        Ending::Accepted { .. } => {
            ended(way, DeliveryState::Accepted, 1);
            ::metrics::histogram!(DELAY, "lane" => lane.as_str()).record(delay);
        }
        Ending::TokenDead => ended(way, DeliveryState::TokenDead, 1),
        Ending::AddressDead => ended(way, DeliveryState::Suppressed, 1),
        Ending::DeadLetter { .. } => ended(way, DeliveryState::DeadLetter, 1),
        Ending::TokenRefused { .. } | Ending::Again { .. } => {
            ::metrics::counter!(REPEATED, "lane" => lane.as_str()).increment(1);
        }
    }
}

/// Measures a provider's answer.
pub fn answered(lane: Lane, took: Duration) {
    ::metrics::histogram!(PROVIDER, "lane" => lane.as_str()).record(took);
}

fn ended(way: Way, state: DeliveryState, count: u64) {
    ::metrics::counter!(ENDED, "channel" => way.as_str(), "state" => state.as_str()).increment(count);
}
