//! The locks of a write: periods first, then the revision counters. A child's counter is the lock of its diary, the number of
//! its changes and the heart of its `ETag`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::{Conn, IsAmong, on_backend};
use crate::schema::{children, enrolments, periods, schools};
use crate::types::{ChildId, PeriodId, SchoolId};
use crate::{Error, Result};

/// Whose counters a write takes, and in which periods it writes.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Set if something is graded: a closing waits for it, or it sees that the period is closed.
    pub days: Option<Days>,
    /// Set if something changes that the families of the school share: periods, bells, names of subjects and teachers.
    pub school: Option<SchoolId>,
    pub children: Vec<ChildId>,
}

/// The days of a school in which a write grades. It holds every period that touches them, beside others or, to close one, alone.
#[derive(Debug, Clone, Copy)]
pub struct Days {
    pub school: SchoolId,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub alone: bool,
}

impl Days {
    /// The days from the first to the last of these, held beside others; `None` for no day.
    pub fn of(school: SchoolId, days: impl IntoIterator<Item = NaiveDate>) -> Option<Self> {
        let widen = |run: Option<Self>, day: NaiveDate| {
            let run = run.unwrap_or(Self { school, from: day, to: day, alone: false });
            Some(Self { from: run.from.min(day), to: run.to.max(day), ..run })
        };
        days.into_iter().fold(None, widen)
    }

    /// The days of both and those between, held alone if either is.
    pub fn both(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        let (Some(one), Some(other)) = (one, other) else { return one.or(other) };
        Some(Self { from: one.from.min(other.from), to: one.to.max(other.to), alone: one.alone || other.alone, ..one })
    }

    /// All days there are, for a write that moves the periods themselves.
    pub fn all_alone(school: SchoolId) -> Self {
        const FIRST: NaiveDate = NaiveDate::from_ymd_opt(1, 1, 1).unwrap();
        const LAST: NaiveDate = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap();
        Self { school, from: FIRST, to: LAST, alone: true }
    }

    fn hold(self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.to
    }
}

impl From<Vec<ChildId>> for Scope {
    fn from(children: Vec<ChildId>) -> Self {
        Self { children, ..Self::default() }
    }
}

/// The periods and the counters a transaction holds. A counter moves once per transaction, and only if it was touched.
#[derive(Debug)]
pub struct Touch {
    days: Option<Days>,
    periods: Vec<Held>,
    school: Option<SchoolId>,
    school_touched: bool,
    held: BTreeMap<ChildId, i64>,
    touched: BTreeSet<ChildId>,
}

/// A period as it is while it is held; it can neither be closed nor opened meanwhile.
#[derive(Debug, Queryable)]
struct Held {
    id: PeriodId,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    closed_at: Option<NaiveDateTime>,
}

/// As many ids as one statement names.
const CHUNK: usize = 1000;

impl Touch {
    /// Takes the periods first, then the school's counter, then the children's, each in ascending order: one order for all, so
    /// no deadlock.
    pub(super) fn lock(conn: &mut Conn, scope: Scope) -> Result<Self> {
        let periods = scope.days.map(|days| lock_periods(conn, days)).transpose()?.unwrap_or_default();
        let mut ids = scope.children;
        if let Some(school) = scope.school {
            lock_school(conn, school)?;
            ids.extend(former_pupils(conn, school)?);
        }
        ids.sort_unstable();
        ids.dedup();
        let mut held = BTreeMap::new();
        for ids in ids.chunks(CHUNK) {
            held.extend(lock_children(conn, ids)?);
        }
        let (days, school) = (scope.days, scope.school);
        Ok(Self { days, periods, school, school_touched: false, held, touched: BTreeSet::new() })
    }

    /// Whether a period with this day in it is closed. A day that is not held makes the work run again.
    pub fn is_closed_on(&self, day: NaiveDate) -> Result<bool> {
        if !self.days.is_some_and(|days| days.hold(day)) {
            return Err(Error::Outgrown);
        }
        let holds = |period: &Held| period.starts_on <= day && day <= period.ends_on;
        Ok(self.periods.iter().any(|period| period.closed_at.is_some() && holds(period)))
    }

