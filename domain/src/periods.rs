//! Grading periods, the school year and the days off, with the presets of Kazakhstan.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::exists;
use diesel::prelude::*;

use crate::access::ChildAccess;
use crate::db::Conn;
use crate::error::Noun;
use crate::schema::periods;
use crate::types::{Names, PeriodId, PeriodKind, SchoolId};
use crate::{Error, Result};

/// A period of a school year; both days are included.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Period {
    pub id: PeriodId,
    pub school: SchoolId,
    pub kind: PeriodKind,
    /// The year the school year starts in.
    pub school_year: i32,
    pub names: Names,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    pub closed_at: Option<NaiveDateTime>,
    /// A half-year with quarters in it.
    pub nests: bool,
}

diesel::alias!(periods as inner: Inner);

macro_rules! columns {
    () => {
        (
            periods::id,
            periods::school_id,
            periods::kind,
            periods::school_year,
            periods::names,
            periods::starts_on,
            periods::ends_on,
            periods::closed_at,
            exists(
                inner
                    .filter(inner.field(periods::school_id).eq(periods::school_id))
                    .filter(inner.field(periods::kind).eq(PeriodKind::Quarter))
                    .filter(inner.field(periods::starts_on).between(periods::starts_on, periods::ends_on))
                    .filter(periods::kind.eq(PeriodKind::Semester)),
            ),
        )
    };
}

/// The periods of one school year, the longest first among those that start together.
pub fn of_year(conn: &mut Conn, access: &ChildAccess, school_year: i32) -> Result<Vec<Period>> {
    Ok(periods::table
        .filter(periods::school_id.eq(access.school()).and(periods::school_year.eq(school_year)))
        .order((periods::starts_on, periods::ends_on.desc(), periods::id))
        .select(columns!())
        .load(conn)?)
}

/// The period with this id in the child's school, else the graded one today falls into, else the last one begun.
pub fn chosen(conn: &mut Conn, access: &ChildAccess, id: Option<PeriodId>) -> Result<Option<Period>> {
    if let Some(id) = id {
        let found = periods::table
            .filter(periods::id.eq(id).and(periods::school_id.eq(access.school())))
            .select(columns!())
            .first(conn)
            .optional()?;
        return found.map(Some).ok_or(Error::NotFound(Noun::Period));
    }
    Ok(periods::table
        .filter(periods::school_id.eq(access.school()).and(periods::kind.ne(PeriodKind::Year)))
        .filter(periods::starts_on.le(access.today()))
        .order((periods::starts_on.desc(), periods::ends_on, periods::id))
        .select(columns!())
        .first(conn)
        .optional()?)
}

/// A period of this school, for the school itself.
pub(crate) fn of_school(conn: &mut Conn, school: SchoolId, id: PeriodId) -> Result<Period> {
    let own = periods::table.filter(periods::id.eq(id).and(periods::school_id.eq(school)));
    own.select(columns!()).first(conn).optional()?.ok_or(Error::NotFound(Noun::Period))
}

/// The graded periods of a school year, for the school itself.
pub(crate) fn graded(conn: &mut Conn, school: SchoolId, school_year: i32) -> Result<Vec<Period>> {
    Ok(periods::table
        .filter(periods::school_id.eq(school).and(periods::school_year.eq(school_year)))
        .filter(periods::kind.ne(PeriodKind::Year))
        .order((periods::starts_on, periods::id))
        .select(columns!())
        .load(conn)?)
}

/// For each school its graded period today falls into, the shortest where they nest.
pub fn current(conn: &mut Conn, schools: &[(SchoolId, NaiveDate)]) -> Result<Vec<Period>> {
    let ids: Vec<SchoolId> = schools.iter().map(|(school, _)| *school).collect();
    let (Some(first), Some(last)) = (schools.iter().map(|s| s.1).min(), schools.iter().map(|s| s.1).max()) else {
        return Ok(Vec::new());
    };
    let found: Vec<Period> = periods::table
        .filter(periods::school_id.eq_any(ids).and(periods::kind.ne(PeriodKind::Year)))
        .filter(periods::starts_on.le(last).and(periods::ends_on.ge(first)))
        .order((periods::starts_on.desc(), periods::ends_on, periods::id))
        .select(columns!())
        .load(conn)?;
    Ok(found
        .into_iter()
        .filter(|period| schools.iter().any(|(school, day)| period.school == *school && period.holds(*day)))
        .collect())
}

impl Period {
    pub fn holds(&self, day: NaiveDate) -> bool {
        self.starts_on <= day && day <= self.ends_on
    }
}

/// The school year a day belongs to, by the year it starts in. A year starts in August or September; 1 July parts two years.
pub fn school_year_of(day: NaiveDate) -> i32 {
    use chrono::Datelike;
    if day.month() >= 7 { day.year() } else { day.year() - 1 }
}

/// The school year that has begun last: through the summer, families look back at the year that ended.
pub fn last_begun(day: NaiveDate) -> i32 {
    use chrono::Datelike;
    if day.month() >= 9 { day.year() } else { day.year() - 1 }
}
