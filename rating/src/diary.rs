//! The one door into the diary, and it only reads: what a closing froze of a period's counted children, without their names and
//! numbers; and what it froze of one child, for that child's own family.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use domain::Result;
use domain::access::ChildAccess;
use domain::db::{Conn, on_backend};
use domain::types::{ChildId, ClassGroupId, Names, PeriodId, SchoolId, SubjectId};

use crate::schema::views::{closings, standings};

/// A closed period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct Closing {
    pub period: PeriodId,
    pub school: SchoolId,
    pub school_year: i32,
    pub closed_at: NaiveDateTime,
}

/// The frozen result of somebody who is counted: nothing says of whom. Percent in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counted {
    pub subject: SubjectId,
    pub class: ClassGroupId,
    pub level: Option<i32>,
    pub percent: i64,
}

/// What a closing froze of one child in one subject and period. Percent in hundredths.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Own {
    pub subject: SubjectId,
    pub names: Names,
    pub period: PeriodId,
    pub starts_on: NaiveDate,
    pub school: SchoolId,
    pub school_year: i32,
    pub class: ClassGroupId,
    pub level: Option<i32>,
    pub percent: i64,
}

/// Fewer grades than this are no result to count.
const LEAST_GRADES: i64 = 3;

/// Whose result, and the result.
type Row = (ChildId, (SubjectId, ClassGroupId, Option<i32>, i64));

/// The periods closed up to a moment, in the order in which they were closed.
pub fn closed_until(conn: &mut Conn, until: NaiveDateTime) -> Result<Vec<Closing>> {
    let query = closings::table
        .filter(closings::closed_at.le(until))
        .order((closings::closed_at, closings::period_id))
        .select((closings::period_id, closings::school_id, closings::school_year, closings::closed_at));
    Ok(on_backend!(conn => query.load(conn))?)
}

/// The results of a period of the children in `counted`, sorted, so that not even their order says whose they are.
pub fn counted(conn: &mut Conn, period: PeriodId, counted: &BTreeSet<ChildId>) -> Result<Vec<Counted>> {
    let query =
        standings::table.filter(standings::period_id.eq(period).and(standings::grades.ge(LEAST_GRADES))).select((
            standings::child_id,
            (standings::subject_id, standings::class_group_id, standings::level, standings::percent),
        ));
    let rows: Vec<Row> = on_backend!(conn => query.load(conn))?;
    let own = rows.into_iter().filter(|(child, _)| counted.contains(child));
    let mut found: Vec<Counted> =
        own.map(|(_, (subject, class, level, percent))| Counted { subject, class, level, percent }).collect();
    found.sort_unstable();
    Ok(found)
}

/// Everything frozen of the child this right is for, by subject, the earliest period first.
pub fn own(conn: &mut Conn, access: &ChildAccess) -> Result<Vec<Own>> {
    let query = standings::table
        .filter(standings::child_id.eq(access.child()))
        .order((standings::subject_id, standings::starts_on, standings::period_id))
        .select((
            standings::subject_id,
            standings::subject_names,
            standings::period_id,
            standings::starts_on,
            standings::school_id,
            standings::school_year,
            standings::class_group_id,
            standings::level,
            standings::percent,
        ));
    Ok(on_backend!(conn => query.load(conn))?)
}
