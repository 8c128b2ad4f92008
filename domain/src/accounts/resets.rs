//! Password resets: a token by e-mail, or a code from the school where there is no e-mail.

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

use crate::access::SchoolAccess;
use crate::db::Conn;
use crate::error::{Noun, Rule};
use crate::invitations::Invited;
use crate::schema::{accounts, children, enrolments, guardians, password_resets, staff};
use crate::types::{AccountId, SchoolId};
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

/// Opens a reset for somebody of the school, as [`open`] does. An account that also stands for somebody at another school is not
/// this school's to reset.
pub fn open_by_school(conn: &mut Conn, access: &SchoolAccess, who: &Invited, code: &str) -> Result<bool> {
    let account = account_of(conn, access.school(), who)?;
    open(conn, account, code, access.now())
}

/// The account behind a person, if it is of this school alone.
fn account_of(conn: &mut Conn, school: SchoolId, who: &Invited) -> Result<AccountId> {
    let (account, noun): (Option<Option<AccountId>>, _) = match who {
        Invited::Guardian(number) => {
            let one = guardians::table.filter(guardians::school_id.eq(school).and(guardians::external_id.eq(number)));
            (one.select(guardians::account_id).first(conn).optional()?, Noun::Guardian)
        }
        Invited::Student(number) => {
            let one =
                enrolments::table.filter(enrolments::school_id.eq(school).and(enrolments::external_id.eq(number)));
            let one = one.inner_join(children::table).filter(children::school_id.eq(school));
            (one.select(children::account_id).first(conn).optional()?, Noun::Child)
        }
        Invited::Staff(number, _) => {
            let one = staff::table.filter(staff::school_id.eq(school).and(staff::external_id.eq(number)));
            let here = one.filter(staff::left_at.is_null());
            (here.select(staff::account_id).first(conn).optional()?, Noun::Staff)
        }
    };
    let account = account.flatten().ok_or(Error::NotFound(noun))?;
    let elsewhere = guardians::table
        .filter(guardians::account_id.eq(account).and(guardians::school_id.ne(school)))
        .count()
        .get_result::<i64>(conn)?
        + staff::table
            .filter(staff::account_id.eq(account).and(staff::school_id.ne(school)))
            .count()
            .get_result::<i64>(conn)?;
    if elsewhere == 0 { Ok(account) } else { Err(Error::NotFound(noun)) }
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
