//! Claiming: a worker takes due deliveries for a time, looks again whether each may leave, and writes that it tries. All of it
//! commits before anything is sent.

mod look;
mod verdict;

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

use super::facts::Facts;
use crate::db::{Conn, on_backend};
use crate::schema::{alert_attempts, alert_deliveries, alert_lanes};
use crate::types::{
    AccountId, AlertId, ChildId, DeliveryId, DeliveryState, DeviceId, EventId, Lane, Language, Platform, Privacy, Way,
};
use crate::{Result, faults};
use look::Sight;
pub(super) use look::address_hash;
use verdict::Verdict;

/// One delivery that a worker holds until its lease ends.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub delivery: DeliveryId,
    /// Whoever claims it after that has another one.
    pub epoch: i64,
    /// Which attempt this is, from 1.
    pub number: i32,
    pub to: To,
    pub alert: AlertId,
    pub collapse: String,
    pub language: Language,
    pub privacy: Privacy,
    pub facts: Facts,
    /// What is left of its life.
    pub ttl: Duration,
    /// When it might leave at the earliest.
    pub due_at: NaiveDateTime,
    pub lease_until: NaiveDateTime,
}

/// Where it goes.
#[derive(Clone, PartialEq, Eq)]
pub enum To {
    Phone {
        device: DeviceId,
        platform: Platform,
        token: String,
        /// Whether the provider refused its token before.
        has_strikes: bool,
    },
    Mailbox {
        account: AccountId,
        email: String,
        unsubscribe: Option<String>,
    },
}

/// Shows nothing personal.
impl std::fmt::Debug for To {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Phone { device, platform, .. } => write!(f, "Phone({} {platform:?})", device.0),
            Self::Mailbox { account, .. } => write!(f, "Mailbox({})", account.0),
        }
    }
}

/// How many deliveries a worker can take.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    pub all: usize,
    /// Of them, letters.
    pub letters: usize,
}

/// What a claim found.
#[derive(Debug, Default)]
pub struct Claim {
    pub taken: Vec<Claimed>,
    /// How many were due, those that were closed or put off included.
    pub due: usize,
    /// What came to an end instead of leaving.
    pub closed: Vec<(Way, DeliveryState)>,
}

/// No lease is longer. One that seems so was taken by a clock that has been set back since.
const LONGEST: Duration = Duration::minutes(5);

/// The deliveries that nobody holds.
macro_rules! free {
    ($now:expr) => {{
        let over = alert_deliveries::lease_until.le($now).or(alert_deliveries::lease_until.gt($now + LONGEST));
        alert_deliveries::lease_until.is_null().or(over)
    }};
}

#[derive(Debug, Clone, Queryable)]
struct Due {
    id: DeliveryId,
    alert: AlertId,
    way: Way,
    target: i64,
    account: AccountId,
    child: ChildId,
    first: Option<EventId>,
    collapse: String,
    due_at: NaiveDateTime,
    expires_at: NaiveDateTime,
    attempts: i32,
    epoch: i64,
}

/// Takes as many due deliveries as there is room for, for `lease`. Of what goes to one target about one child only the
/// earliest is there to be taken, unless that waits for a retry of its own; what tells of the same thing later waits for it
/// even then, or the retry would put the old value back on the screen. In one transaction ([`crate::db::Db::write_rows`]).
pub fn claim(conn: &mut Conn, now: NaiveDateTime, lease: Duration, room: Room) -> Result<Claim> {
    let due = due(conn, now, room)?;
    if due.is_empty() {
        return Ok(Claim::default());
    }
    let sight = Sight::load(conn, &due, now)?;
    let until = now + lease;
    let (mut taken, mut kept, mut closed) = (Vec::new(), Vec::new(), Vec::new());
    for one in &due {
        match verdict::of(one, &sight, now, until) {
            Verdict::Send(claimed) => {
                kept.push(one.id);
                taken.push(*claimed);
            }
            Verdict::Close(state, reason) => {
                close(conn, one.id, (state, reason), now)?;
                closed.push((one.way, state));
            }
            Verdict::Wait(until) => {
                let put_off = diesel::update(alert_deliveries::table.find(one.id));
                put_off.set(alert_deliveries::due_at.eq(until)).execute(conn)?;
            }
        }
    }
    hold(conn, &kept, until)?;
    faults::at("alerts::claiming");
    begin(conn, &taken, now)?;
    Ok(Claim { taken, due: due.len(), closed })
}

