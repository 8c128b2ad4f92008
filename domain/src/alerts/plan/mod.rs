//! The plan: what was written becomes alerts, one for each account that may know, and deliveries, one for each of its phones or
//! its mailbox. Nothing leaves here; whether it may is looked at again when it is sent.

pub mod bulletin;
mod bundles;
mod draft;
pub mod exports;
mod open;
mod ripe;
mod scene;
mod write;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use super::collapse::Key;
use super::told::{self, Net};
use super::windows::Windows;
use crate::Result;
use crate::changes::Change;
use crate::clock::local_day;
use crate::db::{Conn, on_backend};
use crate::schema::{child_events, events};
use crate::types::{AccountId, ChildId, DeliveryState, EventId, EventKind, Way, Word};
use bundles::Bundles;
use draft::Draft;
pub(super) use draft::life;
use open::Open;
pub(super) use open::changes;
pub(super) use ripe::{Members, members};
use scene::Scene;

/// What plans are made by.
#[derive(Debug, Clone)]
pub struct Rules {
    pub settle: Windows,
    /// How many alerts about one child come one by one in an hour; more come together.
    pub roll_up: usize,
    /// Whether anything is pushed at all; without it every phone is one that is not there.
    pub pushes: bool,
    pub key: Key,
}

/// An event nobody has planned for.
struct Fresh {
    id: EventId,
    kind: EventKind,
    entity: i64,
    at: NaiveDateTime,
    account: Option<AccountId>,
    /// `None` for what happened to an account, and for what cannot be read.
    change: Option<Change>,
}

/// Everything new about one thing of one child.
struct News<'a> {
    child: ChildId,
    /// Which thing it is.
    thing: (&'static str, i64),
    first: &'a Fresh,
    last: &'a Fresh,
    net: Net,
    /// Which day it is where the child's school is.
    today: NaiveDate,
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Bool)]
    taken: bool,
}

/// What a plan did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Planned {
    /// For how many changes, bundles, and steps of what a whole school is told.
    pub of: usize,
    /// What came to its end in it, without ever leaving.
    pub closed: Vec<(Way, DeliveryState)>,
}

impl Planned {
    fn ended(&mut self, drafts: &[Draft]) {
        let outs = drafts.iter().flat_map(|draft| &draft.outs);
        self.closed.extend(outs.filter_map(|out| Some((out.target.0, out.closed?.0))));
    }
}

/// One plans at a time, so that what concerns one thing is planned in order.
const PLANNER: i64 = 0x4150_0002_0000_0000;

/// The parts of a plan. Each is a transaction of its own: what one cannot do holds up no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Events,
    News,
    Exports,
    Bundles,
}

/// The steps that have something to do.
pub fn behind(conn: &mut Conn, rules: &Rules, now: NaiveDateTime) -> Result<Vec<Step>> {
    let due = [
        (Step::Events, is_fresh(conn)?),
        (Step::News, bulletin::is_due(conn, rules, now)?),
        (Step::Exports, exports::is_due(conn)?),
        (Step::Bundles, ripe::is_due(conn, now)?),
    ];
    Ok(due.into_iter().filter_map(|(step, due)| due.then_some(step)).collect())
}

/// Plans for some of what a step has to do; for nothing while somebody else plans. In one transaction
/// ([`crate::db::Db::write_rows`]).
pub fn plan(conn: &mut Conn, rules: &Rules, step: Step, now: NaiveDateTime) -> Result<Planned> {
    if let Conn::Postgres(conn) = conn {
        let query = diesel::sql_query("SELECT pg_try_advisory_xact_lock($1) AS taken").bind::<BigInt, _>(PLANNER);
        if !query.get_result::<Taken>(conn)?.taken {
            return Ok(Planned::default());
        }
    }
    let mut planned = Planned::default();
    match step {
        Step::Events => of_events(conn, rules, now, &mut planned)?,
        Step::News => bulletin::plan(conn, rules, now, &mut planned)?,
        Step::Exports => exports::plan(conn, now, &mut planned)?,
        Step::Bundles => ripe::plan(conn, rules, now, &mut planned)?,
    }
    Ok(planned)
}

