//! The words of stores as they are kept: each once, and after each the whole subscription is folded anew.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use domain::db::{Conn, on_backend};
use domain::types::{AccountId, Word as _};
use domain::{Error, Result};

use crate::entitlement::history::{Event, Said, fold};
use crate::entitlement::{Known, Source};
use crate::schema::{store_events, subscribers, subscriptions};

/// One word of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The subscription: the first transaction of it, or the purchase token.
    pub subscription: String,
    /// The name the family bought under.
    pub account_token: Option<String>,
    pub event: Event,
}

/// What became of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// The subscription of this account stands as all words together say.
    Stands(AccountId),
    /// It is kept; nobody is known to whom the subscription belongs.
    Waiting,
    /// The subscription belongs to another account than the one that brought it.
    Taken,
}

/// Keeps a proved word and folds all of its subscription. `bearer` is the account whose phone brought it; a subscription without
/// a name belongs to the first who brings it.
pub fn record(
    conn: &mut Conn,
    source: Source,
    word: &Word,
    bearer: Option<AccountId>,
    now: NaiveDateTime,
) -> Result<Recorded> {
    keep(conn, source, word, now)?;
    conclude(conn, source, word, bearer, now)
}

/// As [`record`], of an answer to a question, with the purchase it took the place of. One that says again what was said last is
/// not kept. Stores tell whole seconds: of two answers within one the later is later.
pub fn record_answer(
    conn: &mut Conn,
    source: Source,
    (word, replaces): (&Word, Option<&str>),
    bearer: Option<AccountId>,
    now: NaiveDateTime,
) -> Result<Recorded> {
    let known = events(conn, source, &word.subscription)?;
    let last = known.into_iter().filter(|event| matches!(event.said, Said::Stands { .. })).max();
    if last.as_ref().is_none_or(|last| last.said != word.event.said) {
        let mut word = word.clone();
        if let Some(last) = last.filter(|last| last.at < word.event.at + TimeDelta::seconds(1)) {
            word.event.at = word.event.at.max(last.at + TimeDelta::microseconds(1));
            word.event.id = format!("{}@{}", word.subscription, word.event.at.and_utc().timestamp_micros());
        }
        keep(conn, source, &word, now)?;
    }
    let before = replaces.map(|before| owner(conn, source, before)).transpose()?.flatten();
    conclude(conn, source, word, bearer.or(before), now)
}

fn conclude(
    conn: &mut Conn,
    source: Source,
    word: &Word,
    bearer: Option<AccountId>,
    now: NaiveDateTime,
) -> Result<Recorded> {
    let Some(owner) = owner(conn, source, &word.subscription)?.or(bearer) else { return Ok(Recorded::Waiting) };
    if bearer.is_some_and(|bearer| bearer != owner) {
        return Ok(Recorded::Taken);
    }
    if let Some(known) = fold(&events(conn, source, &word.subscription)?) {
        settle(conn, source, &word.subscription, owner, known, now)?;
    }
    Ok(Recorded::Stands(owner))
}

fn keep(conn: &mut Conn, source: Source, word: &Word, now: NaiveDateTime) -> Result<()> {
    let said = serde_json::to_string(&word.event.said).map_err(|error| Error::Store(error.to_string()))?;
    let row = (
        store_events::source.eq(source.as_str()),
        store_events::event_id.eq(&word.event.id),
        store_events::external_id.eq(&word.subscription),
        store_events::at.eq(word.event.at),
        store_events::said.eq(said),
        store_events::link.eq(&word.account_token),
        store_events::received_at.eq(now),
    );
    on_backend!(conn => diesel::insert_into(store_events::table).values(row).on_conflict_do_nothing().execute(conn))?;
    Ok(())
}

/// Whose the subscription is: who has it already, else who it was bought for.
fn owner(conn: &mut Conn, source: Source, subscription: &str) -> Result<Option<AccountId>> {
    let held = subscriptions::table
        .filter(subscriptions::source.eq(source.as_str()).and(subscriptions::external_id.eq(subscription)))
        .select(subscriptions::account_id)
        .first(conn)
        .optional()?;
    if held.is_some() {
        return Ok(held);
    }
    let named = store_events::table
        .inner_join(subscribers::table.on(subscribers::link.nullable().eq(store_events::link)))
        .filter(store_events::source.eq(source.as_str()).and(store_events::external_id.eq(subscription)))
        .order((store_events::at, store_events::event_id))
        .select(subscribers::account_id);
    Ok(named.first(conn).optional()?)
}

fn events(conn: &mut Conn, source: Source, subscription: &str) -> Result<Vec<Event>> {
    let rows: Vec<(String, NaiveDateTime, String)> = store_events::table
        .filter(store_events::source.eq(source.as_str()).and(store_events::external_id.eq(subscription)))
        .select((store_events::event_id, store_events::at, store_events::said))
        .load(conn)?;
    let read = |(id, at, said): (String, NaiveDateTime, String)| {
        let said = serde_json::from_str(&said).map_err(|error| Error::Store(format!("the event {id}: {error}")))?;
        Ok(Event { at, id, said })
    };
    rows.into_iter().map(read).collect()
}

fn settle(
    conn: &mut Conn,
    source: Source,
    subscription: &str,
    owner: AccountId,
    known: Known,
    now: NaiveDateTime,
) -> Result<()> {
    let stands = (
        subscriptions::state.eq(known.state.as_str()),
        subscriptions::expires_at.eq(known.expires_at),
        subscriptions::unreachable_since.eq(None::<NaiveDateTime>),
        subscriptions::updated_at.eq(now),
    );
    let own = subscriptions::source.eq(source.as_str()).and(subscriptions::external_id.eq(subscription));
    if diesel::update(subscriptions::table.filter(own)).set(stands).execute(conn)? > 0 {
        return Ok(());
    }
    let row = (
        subscriptions::account_id.eq(owner),
        subscriptions::source.eq(source.as_str()),
        subscriptions::external_id.eq(subscription),
        stands,
    );
    on_backend!(conn => diesel::insert_into(subscriptions::table).values(row).execute(conn))?;
    Ok(())
}
