//! Closing a period: from then on grades are refused, and every child's result in every subject is frozen.
//!
//! First the period is shut under its lock, so that a grade is either there before or refused. Then the results are frozen,
//! some children at a time: nothing can change them any more, so this leaves room for others, and goes on where it stopped.

mod differences;
mod rows;
mod terms;
mod years;

use std::time::Instant;

use chrono::{NaiveDateTime, TimeDelta};
use diesel::dsl::max;
use diesel::prelude::*;

use crate::Result;
use crate::db::{Conn, Days, Db, Scope, Touch, on_backend};
use crate::error::{Error, Noun};
use crate::intake::Writer;
use crate::periods::{self, Period};
use crate::schema::{enrolments, periods as table, results};
use crate::types::{ChildId, Language, PeriodId, PeriodKind, SchoolId, Word};

pub use differences::{Difference, Grade, differences};

/// What a closing did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// It was closed before, wholly.
    pub already: bool,
    /// The results that were frozen just now.
    pub results: usize,
    /// Where journal and engine come to different grades; for the school, never for parents.
    pub differences: Vec<Difference>,
}

/// How many children's results one transaction freezes.
pub const STEP: i64 = 25;

/// The period with the school's own id `name`, or with this number.
pub fn find(conn: &mut Conn, school: SchoolId, name: &str) -> Result<Period> {
    let own = table::school_id.eq(school).and(table::external_id.eq(name));
    let named: Option<PeriodId> = table::table.filter(own).select(table::id).first(conn).optional()?;
    let id = named.or_else(|| name.parse().ok().map(PeriodId)).ok_or(Error::NotFound(Noun::Period))?;
    one(conn, school, id)
}

/// A period of the school; another school's is not there.
pub fn one(conn: &mut Conn, school: SchoolId, id: PeriodId) -> Result<Period> {
    periods::of_school(conn, school, id)
}

/// The locks of [`shut`] and [`reopen`]: the period and all it touches, alone, and what the families of the school share.
pub fn scope(conn: &mut Conn, school: SchoolId, id: PeriodId) -> Result<Scope> {
    let period = one(conn, school, id)?;
    let days = days(conn, &period)?.map(|days| Days { alone: true, ..days });
    Ok(Scope { days, school: Some(school), children: Vec::new() })
}

/// Shuts a period: from this transaction on nothing is graded in it. Returns the period as it is then; one that is shut stays
/// as it is. A year can be shut when all its periods are.
pub fn shut(conn: &mut Conn, touch: &mut Touch, writer: Writer, id: PeriodId) -> Result<Period> {
    touch.closed_at(id)?;
    let period = one(conn, writer.school, id)?;
    if period.closed_at.is_some() {
        return Ok(period);
    }
    if period.kind == PeriodKind::Year {
        refuse_open_periods(conn, &period)?;
    }
    // Every closing has a moment of its own, by which its results are known.
    let last: Option<NaiveDateTime> =
        results::table.filter(results::period_id.eq(id)).select(max(results::frozen_at)).first(conn)?;
    let now = last.map_or(writer.now, |last| writer.now.max(last + TimeDelta::microseconds(1)));
    touch.school()?;
    diesel::update(table::table.find(id)).set(table::closed_at.eq(Some(now))).execute(conn)?;
    Ok(Period { closed_at: Some(now), ..period })
}

fn refuse_open_periods(conn: &mut Conn, year: &Period) -> Result<()> {
    let mut terms = periods::graded(conn, year.school, year.school_year)?;
    terms.retain(|term| term.closed_at.is_none());
    if terms.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = terms.iter().map(|term| term.names.in_language(Language::En)).collect();
    let detail = format!("A year is the mean of its periods. Close these first: {}.", names.join(", "));
    Err(Error::flaw("/period", "periods-open", detail))
}

/// Opens a closed period again; what was frozen is in force no more, but stays on record. Tells whether it was closed.
pub fn reopen(conn: &mut Conn, touch: &mut Touch, writer: Writer, id: PeriodId) -> Result<bool> {
    if touch.closed_at(id)?.is_none() {
        return Ok(false);
    }
    one(conn, writer.school, id)?;
    touch.school()?;
    diesel::update(table::table.find(id)).set(table::closed_at.eq(None::<NaiveDateTime>)).execute(conn)?;
    Ok(true)
}

