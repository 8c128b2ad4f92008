//! Schools: made by an operator, with their zone, languages, days off and journal clients.

use chrono::NaiveDateTime;
use chrono_tz::Tz;
use diesel::prelude::*;

use crate::db::{Conn, Touch, on_backend};
use crate::error::Noun;
use crate::schema::{clients, schools};
use crate::types::{DayOff, Language, SchoolId, Word};
use crate::{Error, Result, secrets};

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

/// Makes a journal client of a school. Only the hash of `secret` is kept.
pub fn add_client(
    conn: &mut Conn,
    school: SchoolId,
    name: &str,
    credentials: (&str, &str),
    scopes: &str,
    now: NaiveDateTime,
) -> Result<()> {
    diesel::insert_into(clients::table)
        .values((
            clients::school_id.eq(school),
            clients::client_key.eq(credentials.0),
            clients::name.eq(name),
            clients::scopes.eq(scopes),
            clients::secret_hash.eq(secrets::hash(credentials.1)),
            clients::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}
