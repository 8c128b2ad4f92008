//! The same request sent twice has one effect: its answer is kept in the transaction of the effect.

use chrono::Duration;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as SqlError};

use crate::access::Viewer;
use crate::db::{Conn, on_backend};
use crate::error::Rule;
use crate::schema::idempotent_answers;
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

/// The answer given to this key before, if any; a key that came with another request is a conflict.
pub fn recall(conn: &mut Conn, viewer: &Viewer, key: Option<&Key>) -> Result<Option<String>> {
    let Some(key) = key else { return Ok(None) };
    let kept: Option<(String, String)> = idempotent_answers::table
        .find((viewer.account(), &key.key_hash))
        .select((idempotent_answers::request_hash, idempotent_answers::body))
        .first(conn)
        .optional()?;
    match kept {
        Some((request, _)) if request != key.request_hash => Err(Error::Conflict(Rule::IdempotencyKeyReused)),
        Some((_, body)) => Ok(Some(body)),
        None => Ok(None),
    }
}

/// Runs `work` once for a key: the second time its answer comes from memory. Without a key it just runs.
pub fn once(
    conn: &mut Conn,
    viewer: &Viewer,
    key: Option<&Key>,
    work: impl FnOnce(&mut Conn) -> Result<String>,
) -> Result<String> {
    if let Some(answer) = recall(conn, viewer, key)? {
        return Ok(answer);
    }
    let answer = work(conn)?;
    if let Some(key) = key {
        remember(conn, viewer, key, &answer)?;
    }
    Ok(answer)
}

fn remember(conn: &mut Conn, viewer: &Viewer, key: &Key, answer: &str) -> Result<()> {
    let old = idempotent_answers::table
        .filter(idempotent_answers::account_id.eq(viewer.account()))
        .filter(idempotent_answers::created_at.lt(viewer.now() - LIFE));
    diesel::delete(old).execute(conn)?;
    let row = (
        idempotent_answers::account_id.eq(viewer.account()),
        idempotent_answers::key_hash.eq(&key.key_hash),
        idempotent_answers::request_hash.eq(&key.request_hash),
        idempotent_answers::status.eq(200),
        idempotent_answers::body.eq(answer),
        idempotent_answers::created_at.eq(viewer.now()),
    );
    let kept = on_backend!(conn => diesel::insert_into(idempotent_answers::table).values(row).execute(conn));
    match kept {
        // A twin was faster: run again and find its answer.
        Err(SqlError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Err(Error::Outgrown),
        other => Ok(other.map(drop)?),
    }
}
