//! Subscriptions and vouchers as they are kept. One subscription covers all children of its guardian.

use chrono::{Months, NaiveDateTime};
use diesel::dsl::{count_star, max};
use diesel::prelude::*;
use domain::db::{Conn, on_backend};
use domain::types::{AccountId, SchoolId, Word};
use domain::{Error, Result};

use crate::entitlement::{Known, Source, State};
use crate::inbox;
use crate::schema::{releases, subscribers, subscriptions, vouchers};

/// One subscription of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subscription {
    pub source: Source,
    pub known: Known,
}

type Row = (String, String, Option<NaiveDateTime>, Option<NaiveDateTime>);

/// What redeeming a code came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redeemed {
    /// Good until then. A second time the same account is told the same.
    Until(NaiveDateTime),
    /// No such code, or not for the schools of this family: the two are the same.
    Unknown,
    /// Somebody else redeemed it.
    Spent,
}

/// All subscriptions of an account, the one that lasts longest first.
pub fn of_account(conn: &mut Conn, account: AccountId) -> Result<Vec<Subscription>> {
    let query = subscriptions::table
        .filter(subscriptions::account_id.eq(account))
        .order((subscriptions::expires_at.desc(), subscriptions::id))
        .select((
            subscriptions::source,
            subscriptions::state,
            subscriptions::expires_at,
            subscriptions::unreachable_since,
        ));
    on_backend!(conn => query.load::<Row>(conn))?.into_iter().map(subscription).collect()
}

fn subscription((source, state, expires_at, unreachable): Row) -> Result<Subscription> {
    let strange = |word: &str| Error::Store(format!("a subscription says {word:?}"));
    let source = Source::parse(&source).ok_or_else(|| strange(&source))?;
    let state = State::parse(&state).ok_or_else(|| strange(&state))?;
    Ok(Subscription { source, known: Known { state, expires_at, unreachable: unreachable.is_some() } })
}

/// Whether any subscription of the account opens the comparison.
pub fn is_entitled(conn: &mut Conn, account: AccountId, now: NaiveDateTime) -> Result<bool> {
    Ok(of_account(conn, account)?.iter().any(|one| one.known.entitles(now)))
}

/// The name under which stores know the account; `fresh` becomes it the first time.
pub fn link(conn: &mut Conn, account: AccountId, fresh: &str, now: NaiveDateTime) -> Result<String> {
    let row = (subscribers::account_id.eq(account), subscribers::link.eq(fresh), subscribers::created_at.eq(now));
    on_backend!(conn => diesel::insert_into(subscribers::table).values(row).on_conflict_do_nothing().execute(conn))?;
    let query = subscribers::table.find(account).select(subscribers::link);
    Ok(on_backend!(conn => query.first(conn))?)
}

/// Writes a voucher down by the hash of its code.
pub fn issue(
    conn: &mut Conn,
    code_hash: &str,
    months: u32,
    school: Option<SchoolId>,
    now: NaiveDateTime,
) -> Result<()> {
    let row = (
        vouchers::code_hash.eq(code_hash),
        vouchers::months.eq(i32::try_from(months).unwrap_or(i32::MAX)),
        vouchers::school_id.eq(school),
        vouchers::issued_at.eq(now),
    );
    on_backend!(conn => diesel::insert_into(vouchers::table).values(row).execute(conn))?;
    Ok(())
}

/// Redeems a voucher for a family whose children go to these schools. Vouchers add up: one begins where the last one ends.
pub fn redeem(
    conn: &mut Conn,
    account: AccountId,
    schools: &[SchoolId],
    code_hash: &str,
    now: NaiveDateTime,
) -> Result<Redeemed> {
    let query = vouchers::table.find(code_hash).select((vouchers::months, vouchers::school_id, vouchers::account_id));
    let found: Option<(i32, Option<SchoolId>, Option<AccountId>)> = on_backend!(conn => query.first(conn).optional())?;
    match found {
        None => Ok(Redeemed::Unknown),
        Some((_, Some(school), _)) if !schools.contains(&school) => Ok(Redeemed::Unknown),
        Some((.., Some(owner))) if owner != account => Ok(Redeemed::Spent),
        Some((.., Some(_))) => {
            ends(conn, account, Some(code_hash)).map(|end| end.map_or(Redeemed::Spent, Redeemed::Until))
        }
        Some((months, ..)) => spend(conn, account, code_hash, months, now).map(Redeemed::Until),
    }
}