/// The next children whose results are to be frozen, by their ids: everybody who was at the school in the period.
pub fn children(conn: &mut Conn, period: &Period, after: ChildId) -> Result<Vec<ChildId>> {
    let query = enrolments::table
        .filter(enrolments::school_id.eq(period.school).and(enrolments::child_id.gt(after)))
        .filter(enrolments::starts_on.le(period.ends_on))
        .filter(enrolments::ends_on.is_null().or(enrolments::ends_on.ge(period.starts_on)))
        .order(enrolments::child_id)
        .distinct()
        .limit(STEP)
        .select(enrolments::child_id);
    Ok(on_backend!(conn => query.load(conn))?)
}

/// The locks of [`freeze`].
pub fn step(conn: &mut Conn, period: &Period, children: &[ChildId]) -> Result<Scope> {
    Ok(Scope { days: days(conn, period)?, school: None, children: children.to_vec() })
}

/// Freezes the results of some children under the closing that `period` carries, and tells how many. What is frozen already
/// stays; so does everything if the period was opened meanwhile. Before a year, its periods: their closing may have been cut
/// off.
pub fn freeze(conn: &mut Conn, touch: &mut Touch, period: &Period, children: &[ChildId]) -> Result<usize> {
    let now = touch.closed_at(period.id)?;
    let Some(closed_at) = period.closed_at.filter(|at| now == Some(*at)) else { return Ok(0) };
    let (mut frozen, left) = (0, not_frozen(conn, period.id, closed_at, children)?);
    let rows = match period.kind {
        PeriodKind::Quarter | PeriodKind::Semester => terms::rows(conn, period, closed_at, &left)?,
        PeriodKind::Year => {
            for term in periods::graded(conn, period.school, period.school_year)? {
                frozen += freeze(conn, touch, &term, &left)?;
            }
            years::rows(conn, period, closed_at, &left)?
        }
    };
    for row in &rows {
        touch.child(row.child_id)?;
    }
    rows::insert(conn, &rows)?;
    Ok(frozen + rows.len())
}

/// Those who have no result of this closing. The period is compared in a way no index serves: SQLite would read the results
/// of the whole school.
fn not_frozen(
    conn: &mut Conn,
    period: PeriodId,
    closed_at: NaiveDateTime,
    children: &[ChildId],
) -> Result<Vec<ChildId>> {
    let query = results::table
        .filter(results::child_id.eq_any(children).and((results::period_id + 0).eq(period)))
        .filter(results::frozen_at.eq(closed_at))
        .select(results::child_id)
        .distinct();
    let done: Vec<ChildId> = on_backend!(conn => query.load(conn))?;
    Ok(children.iter().copied().filter(|child| !done.contains(child)).collect())
}

/// Closes a period, on this thread: [`shut`], then [`freeze`] for everybody. A second time there is nothing left to do.
pub fn close(db: &Db, writer: Writer, id: PeriodId) -> Result<Closed> {
    let before = db.read_here(|conn| one(conn, writer.school, id))?;
    let lock = |conn: &mut Conn| scope(conn, writer.school, id);
    let period = db.write_children_here(lock, |conn, touch| shut(conn, touch, writer, id))?;
    let (mut frozen, mut after) = (0, ChildId(i64::MIN));
    loop {
        let some = db.read_here(|conn| children(conn, &period, after))?;
        let Some(last) = some.last() else { break };
        after = *last;
        let started = Instant::now();
        let lock = |conn: &mut Conn| step(conn, &period, &some);
        frozen += db.write_children_here(lock, |conn, touch| freeze(conn, touch, &period, &some))?;
        db.give_way(started.elapsed());
    }
    let already = before.closed_at.is_some() && frozen == 0;
    tracing::info!(school.id = writer.school.0, period.id = id.0, kind = period.kind.as_str(), frozen, "period closed");
    let differences = db.read_here(|conn| differences(conn, &period))?;
    Ok(Closed { already, results: frozen, differences })
}

/// The days of a period; of a year, those of its periods as well, should they reach beyond it.
fn days(conn: &mut Conn, period: &Period) -> Result<Option<Days>> {
    let mut ends = vec![period.starts_on, period.ends_on];
    if period.kind == PeriodKind::Year {
        let terms = periods::graded(conn, period.school, period.school_year)?;
        ends.extend(terms.iter().flat_map(|term| [term.starts_on, term.ends_on]));
    }
    Ok(Days::of(period.school, ends))
}
