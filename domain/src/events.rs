//! Events: what changed for whom, written in the change's own transaction and kept for a time. Whoever tells people of
//! changes, the feed of phones or alerts, reads them here; what they are told with is not this module's.
//!
//! A number of a child's diary without an event is no mistake: something changed that no event describes (a name, a course,
//! an import too large to list), and readers load the diary anew.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::Serialize;

use crate::access::Viewer;
use crate::db::{Conn, Db, insert_rows};
use crate::schema::{child_events, children, events};
use crate::types::{AccountId, ChildId, EventId, EventKind, SchoolId};
use crate::{Error, Result};

/// A change to be told. What it is about is kept as JSON of the type families read ([`crate::grades::Grade`] and its like),
/// so such a type may only gain fields that have a default.
#[derive(Debug, Clone)]
pub struct Event {
    school: SchoolId,
    kind: EventKind,
    id: i64,
    entity: Option<String>,
    previous: Option<String>,
    account: Option<AccountId>,
    baseline: bool,
    at: NaiveDateTime,
    heard: Vec<(ChildId, i64)>,
}

impl Event {
    /// Something happened at `at` (UTC) to what has the number `id`.
    pub fn new(school: SchoolId, kind: EventKind, id: i64, at: NaiveDateTime) -> Self {
        let (entity, previous, account, heard) = (None, None, None, Vec::new());
        Self { school, kind, id, entity, previous, account, baseline: false, at, heard }
    }

    /// As it is since.
    pub fn of(self, entity: &impl Serialize) -> Result<Self> {
        Ok(Self { entity: Some(json(entity)?), ..self })
    }

    /// As it was before.
    pub fn after(self, previous: &impl Serialize) -> Result<Self> {
        Ok(Self { previous: Some(json(previous)?), ..self })
    }

    /// [`Event::of`] and [`Event::after`], written down already.
    #[must_use]
    pub(crate) fn written(self, entity: Option<String>, previous: Option<String>) -> Self {
        Self { entity, previous, ..self }
    }

    /// The children it concerns, each with the number of the change in its diary ([`crate::db::Touch::child`]).
    #[must_use]
    pub fn heard_by(self, heard: Vec<(ChildId, i64)>) -> Self {
        Self { heard, ..self }
    }

    /// The account whose list of children changed.
    #[must_use]
    pub fn of_account(self, account: AccountId) -> Self {
        Self { account: Some(account), ..self }
    }

    /// Part of an import or a first delivery: phones learn of it, nobody is alerted.
    #[must_use]
    pub fn baseline(self, baseline: bool) -> Self {
        Self { baseline, ..self }
    }
}

/// An entity as events keep it.
pub(crate) fn json(entity: &impl Serialize) -> Result<String> {
    serde_json::to_string(entity).map_err(|error| Error::Store(format!("an event cannot be written: {error}")))
}

#[derive(Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
struct Row {
    school_id: SchoolId,
    kind: EventKind,
    entity_id: i64,
    entity: Option<String>,
    previous: Option<String>,
    account_id: Option<AccountId>,
    baseline: bool,
    at: NaiveDateTime,
    /// Nobody is alerted of a baseline.
    planned: bool,
}

#[derive(Insertable)]
#[diesel(table_name = child_events, treat_none_as_default_value = false)]
struct Link {
    child_id: ChildId,
    revision: i64,
    event_id: EventId,
}

/// As many events, and as many links, as one statement writes; both databases bind no more than some 32,000 values.
const ROWS: usize = 1000;
const LINKS: usize = 5000;

/// Writes events, each with the children it concerns. One call may tell of a thing only once in each way.
pub fn append(conn: &mut Conn, told: &[Event]) -> Result<()> {
    for told in told.chunks(ROWS) {
        let rows: Vec<Row> = told.iter().map(row).collect();
        let ids = insert_rows!(conn, events, &rows, insert => insert
            .returning((events::kind, events::entity_id, events::id))
            .get_results::<(EventKind, i64, EventId)>(conn))?;
        let ids: HashMap<_, _> = ids.into_iter().map(|(kind, entity, id)| ((kind, entity), id)).collect();
        let links = told.iter().flat_map(|event| {
            let id = ids.get(&(event.kind, event.id)).copied();
            let link = move |(child_id, revision): &(ChildId, i64)| {
                id.map(|event_id| Link { child_id: *child_id, revision: *revision, event_id })
            };
            event.heard.iter().filter_map(link)
        });
        let links: Vec<Link> = links.collect();
        for links in links.chunks(LINKS) {
            insert_rows!(conn, child_events, links)?;
        }
    }
    Ok(())
}

fn row(event: &Event) -> Row {
    Row {
        school_id: event.school,
        kind: event.kind,
        entity_id: event.id,
        entity: event.entity.clone(),
        previous: event.previous.clone(),
        account_id: event.account,
        baseline: event.baseline,
        at: event.at,
        planned: event.baseline,
    }
}

/// When the viewer's list of children last gained or lost `child`, as far as that is remembered.
pub fn last(conn: &mut Conn, viewer: &Viewer, kind: EventKind, child: ChildId) -> Result<Option<NaiveDateTime>> {
    Ok(events::table
        .filter(events::account_id.eq(viewer.account()).and(events::entity_id.eq(child.0)).and(events::kind.eq(kind)))
        .order(events::id.desc())
        .select(events::at)
        .first(conn)
        .optional()?)
}

/// Forgets what happened before `before` (UTC), in steps that leave room for everybody else. Whoever reads on from an
/// older place than that must start afresh.
pub async fn prune(db: &Db, before: NaiveDateTime) -> Result<()> {
    let Some(first) = db.read(move |conn| first_kept(conn, before)).await? else { return Ok(()) };
    let mut after = Some(ChildId(0));
    while let Some(child) = after {
        after = db.write(move |conn| unlink(conn, first, child)).await?;
    }
    while db.write(move |conn| forget(conn, first)).await? > 0 {}
    Ok(())
}

/// The first event to be kept, and `None` if that is the first there is. Events are numbered nearly as they happened, so
/// the search ends with the old ones.
fn first_kept(conn: &mut Conn, before: NaiveDateTime) -> Result<Option<EventId>> {
    let oldest: Option<(EventId, NaiveDateTime)> =
        events::table.order(events::id).select((events::id, events::at)).first(conn).optional()?;
    if oldest.is_none_or(|(_, at)| at >= before) {
        return Ok(None);
    }
    let kept = events::table.filter(events::at.ge(before)).order(events::id).select(events::id);
    Ok(Some(kept.first(conn).optional()?.unwrap_or(EventId(i64::MAX))))
}

/// As many children, and as many events, as one step forgets.
const STEP: i64 = 500;

/// Forgets what concerned the next children after `after`, and tells the last of them, if there are more.
fn unlink(conn: &mut Conn, first: EventId, after: ChildId) -> Result<Option<ChildId>> {
    let next = children::table.filter(children::id.gt(after)).order(children::id).limit(STEP).select(children::id);
    let last = next.load::<ChildId>(conn)?.last().copied();
    if let Some(last) = last {
        let old = child_events::child_id.gt(after).and(child_events::child_id.le(last));
        diesel::delete(child_events::table.filter(old.and(child_events::event_id.lt(first)))).execute(conn)?;
    }
    Ok(last)
}

fn forget(conn: &mut Conn, first: EventId) -> Result<usize> {
    let old = events::table.filter(events::id.lt(first)).order(events::id).limit(STEP).select(events::id);
    let old = old.load::<EventId>(conn)?;
    Ok(diesel::delete(events::table.filter(events::id.eq_any(old))).execute(conn)?)
}
