//! Families are told when all data of their school are copied out, step by step: a school has thousands of them.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::Planned;
use crate::Result;
use crate::access::families;
use crate::alerts::account;
use crate::db::{Conn, on_backend};
use crate::schema::{data_exports, enrolments};
use crate::types::{About, AccountId, ChildId, SchoolId};

/// As many accounts are told in one transaction.
const ACCOUNTS: usize = 100;

/// Notes that a copy of the school's data is made. Whoever makes one notes it before anybody can read it.
pub fn note(conn: &mut Conn, school: SchoolId, now: NaiveDateTime) -> Result<()> {
    diesel::insert_into(data_exports::table)
        .values((data_exports::school_id.eq(school), data_exports::at.eq(now), data_exports::told_to.eq(AccountId(0))))
        .execute(conn)?;
    Ok(())
}

type Open = (i64, SchoolId, AccountId);

/// The oldest one of which somebody is still to be told.
fn open(conn: &mut Conn) -> Result<Option<Open>> {
    let query = data_exports::table.filter(data_exports::told_to.is_not_null()).order(data_exports::id).select((
        data_exports::id,
        data_exports::school_id,
        data_exports::told_to.assume_not_null(),
    ));
    Ok(on_backend!(conn => query.first::<Open>(conn)).optional()?)
}

/// Whether anybody is to be told.
pub fn is_due(conn: &mut Conn) -> Result<bool> {
    Ok(open(conn)?.is_some())
}

/// Tells the next families.
pub fn plan(conn: &mut Conn, now: NaiveDateTime, planned: &mut Planned) -> Result<()> {
    let Some((id, school, after)) = open(conn)? else { return Ok(()) };
    let accounts = next(conn, school, after, now)?;
    for account in &accounts {
        account::tell(conn, *account, About::DataExported, &format!("export {id} {}", account.0), now)?;
    }
    let told_to = accounts.last().copied();
    diesel::update(data_exports::table.find(id)).set(data_exports::told_to.eq(told_to)).execute(conn)?;
    planned.of += 1;
    Ok(())
}

/// The first accounts behind `after` that may read about somebody who is or was at the school.
fn next(conn: &mut Conn, school: SchoolId, after: AccountId, now: NaiveDateTime) -> Result<Vec<AccountId>> {
    let pupils = enrolments::table.filter(enrolments::school_id.eq(school)).select(enrolments::child_id).distinct();
    let pupils: Vec<ChildId> = on_backend!(conn => pupils.load(conn))?;
    let (_, readers) = families::readers(conn, &pupils, now)?;
    let accounts: BTreeSet<AccountId> = readers.into_values().flatten().filter(|account| *account > after).collect();
    Ok(accounts.into_iter().take(ACCOUNTS).collect())
}