fn spend(
    conn: &mut Conn,
    account: AccountId,
    code_hash: &str,
    months: i32,
    now: NaiveDateTime,
) -> Result<NaiveDateTime> {
    let begins = ends(conn, account, None)?.map_or(now, |end| end.max(now));
    let months = Months::new(u32::try_from(months).unwrap_or_default());
    let end = begins.checked_add_months(months).unwrap_or(begins);
    diesel::update(vouchers::table.find(code_hash))
        .set((vouchers::account_id.eq(Some(account)), vouchers::redeemed_at.eq(Some(now))))
        .execute(conn)?;
    let row = (
        subscriptions::account_id.eq(account),
        subscriptions::source.eq(Source::Voucher.as_str()),
        subscriptions::external_id.eq(code_hash),
        subscriptions::state.eq(State::Active.as_str()),
        subscriptions::expires_at.eq(Some(end)),
        subscriptions::updated_at.eq(now),
    );
    on_backend!(conn => diesel::insert_into(subscriptions::table).values(row).execute(conn))?;
    Ok(end)
}

/// When the account's vouchers end, or this one of them.
fn ends(conn: &mut Conn, account: AccountId, one: Option<&str>) -> Result<Option<NaiveDateTime>> {
    let mut query = subscriptions::table
        .filter(subscriptions::account_id.eq(account).and(subscriptions::source.eq(Source::Voucher.as_str())))
        .select(max(subscriptions::expires_at))
        .into_boxed();
    if let Some(one) = one {
        query = query.filter(subscriptions::external_id.eq(one));
    }
    Ok(query.first(conn)?)
}

/// What an operator sees: no account and no child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Subscriptions by source and state told now.
    pub subscriptions: Vec<(Source, State, usize)>,
    /// Vouchers issued, and redeemed.
    pub vouchers: (i64, i64),
    /// Releases by school year, and the most periods any subject of a school had in it, of the four it may have.
    pub releases: Vec<(i32, usize, usize)>,
    /// Letters of stores that are not dealt with.
    pub letters: i64,
}

pub fn status(conn: &mut Conn, now: NaiveDateTime) -> Result<Status> {
    let columns =
        (subscriptions::source, subscriptions::state, subscriptions::expires_at, subscriptions::unreachable_since);
    let rows: Vec<Row> = subscriptions::table.select(columns).load(conn)?;
    let mut states: std::collections::BTreeMap<(Source, State), usize> = std::collections::BTreeMap::new();
    for row in rows {
        let one = subscription(row)?;
        *states.entry((one.source, one.known.told(now))).or_default() += 1;
    }
    let issued: i64 = vouchers::table.select(count_star()).first(conn)?;
    let redeemed: i64 = vouchers::table.filter(vouchers::redeemed_at.is_not_null()).select(count_star()).first(conn)?;
    Ok(Status {
        subscriptions: states.into_iter().map(|((source, state), count)| (source, state, count)).collect(),
        vouchers: (issued, redeemed),
        releases: releases_by_year(conn)?,
        letters: inbox::waiting(conn)?,
    })
}

fn releases_by_year(conn: &mut Conn) -> Result<Vec<(i32, usize, usize)>> {
    use std::collections::{BTreeMap, BTreeSet};
    let rows: Vec<(i32, i64, i64)> =
        releases::table.select((releases::school_year, releases::subject_id, releases::period_id)).load(conn)?;
    let mut years: BTreeMap<i32, (usize, BTreeMap<i64, BTreeSet<i64>>)> = BTreeMap::new();
    for (year, subject, period) in rows {
        let (count, subjects) = years.entry(year).or_default();
        *count += 1;
        subjects.entry(subject).or_default().insert(period);
    }
    let most = |subjects: &BTreeMap<i64, BTreeSet<i64>>| subjects.values().map(BTreeSet::len).max().unwrap_or(0);
    Ok(years.iter().map(|(year, (count, subjects))| (*year, *count, most(subjects))).collect())
}
