//! Closing a period: from then on grades are refused, and every child's result in every subject is frozen.
//!
//! First the period is shut under its lock, so that a grade is either there before or refused. Then the results are frozen,
//! some children at a time: nothing can change them any more, so this leaves room for others, and goes on where it stopped.

mod differences;
mod periods;
mod rows;
mod years;

use std::time::Instant;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use diesel::dsl::max;
use diesel::prelude::*;

use crate::Result;
use crate::db::{Conn, Days, Db, Scope, Touch, on_backend};
use crate::error::{Error, Noun};
use crate::intake::Writer;
use crate::schema::{enrolments, periods as table, results};
use crate::types::{ChildId, Names, PeriodId, PeriodKind, SchoolId, Word};

pub use differences::{Difference, Grade, differences};

/// A period to be closed or opened, as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Period {
    pub id: PeriodId,
    pub school: SchoolId,
    pub kind: PeriodKind,
    pub school_year: i32,
    pub names: Names,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    pub closed_at: Option<NaiveDateTime>,
}

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

/// The period with the school's own id `external_id`, or with this number.
pub fn find(conn: &mut Conn, school: SchoolId, external_id: &str) -> Result<Period> {
    let named = table::external_id.eq(external_id);
    let found = table::table.filter(table::school_id.eq(school).and(named)).select(columns()).first(conn).optional()?;
    match (found, external_id.parse().map(PeriodId)) {
        (Some(period), _) => Ok(period),
        (None, Ok(id)) => one(conn, school, id),
        (None, Err(_)) => Err(Error::NotFound(Noun::Period)),
    }
}

/// A period of the school.
pub fn one(conn: &mut Conn, school: SchoolId, id: PeriodId) -> Result<Period> {
    let own = table::id.eq(id).and(table::school_id.eq(school));
    table::table.filter(own).select(columns()).first(conn).optional()?.ok_or(Error::NotFound(Noun::Period))
}

type Columns = (
    table::id,
    table::school_id,
    table::kind,
    table::school_year,
    table::names,
    table::starts_on,
    table::ends_on,
    table::closed_at,
);

fn columns() -> Columns {
    (
        table::id,
        table::school_id,
        table::kind,
        table::school_year,
        table::names,
        table::starts_on,
        table::ends_on,
        table::closed_at,
    )
}

/// The locks of [`shut`] and [`reopen`]: the period and all it touches, alone, and what the families of the school share.
pub fn scope(conn: &mut Conn, school: SchoolId, id: PeriodId) -> Result<Scope> {
    let period = one(conn, school, id)?;
    Ok(Scope { days: Some(period.days(true)), school: Some(school), children: Vec::new() })
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
    let open: Vec<Names> = table::table
        .filter(table::school_id.eq(year.school).and(table::school_year.eq(year.school_year)))
        .filter(table::kind.ne(PeriodKind::Year).and(table::closed_at.is_null()))
        .order((table::starts_on, table::id))
        .select(table::names)
        .load(conn)?;
    if open.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = open.iter().map(|names| names.in_language(crate::types::Language::En)).collect();
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
pub fn step(period: &Period, children: &[ChildId]) -> Scope {
    Scope { days: Some(period.days(false)), school: None, children: children.to_vec() }
}

/// Freezes the results of some children under the closing that `period` carries, and tells how many. What is frozen already
/// stays; so does everything if the period was opened meanwhile.
pub fn freeze(conn: &mut Conn, touch: &mut Touch, period: &Period, children: &[ChildId]) -> Result<usize> {
    let now = touch.closed_at(period.id)?;
    let Some(closed_at) = period.closed_at.filter(|at| now == Some(*at)) else { return Ok(0) };
    let query = results::table
        .filter(results::child_id.eq_any(children).and(results::period_id.eq(period.id)))
        .filter(results::frozen_at.eq(closed_at))
        .select(results::child_id)
        .distinct();
    let done: Vec<ChildId> = on_backend!(conn => query.load(conn))?;
    let left: Vec<ChildId> = children.iter().copied().filter(|child| !done.contains(child)).collect();
    let rows = match period.kind {
        PeriodKind::Year => years::rows(conn, period, closed_at, &left)?,
        PeriodKind::Quarter | PeriodKind::Semester => periods::rows(conn, period, closed_at, &left)?,
    };
    for row in &rows {
        touch.child(row.child_id)?;
    }
    rows::insert(conn, &rows)?;
    Ok(rows.len())
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
        let lock = |_: &mut Conn| Ok(step(&period, &some));
        frozen += db.write_children_here(lock, |conn, touch| freeze(conn, touch, &period, &some))?;
        db.give_way(started.elapsed());
    }
    let already = before.closed_at.is_some() && frozen == 0;
    tracing::info!(school.id = writer.school.0, period.id = id.0, kind = period.kind.as_str(), frozen, "period closed");
    let differences = db.read_here(|conn| differences(conn, &period))?;
    Ok(Closed { already, results: frozen, differences })
}

impl Period {
    fn days(&self, alone: bool) -> Days {
        Days { school: self.school, from: self.starts_on, to: self.ends_on, alone }
    }
}
