//! The time: read in one place, so that tests can hold it still.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Duration, DurationRound, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;

/// Where "now" comes from.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// Stands still until it is moved.
    Fixed(Arc<Mutex<NaiveDateTime>>),
}

impl Clock {
    /// A clock that stands still at `now` (UTC).
    pub fn fixed(now: NaiveDateTime) -> Self {
        Self::Fixed(Arc::new(Mutex::new(now)))
    }

    /// The instant in UTC at microseconds, which is what both databases keep.
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    pub fn now(&self) -> NaiveDateTime {
        match self {
            Self::System => {
                let now = Utc::now();
                now.duration_trunc(Duration::microseconds(1)).unwrap_or(now).naive_utc()
            }
            Self::Fixed(now) => *now.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Moves a fixed clock; the machine's clock cannot be moved.
    pub fn advance(&self, by: Duration) {
        if let Self::Fixed(now) = self {
            *now.lock().unwrap_or_else(PoisonError::into_inner) += by;
        }
    }
}

/// The local day at `now` (UTC) in a school's zone.
pub fn local_day(now: NaiveDateTime, zone: Tz) -> NaiveDate {
    DateTime::<Utc>::from_naive_utc_and_offset(now, Utc).with_timezone(&zone).date_naive()
}
