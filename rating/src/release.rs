//! The releases: after a closing and some days of grace one line for each cohort and subject, once and for ever.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDateTime, TimeDelta};
use diesel::dsl::count_star;
use diesel::prelude::*;
use domain::Result;
use domain::db::{Conn, on_backend};
use domain::types::{PeriodId, SubjectId};

use crate::cohorts::{self, Classes};
use crate::diary::{self, Closing, Counted};
use crate::line::{Law, Line, MECHANISM};
use crate::schema::{releases, rounds};
use crate::unit::{Cohort, Unit};
use crate::{Rating, counting};

/// The bound of one release, in hundredths.
const EPSILON: i64 = 100;

/// No child and subject has more releases in a school year.
const MOST_A_YEAR: usize = 4;

impl Rating {
    /// Releases all that is due at `now` and says how many lines that were. Any number of workers may do so at once, and each
    /// may be cut off anywhere: a unit has one line, whoever drew it.
    pub fn release(&self, now: NaiveDateTime) -> Result<usize> {
        let grace = TimeDelta::days(self.settings.grace_days.into());
        let mut released = 0;
        for closing in self.diary.read_here(|conn| diary::closed_until(conn, now - grace))? {
            if !self.own.read_here(|conn| is_done(conn, &closing))? {
                released += self.go_through(&closing, closing.closed_at + grace, now)?;
            }
        }
        Ok(released)
    }

    fn go_through(&self, closing: &Closing, due: NaiveDateTime, now: NaiveDateTime) -> Result<usize> {
        let counted = self.own.read_here(|conn| counting::at(conn, due))?;
        let results = self.diary.read_here(|conn| diary::counted(conn, closing.period, &counted))?;
        let mut released = 0;
        for results in results.chunk_by(|one, other| one.subject == other.subject) {
            released += self.own.write_here(|conn| self.subject(conn, closing, results, now))?;
        }
        self.own.write_here(|conn| done(conn, closing, now))?;
        // No numbers of children or classes: a log is read by many.
        tracing::info!(period.id = closing.period.0, released, "rating released");
        Ok(released)
    }

    /// The lines of one subject. All hangs on what is frozen, so whoever comes second does the same or nothing.
    fn subject(&self, conn: &mut Conn, closing: &Closing, results: &[Counted], now: NaiveDateTime) -> Result<usize> {
        let Some(subject) = results.first().map(|one| one.subject) else { return Ok(0) };
        if budget_is_spent(conn, closing, subject)? {
            return Ok(0);
        }
        let mut classes = Classes::new();
        for one in results {
            classes.entry(one.class).or_insert((one.level, 0)).1 += 1;
        }
        let settled = cohorts::keep(conn, closing, subject, &classes, self.settings.least)?;
        let mut cohorts: BTreeMap<Cohort, Vec<i64>> = BTreeMap::new();
        for one in results {
            let Some(alone) = settled.get(&one.class) else { continue };
            let cohort = cohorts::cohort(closing.school, closing.school_year, one.class, one.level, *alone);
            if let Some(cohort) = cohort {
                cohorts.entry(cohort).or_default().push(one.percent);
            }
        }
        let mut released = 0;
        for (cohort, results) in cohorts.into_iter().filter(|(_, results)| results.len() >= self.settings.least) {
            let unit = Unit { cohort, subject: subject.0, period: closing.period.0 };
            let line = Law::of(&results).draw(&self.key.draw(&unit));
            released += insert(conn, closing, &unit, line, now)?;
        }
        Ok(released)
    }
}

/// Writes a line down unless its unit has one.
fn insert(conn: &mut Conn, closing: &Closing, unit: &Unit, line: Line, now: NaiveDateTime) -> Result<usize> {
    let row = (
        releases::unit.eq(unit.to_string()),
        releases::school_id.eq(closing.school),
        releases::school_year.eq(closing.school_year),
        releases::subject_id.eq(unit.subject),
        releases::period_id.eq(unit.period),
        releases::line.eq(line.percent()),
        releases::epsilon.eq(EPSILON),
        releases::mechanism.eq(MECHANISM),
        releases::code_version.eq(env!("CARGO_PKG_VERSION")),
        releases::released_at.eq(now),
    );
    Ok(on_backend!(conn => diesel::insert_into(releases::table).values(row).on_conflict_do_nothing().execute(conn))?)
}

/// Whether as many other periods of the year as there may be have a line in this subject. Quarters and half-years together: a
/// child is in one cohort of each.
fn budget_is_spent(conn: &mut Conn, closing: &Closing, subject: SubjectId) -> Result<bool> {
    let query = releases::table
        .filter(releases::school_id.eq(closing.school).and(releases::school_year.eq(closing.school_year)))
        .filter(releases::subject_id.eq(subject).and(releases::period_id.ne(closing.period)))
        .select(releases::period_id);
    let others: BTreeSet<PeriodId> = on_backend!(conn => query.load::<PeriodId>(conn))?.into_iter().collect();
    Ok(others.len() >= MOST_A_YEAR)
}

fn is_done(conn: &mut Conn, closing: &Closing) -> Result<bool> {
    let query = rounds::table
        .filter(rounds::period_id.eq(closing.period).and(rounds::closed_at.eq(closing.closed_at)))
        .select(count_star());
    Ok(on_backend!(conn => query.first::<i64>(conn))? > 0)
}

fn done(conn: &mut Conn, closing: &Closing, now: NaiveDateTime) -> Result<()> {
    let row = (rounds::period_id.eq(closing.period), rounds::closed_at.eq(closing.closed_at), rounds::done_at.eq(now));
    on_backend!(conn => diesel::insert_into(rounds::table).values(row).on_conflict_do_nothing().execute(conn))?;
    Ok(())
}
