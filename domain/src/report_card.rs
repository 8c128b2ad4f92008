//! The report card (табель): what was set for each subject and period of one school year.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::access::ChildAccess;
use crate::db::{Conn, on_backend};
use crate::schema::{period_grades, periods, subjects};
use crate::timetable::Subject;
use crate::types::{GradeStatus, PeriodGradeKind, PeriodId};

/// One entry; percent in hundredths.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Serialize, Deserialize)]
pub struct Entry {
    pub subject: Subject,
    pub period: PeriodId,
    pub kind: PeriodGradeKind,
    pub status: GradeStatus,
    pub value: Option<String>,
    pub percent: Option<i64>,
}

macro_rules! columns {
    () => {
        (
            (subjects::id, subjects::names),
            period_grades::period_id,
            period_grades::kind,
            period_grades::status,
            period_grades::value,
            period_grades::percent,
        )
    };
}

/// The entries of one school year, by subject.
pub fn entries(conn: &mut Conn, access: &ChildAccess, school_year: i32) -> Result<Vec<Entry>> {
    Ok(period_grades::table
        .inner_join(subjects::table)
        .inner_join(periods::table)
        .filter(period_grades::child_id.eq(access.child()).and(periods::school_year.eq(school_year)))
        .order((subjects::id, periods::starts_on, period_grades::id))
        .select(columns!())
        .load(conn)?)
}

/// The entries with these ids, as events tell of them.
pub(crate) fn told(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(i64, Entry)>> {
    let query = period_grades::table
        .inner_join(subjects::table)
        .filter(period_grades::id.eq_any(ids))
        .select((period_grades::id, columns!()));
    Ok(on_backend!(conn => query.load(conn))?)
}