fn due(conn: &mut Conn, now: NaiveDateTime, room: Room) -> Result<Vec<Due>> {
    let paused = alert_lanes::table.filter(alert_lanes::paused_until.gt(now)).select(alert_lanes::lane);
    let mut paused: Vec<Lane> = on_backend!(conn => paused.load(conn))?;
    if room.letters == 0 {
        paused.push(Lane::Email);
    }
    let earlier = diesel::alias!(alert_deliveries as earlier);
    let in_the_way = earlier
        .filter(earlier.field(alert_deliveries::state).eq(DeliveryState::Pending))
        .filter(earlier.field(alert_deliveries::channel).eq(alert_deliveries::channel))
        .filter(earlier.field(alert_deliveries::target_id).eq(alert_deliveries::target_id))
        .filter(earlier.field(alert_deliveries::child_id).eq(alert_deliveries::child_id))
        .filter(earlier.field(alert_deliveries::id).lt(alert_deliveries::id))
        .filter(
            earlier
                .field(alert_deliveries::due_at)
                .le(now)
                .or(earlier
                    .field(alert_deliveries::lease_until)
                    .is_not_null()
                    .and(earlier.field(alert_deliveries::lease_until).assume_not_null().gt(now)))
                .or(earlier.field(alert_deliveries::collapse).eq(alert_deliveries::collapse)),
        );
    let query = alert_deliveries::table
        .filter(alert_deliveries::state.eq(DeliveryState::Pending).and(alert_deliveries::due_at.le(now)))
        .filter(free!(now))
        .filter(alert_deliveries::lane.ne_all(paused))
        .filter(diesel::dsl::not(diesel::dsl::exists(in_the_way)))
        .order((alert_deliveries::due_at, alert_deliveries::id))
        .limit(i64::try_from(room.all).unwrap_or(i64::MAX))
        .select((
            alert_deliveries::id,
            alert_deliveries::alert_id,
            alert_deliveries::channel,
            alert_deliveries::target_id,
            alert_deliveries::account_id,
            alert_deliveries::child_id,
            alert_deliveries::first_event,
            alert_deliveries::collapse,
            alert_deliveries::due_at,
            alert_deliveries::expires_at,
            alert_deliveries::attempts,
            alert_deliveries::epoch,
        ));
    let mut due: Vec<Due> = match conn {
        Conn::Sqlite(conn) => query.load(conn)?,
        Conn::Postgres(conn) => query.for_update().skip_locked().load(conn)?,
    };
    let mut letters = 0..room.letters;
    due.retain(|one| one.way == Way::Push || letters.next().is_some());
    Ok(due)
}

/// Brings a delivery to its end, whoever holds it.
pub(super) fn close(
    conn: &mut Conn,
    id: DeliveryId,
    (state, reason): (DeliveryState, &str),
    now: NaiveDateTime,
) -> Result<()> {
    let one = alert_deliveries::table.filter(alert_deliveries::id.eq(id));
    diesel::update(one.filter(alert_deliveries::state.eq(DeliveryState::Pending)))
        .set((
            alert_deliveries::state.eq(state),
            alert_deliveries::reason.eq(Some(reason)),
            alert_deliveries::epoch.eq(alert_deliveries::epoch + 1),
            alert_deliveries::lease_until.eq(None::<NaiveDateTime>),
            alert_deliveries::settled_at.eq(Some(now)),
        ))
        .execute(conn)?;
    Ok(())
}

fn hold(conn: &mut Conn, ids: &[DeliveryId], until: NaiveDateTime) -> Result<()> {
    let held = diesel::update(alert_deliveries::table.filter(alert_deliveries::id.eq_any(ids))).set((
        alert_deliveries::epoch.eq(alert_deliveries::epoch + 1),
        alert_deliveries::attempts.eq(alert_deliveries::attempts + 1),
        alert_deliveries::lease_until.eq(Some(until)),
    ));
    on_backend!(conn => held.execute(conn))?;
    Ok(())
}

fn begin(conn: &mut Conn, taken: &[Claimed], now: NaiveDateTime) -> Result<()> {
    let row = |one: &Claimed| {
        (
            alert_attempts::delivery_id.eq(one.delivery),
            alert_attempts::number.eq(one.number),
            alert_attempts::started_at.eq(now),
        )
    };
    let rows: Vec<_> = taken.iter().map(row).collect();
    let insert = diesel::insert_into(alert_attempts::table).values(rows);
    on_backend!(conn => insert.execute(conn))?;
    Ok(())
}

/// When the next delivery that nobody holds is due, as it looks at `now`.
pub fn next_due(conn: &mut Conn, now: NaiveDateTime) -> Result<Option<NaiveDateTime>> {
    let waiting = alert_deliveries::table.filter(alert_deliveries::state.eq(DeliveryState::Pending)).filter(free!(now));
    let next = waiting.order(alert_deliveries::due_at).select(alert_deliveries::due_at);
    Ok(on_backend!(conn => next.first(conn)).optional()?)
}
