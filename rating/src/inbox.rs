//! What stores send is kept first and worked on after: the store has its answer at once, and nothing that was taken is lost.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::dsl::count_star;
use diesel::prelude::*;
use domain::db::{Conn, on_backend};
use domain::types::Word as _;
use domain::{Error, Result};

use crate::entitlement::Source;
use crate::schema::store_inbox;

/// Stores send again for a week at most; so long and longer a letter is known to be taken.
const KEPT: TimeDelta = TimeDelta::days(30);

/// A letter that cannot be worked on waits twice as long each time, up to this.
const LONGEST: TimeDelta = TimeDelta::hours(6);

/// Something a store sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Letter {
    pub source: Source,
    /// The store's own name of it: sent twice, it is one.
    pub id: String,
    pub body: String,
    pub received_at: NaiveDateTime,
    tries: i32,
}

/// Takes a letter in; whether it is new.
pub fn put(conn: &mut Conn, source: Source, id: &str, body: &str, now: NaiveDateTime) -> Result<bool> {
    let row = (
        store_inbox::source.eq(source.as_str()),
        store_inbox::letter_id.eq(id),
        store_inbox::body.eq(body),
        store_inbox::received_at.eq(now),
        store_inbox::due_at.eq(now),
        store_inbox::tries.eq(0),
    );
    let new = on_backend!(conn => diesel::insert_into(store_inbox::table).values(row).on_conflict_do_nothing().execute(conn))?;
    Ok(new > 0)
}

/// The letters to be worked on now, the oldest first.
pub(crate) fn due(conn: &mut Conn, now: NaiveDateTime, most: i64) -> Result<Vec<Letter>> {
    type Row = (String, String, String, NaiveDateTime, i32);
    let query = store_inbox::table
        .filter(store_inbox::done_at.is_null().and(store_inbox::due_at.le(now)))
        .order((store_inbox::due_at, store_inbox::letter_id))
        .limit(most)
        .select((
            store_inbox::source,
            store_inbox::letter_id,
            store_inbox::body,
            store_inbox::received_at,
            store_inbox::tries,
        ));
    let letter = |(source, id, body, received_at, tries): Row| {
        let source = Source::parse(&source).ok_or_else(|| Error::Store(format!("a letter is of {source:?}")))?;
        Ok(Letter { source, id, body, received_at, tries })
    };
    on_backend!(conn => query.load::<Row>(conn))?.into_iter().map(letter).collect()
}

/// The letter is dealt with.
pub(crate) fn done(conn: &mut Conn, letter: &Letter, now: NaiveDateTime) -> Result<()> {
    diesel::update(store_inbox::table.find((letter.source.as_str(), &letter.id)))
        .set(store_inbox::done_at.eq(Some(now)))
        .execute(conn)?;
    Ok(())
}

/// The letter waits for its store.
pub(crate) fn later(conn: &mut Conn, letter: &Letter, now: NaiveDateTime) -> Result<()> {
    let wait = TimeDelta::minutes(1 << letter.tries.clamp(0, 12)).min(LONGEST);
    diesel::update(store_inbox::table.find((letter.source.as_str(), &letter.id)))
        .set((store_inbox::due_at.eq(now + wait), store_inbox::tries.eq(letter.tries.saturating_add(1))))
        .execute(conn)?;
    Ok(())
}

/// Forgets letters that were dealt with long ago.
pub(crate) fn prune(conn: &mut Conn, now: NaiveDateTime) -> Result<()> {
    let old = store_inbox::table.filter(store_inbox::done_at.lt(now - KEPT));
    on_backend!(conn => diesel::delete(old).execute(conn))?;
    Ok(())
}

/// How many letters wait.
pub(crate) fn waiting(conn: &mut Conn) -> Result<i64> {
    Ok(store_inbox::table.filter(store_inbox::done_at.is_null()).select(count_star()).first(conn)?)
}
