//! What is asked of stores: what their letters tell of, what a phone brings, and once a day how everything stands. Nothing here
//! holds a connection of the database while a store makes up its mind.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use domain::Result;
use domain::db::{Conn, on_backend};
use domain::types::{AccountId, Word as _};

use crate::Rating;
use crate::entitlement::history::{Event, Said};
use crate::entitlement::{Source, State};
use crate::google::Play;
use crate::inbox::{self, Letter};
use crate::proof::Refused;
use crate::schema::subscriptions;
use crate::store_events::{self, Recorded, Word};
use crate::wire::Failed;

/// So many letters, and so many questions, at once.
const BATCH: i64 = 100;

/// Each subscription is asked for once a day.
const DAILY: TimeDelta = TimeDelta::days(1);

/// A store that did not answer is asked again after this.
const AGAIN: TimeDelta = TimeDelta::minutes(10);

/// So long after its end a subscription may still come back to life at its store.
const AFTERLIFE: TimeDelta = TimeDelta::days(60);

/// What came of a purchase a phone brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brought {
    Recorded(Recorded),
    /// It is not of this app, product or environment, or of no store at all.
    Refused(Refused),
}

/// A subscription to be asked for.
struct Due {
    source: Source,
    id: String,
    /// When it ends, as far as its store said.
    expires_at: Option<NaiveDateTime>,
}

impl Rating {
    /// Works on the letters of stores that are due; how many were dealt with.
    pub async fn read_letters(&self, now: NaiveDateTime) -> Result<usize> {
        let letters = self.own.read(move |conn| inbox::due(conn, now, BATCH)).await?;
        let (mut read, mut away) = (0, false);
        for letter in letters {
            // Who waits for a store that is away waits once, not for each letter.
            let dealt = !(away && letter.source == Source::Google) && self.read_letter(&letter, now).await?;
            away |= !dealt;
            read += usize::from(dealt);
            let settle = if dealt { inbox::done } else { inbox::later };
            self.own.write(move |conn| settle(conn, &letter, now)).await?;
        }
        Ok(read)
    }

    /// Whether the letter needs no second look.
    async fn read_letter(&self, letter: &Letter, now: NaiveDateTime) -> Result<bool> {
        match letter.source {
            Source::Apple => {
                // It was proved when it came; since then a certificate may have ended.
                let read = self.apple().map(|shop| shop.notification(&letter.body, letter.received_at));
                if let Some(Ok(Some(word))) = read {
                    self.own.write(move |conn| store_events::record(conn, Source::Apple, &word, None, now)).await?;
                }
                Ok(true)
            }
            Source::Google => match self.google().map(|play| (play, play.changed(&letter.body))) {
                Some((play, Ok(Some(token)))) => {
                    Ok(!matches!(self.ask_google(play, &token, None, now).await?, Err(Failed::Away | Failed::Refused)))
                }
                _ => Ok(true),
            },
            Source::Voucher => Ok(true),
        }
    }

    /// A purchase of Google Play that a phone brought, of one of whose products it is.
    pub async fn bring_google(
        &self,
        play: &Play,
        (token, product): (&str, &str),
        bearer: AccountId,
        now: NaiveDateTime,
    ) -> Result<std::result::Result<Brought, Failed>> {
        self.ask_google(play, token, Some((bearer, product)), now).await
    }

