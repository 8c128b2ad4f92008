//! Schools: made by an operator, with their zone, languages, days off and journal clients.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;
use diesel::prelude::*;

use crate::db::{Conn, Touch, on_backend};
use crate::error::Noun;
use crate::schema::{bells, periods, schools};
use crate::types::{DayOff, Language, PeriodKind, SchoolId, Word};
use crate::{Error, Result};

/// A school, as an operator lists it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct School {
    pub id: SchoolId,
    pub name: String,
    pub time_zone: String,
}

/// A school to be made.
#[derive(Debug, Clone)]
pub struct NewSchool {
    pub name: String,
    /// An IANA zone, "Asia/Almaty".
    pub time_zone: Tz,
    /// The languages it speaks to families, the first one first.
    pub languages: Vec<Language>,
    pub days_off: Vec<DayOff>,
}

/// Makes a school.
pub fn create(conn: &mut Conn, school: &NewSchool, now: NaiveDateTime) -> Result<SchoolId> {
    let languages: Vec<&str> = school.languages.iter().map(|language| language.as_str()).collect();
    let insert = diesel::insert_into(schools::table)
        .values((
            schools::name.eq(&school.name),
            schools::time_zone.eq(school.time_zone.name()),
            schools::languages.eq(languages.join(",")),
            schools::days_off.eq(serde_json::to_string(&school.days_off).unwrap_or_default()),
            schools::created_at.eq(now),
        ))
        .returning(schools::id);
    Ok(on_backend!(conn => insert.get_result(conn))?)
}

/// The schools of this name; names need not be unique.
pub fn named(conn: &mut Conn, name: &str) -> Result<Vec<School>> {
    let query = schools::table.filter(schools::name.eq(name)).order(schools::id).select((
        schools::id,
        schools::name,
        schools::time_zone,
    ));
    Ok(query.load(conn)?)
}

pub fn all(conn: &mut Conn) -> Result<Vec<School>> {
    let query = schools::table.order(schools::id).select((schools::id, schools::name, schools::time_zone));
    Ok(query.load(conn)?)
}

pub fn one(conn: &mut Conn, id: SchoolId) -> Result<School> {
    let query = schools::table.find(id).select((schools::id, schools::name, schools::time_zone));
    query.first(conn).optional()?.ok_or(Error::NotFound(Noun::School))
}

/// Replaces the days off; the school's counter must be held.
pub fn set_days_off(conn: &mut Conn, touch: &mut Touch, id: SchoolId, days_off: &[DayOff]) -> Result<()> {
    touch.school()?;
    let text = serde_json::to_string(days_off).unwrap_or_default();
    diesel::update(schools::table.find(id)).set(schools::days_off.eq(text)).execute(conn)?;
    Ok(())
}

/// When a school meets in one school year.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    /// The year and its periods, in the order in which they begin, the longest first.
    pub periods: Vec<Span>,
    /// Of all years.
    pub days_off: Vec<DayOff>,
    pub bells: Vec<Ring>,
}

/// A period by the school's own id; both days are included.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Span {
    pub external_id: String,
    pub kind: PeriodKind,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
}

/// When lesson `number` of a shift begins and ends, local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct Ring {
    pub shift: i32,
    pub number: i32,
    pub starts_at: NaiveTime,
    pub ends_at: NaiveTime,
}

/// The calendar of the school year that starts in `school_year`.
pub fn calendar(conn: &mut Conn, id: SchoolId, school_year: i32) -> Result<Calendar> {
    let days_off: String = schools::table.find(id).select(schools::days_off).first(conn)?;
    let periods = periods::table
        .filter(periods::school_id.eq(id).and(periods::school_year.eq(school_year)))
        .order((periods::starts_on, periods::ends_on.desc(), periods::id))
        .select((periods::external_id, periods::kind, periods::starts_on, periods::ends_on))
        .load(conn)?;
    let bells = bells::table
        .filter(bells::school_id.eq(id))
        .order((bells::shift, bells::number))
        .select((bells::shift, bells::number, bells::starts_at, bells::ends_at))
        .load(conn)?;
    Ok(Calendar { periods, days_off: serde_json::from_str(&days_off).unwrap_or_default(), bells })
}
