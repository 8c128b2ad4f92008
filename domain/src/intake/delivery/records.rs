//! What each journal wrote itself: enough to reconcile by, nothing to read a school from.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::{Delivered, Entry};
use crate::Result;
use crate::access::{Actor, SchoolAccess};
use crate::db::{Conn, IsAmong, insert_rows, on_backend};
use crate::error::Rule;
use crate::intake::{Outcome, Writer};
use crate::schema::deliveries;
use crate::types::{ClientId, ClientScope, Collection, SchoolId, Word};

/// One item a journal wrote: when it last changed, and the hash of what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Record {
    pub external_id: String,
    pub item_id: i64,
    pub updated_at: NaiveDateTime,
    pub hash: String,
}

#[derive(Insertable)]
#[diesel(table_name = deliveries, treat_none_as_default_value = false)]
struct Row<'a> {
    school_id: SchoolId,
    client_id: ClientId,
    collection: &'a str,
    external_id: &'a str,
    item_id: i64,
    hash: &'a str,
    updated_at: NaiveDateTime,
}

/// Keeps what a delivery wrote and forgets what it took back. What was sent again as it was keeps its time.
pub(super) fn note<I: Delivered>(
    conn: &mut Conn,
    writer: Writer,
    client: ClientId,
    entries: &[Entry<I>],
    outcomes: &[Outcome],
) -> Result<()> {
    let collection = I::COLLECTION.as_str();
    let of_client = || {
        let owner = deliveries::school_id.eq(writer.school).and(deliveries::client_id.eq(client));
        owner.and(deliveries::collection.eq(collection))
    };
    let ids: Vec<&str> = entries.iter().filter_map(Entry::external_id).collect();
    let query = deliveries::table
        .filter(of_client().and(deliveries::external_id.among(ids)))
        .select((deliveries::external_id, deliveries::hash));
    let kept: HashMap<String, String> = on_backend!(conn => query.load(conn))?.into_iter().collect();
    let (mut rows, mut gone) = (Vec::new(), Vec::new());
    for (entry, outcome) in entries.iter().zip(outcomes) {
        match (entry, outcome) {
            (Entry::Put { item, hash }, Outcome::Created(id) | Outcome::Updated(id) | Outcome::Unchanged(id)) => {
                let external_id = item.external_id();
                if outcome.changed() || kept.get(external_id) != Some(hash) {
                    let (school_id, client_id, updated_at) = (writer.school, client, writer.now);
                    rows.push(Row { school_id, client_id, collection, external_id, item_id: *id, hash, updated_at });
                }
            }
            (Entry::Withdraw(id), Outcome::Deleted(_) | Outcome::Absent) if kept.contains_key(id) => gone.push(id),
            _ => {}
        }
    }
    if !rows.is_empty() {
        let key = (deliveries::school_id, deliveries::client_id, deliveries::collection, deliveries::external_id);
        insert_rows!(conn, deliveries, &rows, insert => insert
            .on_conflict(key)
            .do_update()
            .set((
                deliveries::item_id.eq(excluded(deliveries::item_id)),
                deliveries::hash.eq(excluded(deliveries::hash)),
                deliveries::updated_at.eq(excluded(deliveries::updated_at)),
            ))
            .execute(conn))?;
    }
    if !gone.is_empty() {
        diesel::delete(deliveries::table.filter(of_client().and(deliveries::external_id.eq_any(gone))))
            .execute(conn)?;
    }
    Ok(())
}

/// What this journal wrote of a collection, by the time of the last change, from after a place; never what others wrote.
pub fn records(
    conn: &mut Conn,
    access: &SchoolAccess,
    collection: Collection,
    after: &(NaiveDateTime, String),
    limit: i64,
) -> Result<Vec<Record>> {
    access.need(ClientScope::Read)?;
    let Actor::Client { id, .. } = access.actor() else { return Err(crate::Error::Denied(Rule::InsufficientScope)) };
    let later = deliveries::updated_at.eq(after.0).and(deliveries::external_id.gt(&after.1));
    let query = deliveries::table
        .filter(deliveries::school_id.eq(access.school()).and(deliveries::client_id.eq(*id)))
        .filter(deliveries::collection.eq(collection.as_str()))
        .filter(deliveries::updated_at.gt(after.0).or(later))
        .order((deliveries::updated_at, deliveries::external_id))
        .limit(limit)
        .select((deliveries::external_id, deliveries::item_id, deliveries::updated_at, deliveries::hash));
    Ok(on_backend!(conn => query.load(conn))?)
}
