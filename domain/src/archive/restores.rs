//! The school itself: what an archive says of it, and how far a restore has come.

use chrono::NaiveDateTime;
use chrono_tz::Tz;
use diesel::dsl::max;
use diesel::prelude::*;

use super::Target;
use crate::db::{Conn, on_backend};
use crate::error::Noun;
use crate::schema::{children, enrolments, restores, schools};
use crate::types::{DayOff, Language, SchoolId, Word};
use crate::{Error, Result};

/// A school without its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    pub name: String,
    pub time_zone: Tz,
    /// The languages it speaks to families, the first one first.
    pub languages: Vec<Language>,
    pub days_off: Vec<DayOff>,
    pub created_at: NaiveDateTime,
    /// The greatest counter of the school and its pupils.
    pub revision: i64,
}

/// Reads what an archive says of the school itself.
pub fn card(conn: &mut Conn, school: SchoolId) -> Result<Card> {
    type Found = (String, String, String, String, NaiveDateTime, i64);
    let columns = (
        schools::name,
        schools::time_zone,
        schools::languages,
        schools::days_off,
        schools::created_at,
        schools::revision,
    );
    let found: Option<Found> = schools::table.find(school).select(columns).first(conn).optional()?;
    let (name, zone, languages, days_off, created_at, own) = found.ok_or(Error::NotFound(Noun::School))?;
    let broken = |what: &str| Error::Store(format!("the school's {what} cannot be read; the data are damaged"));
    let of_pupils: Option<i64> = children::table
        .inner_join(enrolments::table)
        .filter(enrolments::school_id.eq(school))
        .select(max(children::revision))
        .first(conn)?;
    Ok(Card {
        name,
        time_zone: zone.parse().map_err(|_| broken("time zone"))?,
        languages: languages.split(',').filter_map(Language::parse).collect(),
        days_off: serde_json::from_str(&days_off).map_err(|_| broken("days off"))?,
        created_at,
        revision: own.max(of_pupils.unwrap_or(0)),
    })
}

/// How a restore begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// The school was made just now.
    Made(Target),
    /// An earlier run made it and did not come to its end.
    Unfinished(Target),
    /// This archive was restored before.
    Finished,
    /// Another school has this name.
    NameTaken,
    /// A restore of another archive to this name did not come to its end.
    OtherUnfinished,
}

/// Makes the school, or finds the one an earlier run made from the same archive.
pub fn begin(conn: &mut Conn, card: &Card, archive_hash: &str, now: NaiveDateTime) -> Result<Begun> {
    let same_name: Vec<(SchoolId, Option<String>, Option<NaiveDateTime>)> = schools::table
        .left_join(restores::table)
        .filter(schools::name.eq(&card.name))
        .order(schools::id)
        .select((schools::id, restores::archive_hash.nullable(), restores::finished_at.nullable()))
        .load(conn)?;
    let ours = same_name.iter().find(|(_, hash, _)| hash.as_deref() == Some(archive_hash));
    match ours {
        Some((_, _, Some(_))) => return Ok(Begun::Finished),
        Some((school, _, None)) => return Ok(Begun::Unfinished(target(*school, card))),
        None if same_name.iter().any(|(_, hash, finished)| hash.is_some() && finished.is_none()) => {
            return Ok(Begun::OtherUnfinished);
        }
        None if !same_name.is_empty() => return Ok(Begun::NameTaken),
        None => {}
    }
    let made = make(conn, card)?;
    diesel::insert_into(restores::table)
        .values((
            restores::school_id.eq(made.school),
            restores::archive_hash.eq(archive_hash),
            restores::started_at.eq(now),
        ))
        .execute(conn)?;
    Ok(Begun::Made(made))
}

fn target(school: SchoolId, card: &Card) -> Target {
    Target { school, revision: card.revision.saturating_add(1) }
}

/// Makes the school alone.
pub(super) fn make(conn: &mut Conn, card: &Card) -> Result<Target> {
    let languages: Vec<&str> = card.languages.iter().map(|language| language.as_str()).collect();
    let insert = diesel::insert_into(schools::table)
        .values((
            schools::name.eq(&card.name),
            schools::time_zone.eq(card.time_zone.name()),
            schools::languages.eq(languages.join(",")),
            schools::days_off.eq(serde_json::to_string(&card.days_off).unwrap_or_default()),
            schools::created_at.eq(card.created_at),
            schools::revision.eq(card.revision.saturating_add(1)),
        ))
        .returning(schools::id);
    let school: SchoolId = on_backend!(conn => insert.get_result(conn))?;
    Ok(target(school, card))
}

/// Takes the school's row, so that two restores of one archive take turns.
pub(super) fn hold(conn: &mut Conn, target: Target) -> Result<()> {
    let query = schools::table.find(target.school).select(schools::revision);
    match conn {
        Conn::Sqlite(conn) => query.first::<i64>(conn)?,
        Conn::Postgres(conn) => query.for_update().first::<i64>(conn)?,
    };
    Ok(())
}

/// Says that every row is there. The counters move, in case somebody was let in before and saw half a diary.
pub fn finish(conn: &mut Conn, target: Target, now: NaiveDateTime) -> Result<()> {
    hold(conn, target)?;
    diesel::update(schools::table.find(target.school))
        .set(schools::revision.eq(schools::revision + 1))
        .execute(conn)?;
    diesel::update(children::table.filter(children::school_id.eq(target.school)))
        .set(children::revision.eq(children::revision + 1))
        .execute(conn)?;
    diesel::update(restores::table.find(target.school)).set(restores::finished_at.eq(Some(now))).execute(conn)?;
    Ok(())
}