    /// When this period was closed, if it is. A period that is not held makes the work run again.
    pub fn closed_at(&self, period: PeriodId) -> Result<Option<NaiveDateTime>> {
        let held = self.periods.iter().find(|held| held.id == period);
        held.map(|held| held.closed_at).ok_or(Error::Outgrown)
    }

    /// Says that `child` changes and returns the number of this change. A child that is not held makes the work run again.
    pub fn child(&mut self, child: ChildId) -> Result<i64> {
        let revision = *self.held.get(&child).ok_or(Error::Outgrown)?;
        self.touched.insert(child);
        Ok(revision + 1)
    }

    /// Says that the work hangs on `child`'s lock without changing its diary. A child that is not held makes it run again.
    pub fn holds(&self, child: ChildId) -> Result<()> {
        self.held.contains_key(&child).then_some(()).ok_or(Error::Outgrown)
    }

    /// Says that what the families of the school share changes.
    pub fn school(&mut self) -> Result<()> {
        if self.school.is_none() {
            return Err(Error::Outgrown);
        }
        self.school_touched = true;
        Ok(())
    }

    /// Whether something of `child` was said to change.
    pub fn is_touched(&self, child: ChildId) -> bool {
        self.touched.contains(&child)
    }

    /// The children held.
    pub fn held(&self) -> impl Iterator<Item = ChildId> {
        self.held.keys().copied()
    }

    /// Moves the counters of all that was touched.
    pub(super) fn settle(mut self, conn: &mut Conn) -> Result<()> {
        if self.school_touched
            && let Some(school) = self.school
        {
            diesel::update(schools::table.find(school))
                .set(schools::revision.eq(schools::revision + 1))
                .execute(conn)?;
            let former = former_pupils(conn, school)?;
            self.touched.extend(former.into_iter().filter(|child| self.held.contains_key(child)));
        }
        let touched: Vec<ChildId> = self.touched.into_iter().collect();
        for ids in touched.chunks(CHUNK) {
            let moved = diesel::update(children::table.filter(children::id.among(ids)))
                .set(children::revision.eq(children::revision + 1));
            on_backend!(conn => moved.execute(conn))?;
        }
        Ok(())
    }
}

fn lock_periods(conn: &mut Conn, days: Days) -> Result<Vec<Held>> {
    let query = periods::table
        .filter(periods::school_id.eq(days.school))
        .filter(periods::starts_on.le(days.to).and(periods::ends_on.ge(days.from)))
        .order(periods::id)
        .select((periods::id, periods::starts_on, periods::ends_on, periods::closed_at));
    Ok(match conn {
        Conn::Sqlite(conn) => query.load(conn)?,
        Conn::Postgres(conn) if days.alone => query.for_update().load(conn)?,
        Conn::Postgres(conn) => query.for_share().load(conn)?,
    })
}

fn lock_school(conn: &mut Conn, school: SchoolId) -> Result<()> {
    let query = schools::table.find(school).select(schools::revision);
    match conn {
        Conn::Sqlite(conn) => query.first::<i64>(conn)?,
        Conn::Postgres(conn) => query.for_update().first::<i64>(conn)?,
    };
    Ok(())
}

fn lock_children(conn: &mut Conn, ids: &[ChildId]) -> Result<Vec<(ChildId, i64)>> {
    let query =
        children::table.filter(children::id.among(ids)).order(children::id).select((children::id, children::revision));
    Ok(match conn {
        Conn::Sqlite(conn) => query.load(conn)?,
        Conn::Postgres(conn) => query.for_update().load(conn)?,
    })
}

/// Children who left the school: they join another school's counter, so what this school shares must move their own.
fn former_pupils(conn: &mut Conn, school: SchoolId) -> Result<Vec<ChildId>> {
    let query = enrolments::table
        .inner_join(children::table)
        .filter(enrolments::school_id.eq(school).and(children::school_id.ne(school)))
        .select(children::id);
    Ok(on_backend!(conn => query.load(conn))?)
}
