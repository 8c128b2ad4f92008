//! Password resets: a token by e-mail, or a code from the school where there is no e-mail.

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

use crate::db::Conn;
use crate::error::Rule;
use crate::schema::{accounts, password_resets};
use crate::types::AccountId;
use crate::{Error, Result, secrets, sessions};

/// How long a reset may wait.
pub const LIFE: Duration = Duration::hours(24);
/// At most this many for one account in an hour.
const PER_HOUR: i64 = 3;

/// Opens a reset for `account` with `token`; `false` if it has had enough of them in the last hour.
pub fn open(conn: &mut Conn, account: AccountId, token: &str, now: NaiveDateTime) -> Result<bool> {
    let recent: i64 = password_resets::table
        .filter(password_resets::account_id.eq(account))
        .filter(password_resets::created_at.gt(now - Duration::hours(1)))
        .count()
        .get_result(conn)?;
    if recent >= PER_HOUR {
        return Ok(false);
    }
    diesel::insert_into(password_resets::table)
        .values((
            password_resets::account_id.eq(account),
            password_resets::token_hash.eq(secrets::code_hash(token)),
            password_resets::created_at.eq(now),
            password_resets::expires_at.eq(now + LIFE),
        ))
        .execute(conn)?;
    Ok(true)
}

/// Whose reset this token is, with the words a new password must not be made of; spent or expired ones are nobody's.
pub fn owner(conn: &mut Conn, token: &str, now: NaiveDateTime) -> Result<(AccountId, [String; 3])> {
    let row: Option<(AccountId, String, String, String)> = password_resets::table
        .inner_join(accounts::table)
        .filter(password_resets::token_hash.eq(secrets::code_hash(token)).and(password_resets::used_at.is_null()))
        .filter(password_resets::expires_at.gt(now).and(accounts::disabled_at.is_null()))
        .select((accounts::id, accounts::login_key, accounts::first_name, accounts::last_name))
        .first(conn)
        .optional()?;
    row.map(|(id, login, first, last)| (id, [login, first, last])).ok_or(Error::Denied(Rule::ResetSpent))
}

/// Spends the token, sets the password and ends every session of the account.
pub fn confirm(conn: &mut Conn, token: &str, password_hash: &str, now: NaiveDateTime) -> Result<AccountId> {
    let (account, _) = owner(conn, token, now)?;
    diesel::update(password_resets::table.filter(password_resets::account_id.eq(account)))
        .filter(password_resets::used_at.is_null())
        .set(password_resets::used_at.eq(Some(now)))
        .execute(conn)?;
    super::set_password(conn, account, password_hash)?;
    sessions::end_others(conn, account, None, now)?;
    Ok(account)
}
