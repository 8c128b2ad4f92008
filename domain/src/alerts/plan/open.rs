//! What was planned of the same things and has not left: it is closed, and what it would have told is told by the new alerts.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::scene::Scene;
use super::{News, Rules};
use crate::Result;
use crate::changes::Change;
use crate::db::{Conn, on_backend};
use crate::schema::{alert_attempts, alert_deliveries, alerts, events};
use crate::types::{AlertId, DeliveryId, DeliveryState, EventId, EventKind, Way};

/// Where a delivery goes.
pub type Target = (Way, i64);

/// What targets and inboxes had not heard yet of each thing.
#[derive(Default)]
pub struct Open {
    /// From which event on a target has heard nothing, by collapse key.
    targets: HashMap<(String, Target), EventId>,
    /// The same for whole accounts: nothing of it got out, and nobody read it.
    inboxes: HashMap<String, EventId>,
    firsts: HashMap<EventId, Change>,
    closed: Vec<Way>,
}

#[derive(Queryable)]
struct Closed {
    id: DeliveryId,
    collapse: String,
    way: Way,
    target: i64,
    first: Option<EventId>,
    attempts: i32,
}

impl Open {
    /// Closes what the news make stale. What a worker holds at this moment is left to it: the new one comes behind it.
    pub fn close(conn: &mut Conn, rules: &Rules, news: &[News<'_>], scene: &Scene, now: NaiveDateTime) -> Result<Self> {
        let keys = news.iter().flat_map(|one| {
            scene.hearers(one.child).iter().map(|account| rules.key.of(*account, one.child, one.thing))
        });
        let keys: Vec<String> = keys.collect();
        let mut open = Self::default();
        for keys in keys.chunks(1000) {
            let closed = close_deliveries(conn, keys, now)?;
            let heard = heard(conn, &closed)?;
            for closed in closed {
                open.closed.push(closed.way);
                // What may have been delivered is not told as if it had not.
                if let Some(first) = closed.first.filter(|_| !heard.contains(&closed.id)) {
                    open.targets.insert((closed.collapse, (closed.way, closed.target)), first);
                }
            }
            for (collapse, first) in close_alerts(conn, keys)? {
                let earliest = open.inboxes.entry(collapse).or_insert(first);
                *earliest = first.min(*earliest);
            }
        }
        open.firsts = changes(conn, open.targets.values().chain(open.inboxes.values()).copied().collect())?;
        Ok(open)
    }

    /// From which event on the account has heard nothing of a thing, if that was before its news.
    pub fn inbox(&self, collapse: &str) -> Option<EventId> {
        self.inboxes.get(collapse).copied()
    }

    /// The same for one of its targets.
    pub fn target(&self, collapse: &str, target: Target) -> Option<EventId> {
        self.targets.get(&(collapse.to_owned(), target)).copied().or_else(|| self.inbox(collapse))
    }

    /// Ways on which something waited that is stale now.
    pub fn closed(&self) -> impl Iterator<Item = Way> {
        self.closed.iter().copied()
    }

    /// What an event that was not told said.
    pub fn change(&self, event: EventId) -> Option<&Change> {
        self.firsts.get(&event)
    }
}

fn close_deliveries(conn: &mut Conn, keys: &[String], now: NaiveDateTime) -> Result<Vec<Closed>> {
    let waiting = alert_deliveries::table
        .filter(alert_deliveries::collapse.eq_any(keys))
        .filter(alert_deliveries::state.eq(DeliveryState::Pending))
        .filter(alert_deliveries::lease_until.is_null().or(alert_deliveries::lease_until.le(now)));
    let close = diesel::update(waiting)
        .set((
            alert_deliveries::state.eq(DeliveryState::Superseded),
            alert_deliveries::reason.eq(Some("corrected")),
            alert_deliveries::epoch.eq(alert_deliveries::epoch + 1),
            alert_deliveries::settled_at.eq(Some(now)),
        ))
        .returning((
            alert_deliveries::id,
            alert_deliveries::collapse,
            alert_deliveries::channel,
            alert_deliveries::target_id,
            alert_deliveries::first_event,
            alert_deliveries::attempts,
        ));
    Ok(on_backend!(conn => close.get_results(conn))?)
}

/// The attempts that may have reached somebody: all but those the provider, or our own gate before it, turned away.
macro_rules! may_have_arrived {
    () => {
        alert_attempts::outcome.is_null().or(alert_attempts::outcome.ne("refused"))
    };
}

/// Which of these may have been delivered.
fn heard(conn: &mut Conn, closed: &[Closed]) -> Result<HashSet<DeliveryId>> {
    let tried: Vec<DeliveryId> = closed.iter().filter(|one| one.attempts > 0).map(|one| one.id).collect();
    if tried.is_empty() {
        return Ok(HashSet::new());
    }
    let arrived = alert_attempts::table.filter(alert_attempts::delivery_id.eq_any(tried)).filter(may_have_arrived!());
    let arrived = arrived.select(alert_attempts::delivery_id);
    Ok(on_backend!(conn => arrived.load::<DeliveryId>(conn))?.into_iter().collect())
}

/// Closes the alerts of which nothing got out, waits or was read, and says from where on they told.
fn close_alerts(conn: &mut Conn, keys: &[String]) -> Result<Vec<(String, EventId)>> {
    let of_it = alert_deliveries::table.filter(alert_deliveries::alert_id.eq(alerts::id));
    let waits = of_it.filter(alert_deliveries::state.eq(DeliveryState::Pending));
    let arrived =
        alert_attempts::table.filter(alert_attempts::delivery_id.eq(alert_deliveries::id)).filter(may_have_arrived!());
    let got_out = of_it.filter(diesel::dsl::exists(arrived));
    let unheard = alerts::table
        .filter(alerts::collapse.eq_any(keys))
        .filter(diesel::dsl::not(alerts::superseded).and(alerts::read_at.is_null()))
        .filter(diesel::dsl::not(diesel::dsl::exists(waits).or(diesel::dsl::exists(got_out))))
        .select((alerts::id, alerts::collapse, alerts::first_event));
    let unheard: Vec<(AlertId, String, Option<EventId>)> = on_backend!(conn => unheard.load(conn))?;
    let ids: Vec<AlertId> = unheard.iter().map(|(id, ..)| *id).collect();
    let close = diesel::update(alerts::table.filter(alerts::id.eq_any(ids))).set(alerts::superseded.eq(true));
    on_backend!(conn => close.execute(conn))?;
    Ok(unheard.into_iter().filter_map(|(_, collapse, first)| Some((collapse, first?))).collect())
}

type Row = (EventId, EventKind, NaiveDateTime, Option<String>, Option<String>);

/// What these events say, as far as they are still there.
pub(in crate::alerts) fn changes(conn: &mut Conn, mut ids: Vec<EventId>) -> Result<HashMap<EventId, Change>> {
    ids.sort_unstable();
    ids.dedup();
    let mut found = HashMap::new();
    for ids in ids.chunks(1000) {
        let query = events::table.filter(events::id.eq_any(ids).and(events::account_id.is_null())).select((
            events::id,
            events::kind,
            events::at,
            events::entity,
            events::previous,
        ));
        for (id, kind, at, entity, previous) in on_backend!(conn => query.load::<Row>(conn))? {
            if let Ok(change) = Change::read(kind, at, entity.as_deref(), previous.as_deref()) {
                found.insert(id, change);
            }
        }
    }
    Ok(found)
}