    async fn ask_google(
        &self,
        play: &Play,
        token: &str,
        brought: Option<(AccountId, &str)>,
        now: NaiveDateTime,
    ) -> Result<std::result::Result<Brought, Failed>> {
        let answer = match play.purchase(token, now).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(why)) => {
                tracing::warn!(reason = %why, "a purchase of Google Play was refused");
                return Ok(Ok(Brought::Refused(why)));
            }
            Err(failed) => return Ok(Err(failed)),
        };
        if brought.is_some_and(|(_, product)| !answer.products.iter().any(|one| one == product)) {
            return Ok(Ok(Brought::Refused(Refused::Foreign)));
        }
        let (told, replaces) = (answer.word, answer.replaces);
        let bearer = brought.map(|(bearer, _)| bearer);
        let work = move |conn: &mut Conn| {
            let recorded =
                store_events::record_answer(conn, Source::Google, (&told, replaces.as_deref()), bearer, now)?;
            asked(conn, Source::Google, &told.subscription, now)?;
            Ok(recorded)
        };
        let recorded = self.own.write(work).await?;
        if let (Recorded::Stands(_), Some(product)) = (recorded, &answer.unacknowledged)
            && let Err(failed) = play.acknowledge(token, product, now).await
        {
            // The next question finds that it is still to be done; Google waits three days.
            tracing::warn!(reason = %failed, "a purchase of Google Play could not be acknowledged");
        }
        Ok(Ok(Brought::Recorded(recorded)))
    }

    /// Asks the stores for all that is due: each subscription once a day, one that ended without a word at once, one whose store
    /// was away every ten minutes. How many were asked for.
    pub async fn reconcile(&self, now: NaiveDateTime) -> Result<usize> {
        let due = self.own.read(move |conn| due(conn, now)).await?;
        let (asked, mut away) = (due.len(), None);
        for one in due {
            let failed = if away == Some(one.source) { Some(Failed::Away) } else { self.ask(&one, now).await? };
            if failed == Some(Failed::Away) {
                away = Some(one.source);
            }
            if failed == Some(Failed::Refused) {
                tracing::error!(source = one.source.as_str(), "a store refuses the key this server shows");
            }
            self.own.write(move |conn| settle(conn, &one, failed, now)).await?;
        }
        self.own.write(move |conn| inbox::prune(conn, now)).await?;
        Ok(asked)
    }

    async fn ask(&self, due: &Due, now: NaiveDateTime) -> Result<Option<Failed>> {
        match due.source {
            Source::Apple => {
                let Some((shop, server)) = self.apple().zip(self.app_store()) else { return Ok(None) };
                let told = match server.subscription(shop, &due.id, now).await {
                    Ok(told) => told,
                    Err(failed) => return Ok(Some(failed)),
                };
                if let Some(told) = told {
                    let work = move |conn: &mut Conn| {
                        store_events::record_answer(conn, Source::Apple, (&told, None), None, now)
                    };
                    self.own.write(work).await?;
                }
                Ok(None)
            }
            Source::Google => match self.google() {
                Some(play) => Ok(self.ask_google(play, &due.id, None, now).await?.err()),
                None => Ok(None),
            },
            Source::Voucher => Ok(None),
        }
    }
}

fn due(conn: &mut Conn, now: NaiveDateTime) -> Result<Vec<Due>> {
    let asked = subscriptions::asked_at;
    let ended = subscriptions::expires_at.le(now).and(asked.lt(subscriptions::expires_at));
    let away = subscriptions::unreachable_since.is_not_null().and(asked.le(now - AGAIN));
    let query = subscriptions::table
        .filter(subscriptions::source.ne(Source::Voucher.as_str()))
        .filter(
            subscriptions::expires_at
                .gt(now - AFTERLIFE)
                .or(subscriptions::expires_at.is_null().and(subscriptions::state.ne(State::Expired.as_str()))),
        )
        .filter(asked.is_null().or(asked.le(now - DAILY)).or(ended).or(away))
        .order((asked, subscriptions::id))
        .limit(BATCH)
        .select((subscriptions::source, subscriptions::external_id, subscriptions::expires_at));
    let rows = on_backend!(conn => query.load::<(String, String, Option<NaiveDateTime>)>(conn))?;
    let read = |(source, id, expires_at): (String, String, _)| {
        let source = Source::parse(&source)?;
        Some(Due { source, id, expires_at })
    };
    Ok(rows.into_iter().filter_map(read).collect())
}

/// Writes down what came of a question.
fn settle(conn: &mut Conn, due: &Due, failed: Option<Failed>, now: NaiveDateTime) -> Result<()> {
    let own = subscriptions::source.eq(due.source.as_str()).and(subscriptions::external_id.eq(&due.id));
    match failed {
        Some(Failed::Away | Failed::Refused) => {
            let first = subscriptions::table.filter(own).filter(subscriptions::unreachable_since.is_null());
            diesel::update(first).set(subscriptions::unreachable_since.eq(Some(now))).execute(conn)?;
        }
        Some(Failed::Unknown) if due.source == Source::Google && due.expires_at.is_none_or(|end| end <= now) => {
            // Google forgets a purchase 60 days after its end.
            let said = Said::Stands { state: State::Expired, expires_at: None };
            let event = Event { at: now, id: format!("{}@forgotten", due.id), said };
            let word = Word { subscription: due.id.clone(), account_token: None, event };
            store_events::record(conn, Source::Google, &word, None, now)?;
        }
        Some(Failed::Unknown) | None => {
            if failed.is_some() && due.source == Source::Google {
                // What was paid for runs on: one wrong setting must not end it for everybody.
                tracing::error!(
                    "Google Play knows nothing of a purchase that still runs; is the package the right one?"
                );
            }
            let reached = subscriptions::unreachable_since.eq(None::<NaiveDateTime>);
            diesel::update(subscriptions::table.filter(own)).set(reached).execute(conn)?;
        }
    }
    asked(conn, due.source, &due.id, now)
}

/// Its store was asked for it, whatever it said.
fn asked(conn: &mut Conn, source: Source, id: &str, now: NaiveDateTime) -> Result<()> {
    let own = subscriptions::source.eq(source.as_str()).and(subscriptions::external_id.eq(id));
    diesel::update(subscriptions::table.filter(own)).set(subscriptions::asked_at.eq(Some(now))).execute(conn)?;
    Ok(())
}
