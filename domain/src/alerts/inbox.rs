//! The inbox: every alert of an account, whatever became of its deliveries, newest first.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::facts::{Facts, Reader};
use super::told;
use crate::access::{ChildAccess, Viewer};
use crate::changes::Change;
use crate::db::{Conn, on_backend};
use crate::schema::{alerts, children, events};
use crate::types::{About, AlertId, AlertKind, ChildId, EventId, EventKind, Language, Names, NewsId, Privacy};
use crate::{Result, news};

/// One alert, as its reader's own list has it: everything is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub id: AlertId,
    pub kind: AlertKind,
    pub child: Option<ChildId>,
    pub at: NaiveDateTime,
    pub read: bool,
    pub facts: Facts,
    /// What happened last, and to which thing; `None` for news and for what happened to the account.
    pub change: Option<(EventKind, i64)>,
    /// The school's news it is about.
    pub news: Option<NewsId>,
}

/// Some alerts, and the last that was looked at if there are more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub items: Vec<Item>,
    pub next: Option<AlertId>,
}

/// What is listed: behind its settle window, of children the viewer may still read about.
macro_rules! listed {
    ($viewer:expr, $rights:expr) => {{
        let children: Vec<ChildId> = $rights.iter().map(ChildAccess::child).collect();
        alerts::table
            .filter(alerts::account_id.eq($viewer.account()).and(alerts::at.le($viewer.now())))
            .filter(alerts::inbox.and(diesel::dsl::not(alerts::superseded)))
            .filter(alerts::child_id.is_null().or(alerts::child_id.eq_any(children)))
    }};
}

#[derive(Queryable)]
struct Row {
    id: AlertId,
    kind: Option<AlertKind>,
    about: Option<About>,
    child: Option<ChildId>,
    first: Option<EventId>,
    last: Option<EventId>,
    at: NaiveDateTime,
    read_at: Option<NaiveDateTime>,
    news: Option<NewsId>,
}

/// Where an alert of this account stands in its list: it may be listed later than one that was written after it.
fn place(conn: &mut Conn, viewer: &Viewer, alert: AlertId) -> Result<Option<(NaiveDateTime, AlertId)>> {
    let own = alerts::table.filter(alerts::id.eq(alert).and(alerts::account_id.eq(viewer.account())));
    Ok(own.select((alerts::at, alerts::id)).first(conn).optional()?)
}

/// At most `limit` alerts before the alert `before`, newest first.
pub fn page(
    conn: &mut Conn,
    viewer: &Viewer,
    rights: &[ChildAccess],
    language: Language,
    (before, limit): (Option<AlertId>, i64),
) -> Result<Page> {
    let (at, id) = match before {
        None => (viewer.now(), AlertId(i64::MAX)),
        Some(before) => match place(conn, viewer, before)? {
            Some(place) => place,
            // What was before it is forgotten as well.
            None => return Ok(Page { items: Vec::new(), next: None }),
        },
    };
    let query = listed!(viewer, rights)
        .filter(alerts::at.lt(at).or(alerts::at.eq(at).and(alerts::id.lt(id))))
        .order((alerts::at.desc(), alerts::id.desc()))
        .limit(limit + 1)
        .select((
            alerts::id,
            alerts::kind,
            alerts::about,
            alerts::child_id,
            alerts::first_event,
            alerts::last_event,
            alerts::at,
            alerts::read_at,
            alerts::news_id,
        ));
    let mut rows: Vec<Row> = on_backend!(conn => query.load(conn))?;
    let limit = usize::try_from(limit).unwrap_or_default();
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().map(|row| row.id).filter(|_| more);
    let ids: Vec<EventId> = rows.iter().flat_map(|row| [row.first, row.last]).flatten().collect();
    let changes = super::plan::changes(conn, ids)?;
    let things = things(conn, rows.iter().filter_map(|row| row.last).collect())?;
    let titles = news::titles(conn, rows.iter().filter_map(|row| row.news).collect())?;
    let names = names(conn, rights)?;
    let reader = Reader { language, privacy: Privacy::Full };
    let items = rows.into_iter().filter_map(|row| row.read(reader, &changes, (&things, &titles), &names)).collect();
    Ok(Page { items, next })
}

/// How many alerts the viewer has not read.
pub fn unread(conn: &mut Conn, viewer: &Viewer, rights: &[ChildAccess]) -> Result<i64> {
    Ok(listed!(viewer, rights).filter(alerts::read_at.is_null()).count().get_result(conn)?)
}

/// Says that the viewer has read everything listed up to the alert `last`.
pub fn read(conn: &mut Conn, viewer: &Viewer, last: AlertId) -> Result<()> {
    let Some((at, id)) = place(conn, viewer, last)? else { return Ok(()) };
    let unread = alerts::table
        .filter(alerts::account_id.eq(viewer.account()).and(alerts::at.le(viewer.now())))
        .filter(alerts::at.lt(at).or(alerts::at.eq(at).and(alerts::id.le(id))))
        .filter(alerts::read_at.is_null());
    diesel::update(unread).set(alerts::read_at.eq(Some(viewer.now()))).execute(conn)?;
    Ok(())
}

type Things = HashMap<EventId, (EventKind, i64)>;

fn things(conn: &mut Conn, ids: Vec<EventId>) -> Result<Things> {
    let query = events::table.filter(events::id.eq_any(ids)).select((events::id, events::kind, events::entity_id));
    let rows: Vec<(EventId, EventKind, i64)> = on_backend!(conn => query.load(conn))?;
    Ok(rows.into_iter().map(|(id, kind, entity)| (id, (kind, entity))).collect())
}

fn names(conn: &mut Conn, rights: &[ChildAccess]) -> Result<HashMap<ChildId, String>> {
    let ids: Vec<ChildId> = rights.iter().map(ChildAccess::child).collect();
    let query = children::table.filter(children::id.eq_any(ids)).select((children::id, children::first_name));
    Ok(on_backend!(conn => query.load::<(ChildId, String)>(conn))?.into_iter().collect())
}

impl Row {
    /// `None` for what nobody remembers any more.
    fn read(
        self,
        reader: Reader,
        changes: &HashMap<EventId, Change>,
        (things, titles): (&Things, &HashMap<NewsId, Names>),
        names: &HashMap<ChildId, String>,
    ) -> Option<Item> {
        let facts = match self.about {
            Some(About::News) => Facts::of_news(reader, titles.get(&self.news?)?),
            Some(about) => Facts::of_account(about)?,
            None => {
                let net = told::net(changes.get(&self.first?)?, changes.get(&self.last?)?)?;
                let child = self.child.and_then(|child| names.get(&child)).map_or("", String::as_str);
                Facts::of(reader, child, net.step, &net.entity, net.previous.as_ref())
            }
        };
        let change = self.last.and_then(|last| things.get(&last).copied()).filter(|_| self.child.is_some());
        Some(Item {
            id: self.id,
            kind: self.kind?,
            child: self.child,
            at: self.at,
            read: self.read_at.is_some(),
            facts,
            change,
            news: self.news,
        })
    }
}
