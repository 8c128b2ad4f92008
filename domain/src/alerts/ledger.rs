//! The books: what waits, what is dead and may be driven again, and what is old enough to be forgotten.

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

use crate::Result;
use crate::db::{Conn, Db, on_backend};
use crate::schema::{alert_attempts, alert_deliveries, alerts, devices, events};
use crate::types::{AlertId, DeliveryId, DeliveryState, DeviceId, Way};

/// What has not come to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waiting {
    pub pushes: i64,
    pub letters: i64,
    pub dead: i64,
    /// Since when the oldest of what should have left waits, planned or not.
    pub since: Option<NaiveDateTime>,
}

/// What waits at `now`.
pub fn waiting(conn: &mut Conn, now: NaiveDateTime) -> Result<Waiting> {
    let of = |way: Way| {
        alert_deliveries::table
            .filter(alert_deliveries::state.eq(DeliveryState::Pending).and(alert_deliveries::channel.eq(way)))
            .count()
    };
    let (pushes, letters) = (of(Way::Push).get_result(conn)?, of(Way::Email).get_result(conn)?);
    let dead = alert_deliveries::table.filter(alert_deliveries::state.eq(DeliveryState::DeadLetter)).count();
    let (dead, since) = (dead.get_result(conn)?, since(conn, now)?);
    Ok(Waiting { pushes, letters, dead, since })
}

/// Since when the oldest of what should have left by `now` waits, planned or not; `None` if nothing does.
pub fn since(conn: &mut Conn, now: NaiveDateTime) -> Result<Option<NaiveDateTime>> {
    let due: Option<NaiveDateTime> = alert_deliveries::table
        .filter(alert_deliveries::state.eq(DeliveryState::Pending).and(alert_deliveries::due_at.le(now)))
        .order(alert_deliveries::due_at)
        .select(alert_deliveries::due_at)
        .first(conn)
        .optional()?;
    let fresh = events::table.filter(diesel::dsl::not(events::planned)).order(events::id).select(events::at);
    let fresh: Option<NaiveDateTime> = fresh.first(conn).optional()?;
    Ok(due.into_iter().chain(fresh).min())
}

/// A delivery that could not be sent as it was.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Dead {
    pub id: DeliveryId,
    pub alert: AlertId,
    pub way: Way,
    pub reason: Option<String>,
    pub attempts: i32,
    pub at: Option<NaiveDateTime>,
}

/// The dead letters, oldest first.
pub fn dead(conn: &mut Conn, limit: i64) -> Result<Vec<Dead>> {
    let query = alert_deliveries::table
        .filter(alert_deliveries::state.eq(DeliveryState::DeadLetter))
        .order(alert_deliveries::id)
        .limit(limit)
        .select((
            alert_deliveries::id,
            alert_deliveries::alert_id,
            alert_deliveries::channel,
            alert_deliveries::reason,
            alert_deliveries::attempts,
            alert_deliveries::settled_at,
        ));
    Ok(on_backend!(conn => query.load(conn))?)
}

/// What became of dead letters that were to be driven again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Driven {
    /// They leave from now on; whether each may is looked at anew.
    pub again: usize,
    /// Something newer tells of the same thing: the old word must not come behind it.
    pub superseded: usize,
    /// Too old to ring; they are in the lists.
    pub expired: usize,
}

/// Sends dead letters again from now on: these, or all.
pub fn redrive(conn: &mut Conn, only: Option<&[DeliveryId]>, now: NaiveDateTime) -> Result<Driven> {
    let mut driven = Driven::default();
    let dead = dead(conn, i64::MAX)?;
    for dead in dead.into_iter().filter(|dead| only.is_none_or(|only| only.contains(&dead.id))) {
        let row = alert_deliveries::table.find(dead.id);
        let row = row.select((
            alert_deliveries::channel,
            alert_deliveries::target_id,
            alert_deliveries::collapse,
            alert_deliveries::expires_at,
        ));
        let (way, target, collapse, expires): (Way, i64, String, NaiveDateTime) = row.first(conn)?;
        let newer = alert_deliveries::table
            .filter(alert_deliveries::collapse.eq(collapse).and(alert_deliveries::id.gt(dead.id)))
            .filter(alert_deliveries::channel.eq(way).and(alert_deliveries::target_id.eq(target)))
            .select(alert_deliveries::id);
        if newer.first::<DeliveryId>(conn).optional()?.is_some() {
            end(conn, dead.id, (DeliveryState::Superseded, "corrected"))?;
            driven.superseded += 1;
        } else if expires <= now {
            end(conn, dead.id, (DeliveryState::Expired, "too-old"))?;
            driven.expired += 1;
        } else {
            revive(conn, dead.id, now)?;
            driven.again += 1;
        }
    }
    Ok(driven)
}

