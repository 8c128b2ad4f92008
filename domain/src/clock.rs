//! The time: read in one place, so that tests can hold it still.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Duration, DurationRound, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Timestamp;

use crate::db::Conn;
use crate::{Error, Result, faults};

/// An answer that took longer does not say what time it is.
const PROMPT: Duration = Duration::seconds(1);

/// Where "now" comes from.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// The machine's clock, put right by what the database's said last: so many microseconds. All who share a database share
    /// its time, whatever their machines say.
    Shared(Arc<AtomicI64>),
    /// Stands still until it is moved.
    Fixed(Arc<Mutex<NaiveDateTime>>),
}

impl Clock {
    /// A clock that stands still at `now` (UTC).
    pub fn fixed(now: NaiveDateTime) -> Self {
        Self::Fixed(Arc::new(Mutex::new(now)))
    }

    /// The instant in UTC at microseconds, which is what both databases keep.
    pub fn now(&self) -> NaiveDateTime {
        match self {
            Self::System => machine(),
            Self::Shared(behind) => machine() + Duration::microseconds(behind.load(Ordering::Relaxed)),
            Self::Fixed(now) => *now.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// The clock to go by where several machines do one work; [`Clock::set`] puts it right.
    #[must_use]
    pub fn shared(&self) -> Self {
        match self {
            Self::System => Self::Shared(Arc::default()),
            other => other.clone(),
        }
    }

    /// Puts a shared clock right. SQLite knows no clock but the machine's, and whoever uses its file has the same.
    pub fn set(&self, conn: &mut Conn) -> Result<()> {
        let (Self::Shared(behind), Conn::Postgres(conn)) = (self, conn) else { return Ok(()) };
        let asked = machine();
        let told: NaiveDateTime =
            diesel::select(sql::<Timestamp>("clock_timestamp() AT TIME ZONE 'UTC'")).get_result(conn)?;
        if !(Duration::zero()..PROMPT).contains(&(machine() - asked)) {
            return Err(Error::Busy);
        }
        behind.store((told - asked).num_microseconds().unwrap_or(0), Ordering::Relaxed);
        Ok(())
    }

    /// Moves a fixed clock; the machine's clock cannot be moved.
    pub fn advance(&self, by: Duration) {
        if let Self::Fixed(now) = self {
            *now.lock().unwrap_or_else(PoisonError::into_inner) += by;
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "the one place that reads the clock")]
fn machine() -> NaiveDateTime {
    let now = Utc::now() + faults::ahead();
    now.duration_trunc(Duration::microseconds(1)).unwrap_or(now).naive_utc()
}

/// The local day at `now` (UTC) in a school's zone.
pub fn local_day(now: NaiveDateTime, zone: Tz) -> NaiveDate {
    DateTime::<Utc>::from_naive_utc_and_offset(now, Utc).with_timezone(&zone).date_naive()
}
