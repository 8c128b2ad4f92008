//! Where tests let this program die, and how they put its clock wrong. Without the feature `faults` nothing of it is there.

use chrono::Duration;

/// A place at which the process dies at once if the variable `FAILPOINTS` names it: `alerts::claimed=2*off->return` means when
/// it comes there for the third time.
#[cfg(feature = "faults")]
pub fn at(place: &str) {
    fail::eval(place, |_| std::process::abort());
}

/// How far its clock is ahead: `clock=return(-3600)` puts it back by an hour.
#[cfg(feature = "faults")]
pub fn ahead() -> Duration {
    let told = fail::eval("clock", |by| by.and_then(|by| by.parse().ok()));
    Duration::seconds(told.flatten().unwrap_or(0))
}

/// Reads `FAILPOINTS`. It is in force until the answer is dropped.
#[cfg(feature = "faults")]
pub fn from_environment() -> impl Sized {
    fail::FailScenario::setup()
}

/// A place at which a program that tests start may die. This one does not.
#[cfg(not(feature = "faults"))]
#[inline]
pub fn at(_place: &str) {}

/// Its clock is as it is.
#[cfg(not(feature = "faults"))]
#[inline]
pub fn ahead() -> Duration {
    Duration::zero()
}
