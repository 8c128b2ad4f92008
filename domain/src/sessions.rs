//! Signed-in devices: tokens that rotate, and what ends them.

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

use crate::access::Viewer;
use crate::alerts::{self, devices};
use crate::db::Conn;
use crate::error::{Noun, Rule};
use crate::schema::{accounts, sessions};
use crate::secrets;
use crate::types::{About, AccountId, Platform, Role, SessionId};
use crate::{Error, Result};

/// How long an access token lives.
pub const ACCESS: Duration = Duration::minutes(30);
/// How long a family may be away: longer than the 98 days of a summer.
const FAMILY_IDLE: Duration = Duration::days(220);
const STAFF_IDLE: Duration = Duration::days(14);
const STAFF_ABSOLUTE: Duration = Duration::days(90);

/// Fresh secrets for one sign-in or one rotation; made before the transaction, which may run twice.
#[derive(Debug, Clone)]
pub struct Tokens {
    pub access: String,
    family: String,
    secret: String,
}

impl Tokens {
    pub fn fresh() -> Self {
        Self { access: secrets::token(), family: secrets::token(), secret: secrets::token() }
    }

    /// The refresh token: which session, and the secret that rotates.
    pub fn refresh(&self) -> String {
        format!("{}.{}", self.family, self.secret)
    }
}

/// A device's name for itself, as it signs in.
#[derive(Debug, Clone)]
pub struct Device {
    pub name: String,
    pub platform: Platform,
}

/// One signed-in device.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Session {
    pub id: SessionId,
    pub device_name: String,
    pub platform: Platform,
    pub created_at: NaiveDateTime,
    pub last_used_at: NaiveDateTime,
}

/// What became of a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refreshed {
    /// It was exchanged; the account and the end of the new refresh token.
    Rotated(AccountId, NaiveDateTime),
    /// It was spent long ago: somebody has a copy, and the session has ended.
    Reused,
}

/// Signs a device in and says when its refresh token ends. Whoever is signed in already is told of it.
pub fn open(
    conn: &mut Conn,
    account: (AccountId, Role),
    device: &Device,
    tokens: &Tokens,
    now: NaiveDateTime,
) -> Result<NaiveDateTime> {
    let refresh_expires_at = refresh_end(account.1, now, now);
    let elsewhere: Option<SessionId> = sessions::table
        .filter(sessions::account_id.eq(account.0).and(sessions::ended_at.is_null()))
        .filter(sessions::refresh_expires_at.gt(now))
        .select(sessions::id)
        .first(conn)
        .optional()?;
    if elsewhere.is_some() {
        alerts::account::tell(conn, account.0, About::SignedIn, &tokens.family, now)?;
    }
    diesel::insert_into(sessions::table)
        .values((
            sessions::account_id.eq(account.0),
            sessions::device_name.eq(&device.name),
            sessions::platform.eq(device.platform),
            sessions::access_hash.eq(secrets::hash(&tokens.access)),
            sessions::access_expires_at.eq(now + ACCESS),
            sessions::family_hash.eq(secrets::hash(&tokens.family)),
            sessions::refresh_hash.eq(secrets::hash(&tokens.secret)),
            sessions::refresh_expires_at.eq(refresh_expires_at),
            sessions::created_at.eq(now),
            sessions::last_used_at.eq(now),
        ))
        .execute(conn)?;
    Ok(refresh_expires_at)
}

#[derive(Queryable)]
struct Family {
    id: SessionId,
    account: AccountId,
    role: Role,
    refresh_hash: String,
    spent_hash: Option<String>,
    refresh_expires_at: NaiveDateTime,
    created_at: NaiveDateTime,
}

