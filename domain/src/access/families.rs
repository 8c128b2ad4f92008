//! The rule of [`super::child`] for many at once, for whoever tells families something unasked: a guardian by a live
//! guardianship, a student by being the child. Nobody else.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use chrono_tz::Tz;
use diesel::prelude::*;

use crate::Result;
use crate::db::{Conn, on_backend};
use crate::schema::{accounts, children, guardianships, schools};
use crate::types::{AccountId, ChildId, Role};

/// A child somebody may read about now.
pub struct Ward {
    pub name: String,
    pub zone: Tz,
}

/// The children these accounts may read about at `now`.
pub fn wards(conn: &mut Conn, ids: &[AccountId], now: NaiveDateTime) -> Result<HashMap<(AccountId, ChildId), Ward>> {
    type Row = (AccountId, ChildId, String, String);
    let guarded = guardianships::table
        .inner_join(accounts::table)
        .inner_join(children::table.inner_join(schools::table))
        .filter(accounts::id.eq_any(ids).and(accounts::role.eq(Role::Guardian)))
        .filter(guardianships::ended_at.is_null().or(guardianships::ended_at.gt(now)))
        .select((accounts::id, children::id, children::first_name, schools::time_zone));
    let mut rows: Vec<Row> = on_backend!(conn => guarded.load(conn))?;
    let own = children::table
        .inner_join(schools::table)
        .inner_join(accounts::table.on(children::account_id.eq(accounts::id.nullable())))
        .filter(accounts::id.eq_any(ids).and(accounts::role.eq(Role::Student)))
        .select((accounts::id, children::id, children::first_name, schools::time_zone));
    rows.extend(on_backend!(conn => own.load::<Row>(conn))?);
    let ward =
        |(account, child, name, zone): Row| ((account, child), Ward { name, zone: zone.parse().unwrap_or(Tz::UTC) });
    Ok(rows.into_iter().map(ward).collect())
}

type Readers = (HashMap<ChildId, Tz>, HashMap<ChildId, Vec<AccountId>>);

/// Who may read about each of these children at `now`, and where its school is.
pub fn readers(conn: &mut Conn, concerned: &[ChildId], now: NaiveDateTime) -> Result<Readers> {
    let query = children::table
        .inner_join(schools::table)
        .left_join(
            accounts::table.on(children::account_id.eq(accounts::id.nullable()).and(accounts::disabled_at.is_null())),
        )
        .filter(children::id.eq_any(concerned))
        .select((children::id, schools::time_zone, accounts::id.nullable()));
    let own: Vec<(ChildId, String, Option<AccountId>)> = on_backend!(conn => query.load(conn))?;
    let mut zones = HashMap::new();
    let mut readers: HashMap<ChildId, Vec<AccountId>> = HashMap::new();
    for (child, zone, account) in own {
        zones.insert(child, zone.parse().unwrap_or(Tz::UTC));
        readers.entry(child).or_default().extend(account);
    }
    let query = guardianships::table
        .inner_join(accounts::table)
        .filter(guardianships::child_id.eq_any(concerned))
        .filter(guardianships::ended_at.is_null().or(guardianships::ended_at.gt(now)))
        .filter(accounts::role.eq(Role::Guardian).and(accounts::disabled_at.is_null()))
        .order((guardianships::child_id, accounts::id))
        .select((guardianships::child_id, accounts::id));
    for (child, account) in on_backend!(conn => query.load::<(ChildId, AccountId)>(conn))? {
        let readers = readers.entry(child).or_default();
        if !readers.contains(&account) {
            readers.push(account);
        }
    }
    Ok((zones, readers))
}
