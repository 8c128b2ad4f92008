//! The same request sent twice has one effect: its answer is kept in the transaction of the effect.

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as SqlError};

use crate::access::{Actor, SchoolAccess, Viewer};
use crate::db::{Conn, on_backend};
use crate::error::Rule;
use crate::schema::{client_answers, idempotent_answers};
use crate::types::{AccountId, ClientId};
use crate::{Error, Result, secrets};

/// How long an answer is kept: longer than any phone retries.
const LIFE: Duration = Duration::days(2);

/// A client's key and the fingerprint of the request it came with.
#[derive(Debug, Clone)]
pub struct Key {
    key_hash: String,
    request_hash: String,
}

impl Key {
    /// `request` is everything that makes the request what it is: method, path, body.
    pub fn new(key: &str, request: &str) -> Self {
        Self { key_hash: secrets::hash(key), request_hash: secrets::hash(request) }
    }
}

/// Who sent the request and when: keys of different senders never meet.
#[derive(Debug, Clone, Copy)]
pub struct Sender {
    who: Who,
    now: NaiveDateTime,
}

#[derive(Debug, Clone, Copy)]
enum Who {
    Account(AccountId),
    Client(ClientId),
}

impl From<&Viewer> for Sender {
    fn from(viewer: &Viewer) -> Self {
        Self { who: Who::Account(viewer.account()), now: viewer.now() }
    }
}

impl From<&SchoolAccess> for Sender {
    fn from(access: &SchoolAccess) -> Self {
        let who = match access.actor() {
            Actor::Client { id, .. } => Who::Client(*id),
            Actor::Staff { account, .. } => Who::Account(*account),
        };
        Self { who, now: access.now() }
    }
}

/// The answer given to this key before, if any; a key that came with another request is a conflict.
pub fn recall(conn: &mut Conn, sender: impl Into<Sender>, key: Option<&Key>) -> Result<Option<String>> {
    let Some(key) = key else { return Ok(None) };
    macro_rules! kept {
        ($table:ident, $owner:expr) => {
            $table::table
                .find(($owner, &key.key_hash))
                .select(($table::request_hash, $table::body))
                .first::<(String, String)>(conn)
                .optional()?
        };
    }
    let kept = match sender.into().who {
        Who::Account(account) => kept!(idempotent_answers, account),
        Who::Client(client) => kept!(client_answers, client),
    };
    match kept {
        Some((request, _)) if request != key.request_hash => Err(Error::Conflict(Rule::IdempotencyKeyReused)),
        Some((_, body)) => Ok(Some(body)),
        None => Ok(None),
    }
}

/// Runs `work` once for a key: the second time its answer comes from memory. Without a key it just runs.
pub fn once(
    conn: &mut Conn,
    sender: impl Into<Sender>,
    key: Option<&Key>,
    work: impl FnOnce(&mut Conn) -> Result<String>,
) -> Result<String> {
    let sender = sender.into();
    if let Some(answer) = recall(conn, sender, key)? {
        return Ok(answer);
    }
    let answer = work(conn)?;
    if let Some(key) = key {
        remember(conn, sender, key, &answer)?;
    }
    Ok(answer)
}

/// Keeps the answer to a key, and forgets what its sender was answered long ago.
pub fn remember(conn: &mut Conn, sender: impl Into<Sender>, key: &Key, answer: &str) -> Result<()> {
    let Sender { who, now } = sender.into();
    macro_rules! keep {
        ($table:ident, $owner:ident = $id:expr $(, $more:expr)?) => {{
            let old = $table::table.filter($table::$owner.eq($id)).filter($table::created_at.lt(now - LIFE));
            diesel::delete(old).execute(conn)?;
            let row = (
                $table::$owner.eq($id),
                $table::key_hash.eq(&key.key_hash),
                $table::request_hash.eq(&key.request_hash),
                $table::body.eq(answer),
                $table::created_at.eq(now),
                $($more,)?
            );
            on_backend!(conn => diesel::insert_into($table::table).values(row).execute(conn))
        }};
    }
    let kept = match who {
        Who::Account(id) => keep!(idempotent_answers, account_id = id, idempotent_answers::status.eq(200)),
        Who::Client(id) => keep!(client_answers, client_id = id),
    };
    match kept {
        // A twin was faster: run again and find its answer.
        Err(SqlError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Err(Error::Outgrown),
        other => Ok(other.map(drop)?),
    }
}