fn end(conn: &mut Conn, id: DeliveryId, (state, reason): (DeliveryState, &str)) -> Result<()> {
    let ended = (alert_deliveries::state.eq(state), alert_deliveries::reason.eq(Some(reason)));
    diesel::update(alert_deliveries::table.find(id)).set(ended).execute(conn)?;
    Ok(())
}

fn revive(conn: &mut Conn, id: DeliveryId, now: NaiveDateTime) -> Result<()> {
    diesel::update(alert_deliveries::table.find(id))
        .set((
            alert_deliveries::state.eq(DeliveryState::Pending),
            alert_deliveries::reason.eq(None::<String>),
            alert_deliveries::due_at.eq(now),
            alert_deliveries::epoch.eq(alert_deliveries::epoch + 1),
            alert_deliveries::settled_at.eq(None::<NaiveDateTime>),
        ))
        .execute(conn)?;
    Ok(())
}

/// As many alerts as one step forgets.
const STEP: i64 = 500;
/// How long a phone may be away: Android gives its token up by then.
const UNSEEN: Duration = Duration::days(270);

/// Forgets the alerts from before `before` (UTC) that have come to their ends, in steps that leave room for everybody else, and
/// the phones that were not seen for long.
pub async fn prune(db: &Db, before: NaiveDateTime, now: NaiveDateTime) -> Result<()> {
    db.write(move |conn| forget_phones(conn, now)).await?;
    while db.write(move |conn| forget(conn, before)).await? > 0 {}
    Ok(())
}

fn forget_phones(conn: &mut Conn, now: NaiveDateTime) -> Result<()> {
    let unseen = devices::table.filter(devices::seen_at.lt(now - UNSEEN)).limit(STEP).select(devices::id);
    let unseen: Vec<DeviceId> = on_backend!(conn => unseen.load(conn))?;
    super::devices::forget(conn, &unseen, "unseen", now)
}

fn forget(conn: &mut Conn, before: NaiveDateTime) -> Result<usize> {
    let open = alert_deliveries::table
        .filter(alert_deliveries::alert_id.eq(alerts::id))
        .filter(alert_deliveries::state.eq_any([DeliveryState::Pending, DeliveryState::DeadLetter]));
    let members = diesel::alias!(alerts as members);
    let tells = members.filter(members.field(alerts::bundle_id).eq(alerts::id.nullable()));
    let old = alerts::table
        .filter(alerts::at.lt(before))
        .filter(diesel::dsl::not(diesel::dsl::exists(open)).and(diesel::dsl::not(diesel::dsl::exists(tells))))
        .order(alerts::id)
        .limit(STEP)
        .select(alerts::id);
    let old: Vec<AlertId> = on_backend!(conn => old.load(conn))?;
    let of_them = alert_deliveries::table.filter(alert_deliveries::alert_id.eq_any(&old)).select(alert_deliveries::id);
    let deliveries: Vec<DeliveryId> = on_backend!(conn => of_them.load(conn))?;
    for ids in deliveries.chunks(1000) {
        let attempts = diesel::delete(alert_attempts::table.filter(alert_attempts::delivery_id.eq_any(ids)));
        on_backend!(conn => attempts.execute(conn))?;
        let gone = diesel::delete(alert_deliveries::table.filter(alert_deliveries::id.eq_any(ids)));
        on_backend!(conn => gone.execute(conn))?;
    }
    let gone = diesel::delete(alerts::table.filter(alerts::id.eq_any(old)));
    Ok(on_backend!(conn => gone.execute(conn))?)
}