/// Exchanges a refresh token. The current one rotates; the one spent last is honoured until its successor is first used
/// (the answer got lost) and voids that successor; any older one ends the session.
///
/// `fresh` keeps its family: its refresh token must be built with [`Tokens::in_family_of`].
pub fn refresh(conn: &mut Conn, presented: &str, fresh: &Tokens, now: NaiveDateTime) -> Result<Refreshed> {
    let spent = Error::Denied(Rule::RefreshTokenSpent);
    let Some((family, secret)) = presented.split_once('.') else { return Err(spent) };
    let found = sessions::table
        .inner_join(accounts::table)
        .filter(sessions::family_hash.eq(secrets::hash(family)).and(sessions::ended_at.is_null()))
        .filter(accounts::disabled_at.is_null())
        .select((
            sessions::id,
            accounts::id,
            accounts::role,
            sessions::refresh_hash,
            sessions::spent_hash,
            sessions::refresh_expires_at,
            sessions::created_at,
        ))
        .first::<Family>(conn)
        .optional()?
        .ok_or(Error::Denied(Rule::RefreshTokenSpent))?;
    if found.refresh_expires_at <= now {
        return Err(spent);
    }
    let presented = secrets::hash(secret);
    let lost_answer = found.spent_hash.as_ref() == Some(&presented);
    if found.refresh_hash != presented && !lost_answer {
        end(conn, &[found.id], "reuse", now)?;
        alerts::account::tell(conn, found.account, About::TokenReused, presented.as_str(), now)?;
        return Ok(Refreshed::Reused);
    }
    let refresh_expires_at = refresh_end(found.role, found.created_at, now);
    diesel::update(sessions::table.find(found.id))
        .set((
            sessions::access_hash.eq(secrets::hash(&fresh.access)),
            sessions::access_expires_at.eq(now + ACCESS),
            sessions::refresh_hash.eq(secrets::hash(&fresh.secret)),
            sessions::spent_hash.eq(Some(presented)),
            sessions::refresh_expires_at.eq(refresh_expires_at),
            sessions::last_used_at.eq(now),
        ))
        .execute(conn)?;
    Ok(Refreshed::Rotated(found.account, refresh_expires_at))
}

impl Tokens {
    /// The same secrets, for the session `presented` belongs to.
    #[must_use]
    pub fn in_family_of(mut self, presented: &str) -> Self {
        if let Some((family, _)) = presented.split_once('.') {
            family.clone_into(&mut self.family);
        }
        self
    }
}

/// The devices the account is signed in on, the latest used first.
pub fn list(conn: &mut Conn, viewer: &Viewer) -> Result<Vec<Session>> {
    Ok(sessions::table
        .filter(sessions::account_id.eq(viewer.account()).and(sessions::ended_at.is_null()))
        .filter(sessions::refresh_expires_at.gt(viewer.now()))
        .order((sessions::last_used_at.desc(), sessions::id.desc()))
        .select((sessions::id, sessions::device_name, sessions::platform, sessions::created_at, sessions::last_used_at))
        .load(conn)?)
}

/// Signs one device of the viewer's own out.
pub fn sign_out(conn: &mut Conn, viewer: &Viewer, id: SessionId) -> Result<()> {
    let own: Option<SessionId> = sessions::table
        .filter(sessions::id.eq(id).and(sessions::account_id.eq(viewer.account())).and(sessions::ended_at.is_null()))
        .select(sessions::id)
        .first(conn)
        .optional()?;
    end(conn, &[own.ok_or(Error::NotFound(Noun::Session))?], "sign-out", viewer.now())
}

/// Ends every session of the account but `keep`: the password changed.
pub fn end_others(conn: &mut Conn, account: AccountId, keep: Option<SessionId>, now: NaiveDateTime) -> Result<()> {
    let others: Vec<SessionId> = sessions::table
        .filter(sessions::account_id.eq(account).and(sessions::ended_at.is_null()))
        .filter(sessions::id.ne(keep.unwrap_or(SessionId(0))))
        .select(sessions::id)
        .load(conn)?;
    end(conn, &others, "password", now)
}

/// Ends sessions, and pushes to the phones that were registered in them.
fn end(conn: &mut Conn, ids: &[SessionId], by: &str, now: NaiveDateTime) -> Result<()> {
    diesel::update(sessions::table.filter(sessions::id.eq_any(ids)))
        .set((sessions::ended_at.eq(Some(now)), sessions::ended_by.eq(Some(by))))
        .execute(conn)?;
    devices::sign_out(conn, ids, now)
}

fn refresh_end(role: Role, created_at: NaiveDateTime, now: NaiveDateTime) -> NaiveDateTime {
    match role {
        Role::Guardian | Role::Student => now + FAMILY_IDLE,
        Role::Teacher | Role::SchoolAdmin | Role::Operator => (now + STAFF_IDLE).min(created_at + STAFF_ABSOLUTE),
    }
}
