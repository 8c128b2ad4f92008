//! How the demo writes: like a school's journal, a collection at a time, and nothing may be refused.

use anyhow::bail;
use chrono::{NaiveDateTime, TimeZone};
use chrono_tz::Tz;
use domain::db::Db;
use domain::intake::{self, Item, Outcome, Writer};
use domain::types::SchoolId;

/// Where the schools of the demo are.
pub const ZONE: Tz = Tz::Asia__Almaty;

/// The journal of one school.
pub struct Journal<'a> {
    pub db: &'a Db,
    pub school: SchoolId,
    /// In UTC; nothing is written later than this.
    pub now: NaiveDateTime,
}

impl Journal<'_> {
    /// Writes, and gives the database's ids in the order of the items.
    pub fn put<I: Item>(&self, items: &[I]) -> anyhow::Result<Vec<i64>> {
        self.write(items, self.now)
    }

    /// Writes at a moment of local time that is past, so that the history of things reads as it happened.
    pub fn put_at<I: Item>(&self, items: &[I], local: NaiveDateTime) -> anyhow::Result<Vec<i64>> {
        let then = ZONE.from_local_datetime(&local).earliest().map_or(self.now, |then| then.naive_utc());
        self.write(items, then.min(self.now))
    }

    fn write<I: Item>(&self, items: &[I], now: NaiveDateTime) -> anyhow::Result<Vec<i64>> {
        let writer = Writer { school: self.school, staff: None, client: None, now, reopen: false, baseline: true };
        let mut ids = Vec::with_capacity(items.len());
        for (item, outcome) in items.iter().zip(intake::put(self.db, writer, items)?) {
            match outcome {
                Outcome::Rejected(flaw) => {
                    bail!("the demo's {} was refused at {}: {}", item.external_id(), flaw.pointer, flaw.detail)
                }
                taken => ids.extend(taken.id()),
            }
        }
        Ok(ids)
    }
}

/// The local time where the schools are.
pub fn local(now: NaiveDateTime) -> NaiveDateTime {
    ZONE.from_utc_datetime(&now).naive_local()
}