fn of_events(conn: &mut Conn, rules: &Rules, now: NaiveDateTime, planned: &mut Planned) -> Result<()> {
    let (fresh, links) = fresh(conn)?;
    if fresh.is_empty() {
        return Ok(());
    }
    let ids: Vec<EventId> = fresh.iter().map(|event| event.id).collect();
    let listed = fresh.iter().filter(|event| event.kind == EventKind::ChildAdded).map(|event| ChildId(event.entity));
    let concerned: BTreeSet<ChildId> = links.iter().map(|(_, child)| *child).chain(listed).collect();
    let accounts: Vec<AccountId> = fresh.iter().filter_map(|event| event.account).collect();
    let scene = Scene::load(conn, rules, &concerned.into_iter().collect::<Vec<_>>(), &accounts, now)?;
    let news = news(&fresh, &links, &scene, now);
    let open = Open::close(conn, rules, &news, &scene, now)?;
    let told: Vec<ChildId> = news.iter().map(|one| one.child).collect();
    let first = news.iter().map(|one| scene.due(rules, one)).min();
    let mut bundles = Bundles::load(conn, rules, &scene, (&told, first), now)?;
    let drafts = draft::all(rules, &scene, &open, &mut bundles, (&news, &fresh));
    write::write(conn, &mut bundles, &drafts, now)?;
    let done = events::table.filter(events::id.eq_any(&ids));
    let done = diesel::update(done).set(events::planned.eq(true));
    on_backend!(conn => done.execute(conn))?;
    planned.of += ids.len();
    planned.closed.extend(open.closed().map(|way| (way, DeliveryState::Superseded)));
    planned.ended(&drafts);
    Ok(())
}

fn is_fresh(conn: &mut Conn) -> Result<bool> {
    // In the order of the index of these few: without one PostgreSQL may look through all there are.
    let open = events::table.filter(diesel::dsl::not(events::planned)).order(events::id);
    Ok(on_backend!(conn => open.select(events::id).first::<EventId>(conn)).optional()?.is_some())
}

type Row = (EventId, EventKind, i64, NaiveDateTime, Option<AccountId>, Option<String>, Option<String>);

/// As many events as are planned for in one transaction, and about as many children: a plan must not hold up writers.
const EVENTS: i64 = 500;
const CHILDREN: usize = 500;

type Link = (EventId, ChildId);

/// The next events, and the children each is about.
fn fresh(conn: &mut Conn) -> Result<(Vec<Fresh>, Vec<Link>)> {
    let query = events::table.filter(diesel::dsl::not(events::planned)).order(events::id).limit(EVENTS).select((
        events::id,
        events::kind,
        events::entity_id,
        events::at,
        events::account_id,
        events::entity,
        events::previous,
    ));
    let rows: Vec<Row> = on_backend!(conn => query.load(conn))?;
    let mut fresh: Vec<Fresh> = rows.into_iter().map(Fresh::read).collect();
    let links = child_events::table.filter(child_events::event_id.eq_any(fresh.iter().map(|event| event.id)));
    let links = links.select((child_events::event_id, child_events::child_id)).order(child_events::event_id);
    let mut links: Vec<Link> = on_backend!(conn => links.load(conn))?;
    // The event with which there are enough is the last one; one alone may be about more.
    if let Some((last, _)) = links.get(CHILDREN) {
        let last = *last;
        fresh.retain(|event| event.id <= last);
        links.retain(|(event, _)| *event <= last);
    }
    Ok((fresh, links))
}

impl Fresh {
    fn read((id, kind, entity, at, account, now, previous): Row) -> Self {
        let change = account.is_none().then(|| Change::read(kind, at, now.as_deref(), previous.as_deref()));
        let change = change.and_then(|change| {
            // What is wrong with it may quote it.
            change
                .inspect_err(|_| tracing::error!(event.id = id.0, "an event cannot be read and is told to nobody"))
                .ok()
        });
        Self { id, kind, entity, at, account, change }
    }

    /// Which thing it is about, whatever happened to it.
    fn thing(&self) -> (&'static str, i64) {
        (self.kind.as_str().split('.').next().unwrap_or_default(), self.entity)
    }
}

/// What is new of each thing of each child, in the order in which it was last written.
fn news<'a>(fresh: &'a [Fresh], links: &[Link], scene: &Scene, now: NaiveDateTime) -> Vec<News<'a>> {
    let mut heard: HashMap<EventId, Vec<ChildId>> = HashMap::new();
    for (event, child) in links {
        heard.entry(*event).or_default().push(*child);
    }
    let mut spans: BTreeMap<(ChildId, &'static str, i64), (&'a Fresh, &'a Fresh)> = BTreeMap::new();
    for event in fresh.iter().filter(|event| event.change.is_some()) {
        for child in heard.get(&event.id).into_iter().flatten() {
            let (noun, id) = event.thing();
            spans.entry((*child, noun, id)).or_insert((event, event)).1 = event;
        }
    }
    let mut news = Vec::new();
    for ((child, noun, id), (first, last)) in spans {
        let net = first.change.as_ref().zip(last.change.as_ref()).and_then(|(first, last)| told::net(first, last));
        if let Some(net) = net {
            news.push(News { child, thing: (noun, id), first, last, net, today: local_day(now, scene.zone(child)) });
        }
    }
    news.sort_by_key(|one| (one.last.id, one.child));
    news
}
