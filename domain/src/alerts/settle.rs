//! Settling: what became of a sending is written, if the delivery is still the sender's.

use std::collections::BTreeMap;

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

use super::claim::{Claimed, To, address_hash, close};
use super::devices;
use super::plan::life;
use crate::db::{Conn, IsAmong, on_backend};
use crate::schema::{alert_attempts, alert_deliveries, alert_lanes, devices as phones, suppressed_addresses};
use crate::types::{DeliveryId, DeliveryState, DeviceId, Lane, Way};
use crate::{Result, faults};

/// What is to be written of one sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    Accepted {
        name: String,
    },
    /// The phone goes, with everything that waits for it.
    TokenDead,
    /// The phone waits. The second time, if the provider takes what we send to others, it is as [`Ending::TokenDead`]; but
    /// never for a token that is said to be another sender's: then it is our key that is wrong.
    TokenRefused {
        wrong_sender: bool,
    },
    /// Letters to this address end.
    AddressDead,
    /// It cannot be sent as it is.
    DeadLetter {
        reason: &'static str,
    },
    /// Again at `at`; `pause`: and everything on its lane.
    Again {
        at: NaiveDateTime,
        ambiguous: bool,
        pause: Option<&'static str>,
    },
}

/// How long a phone waits whose token was refused.
const QUARANTINE: Duration = Duration::hours(1);
/// How lately the provider must have taken a push of ours for a refused token to be the token's fault.
const KNOWN_GOOD: Duration = Duration::hours(1);

/// The delivery, while it is its sender's.
macro_rules! ours {
    ($sent:expr) => {{
        let held = alert_deliveries::id.eq($sent.delivery).and(alert_deliveries::epoch.eq($sent.epoch));
        held.and(alert_deliveries::state.eq(DeliveryState::Pending))
    }};
}

/// Writes what became of some sendings and says of each whether it was still its sender's to settle. In one transaction
/// ([`crate::db::Db::write_rows`]).
pub fn settle(conn: &mut Conn, sent: &[(Claimed, Ending)], now: NaiveDateTime) -> Result<Vec<bool>> {
    end_attempts(conn, sent, now)?;
    let one = |(sent, ending): &(Claimed, Ending)| {
        let ours = settle_one(conn, sent, ending, now);
        faults::at("alerts::settling");
        ours
    };
    sent.iter().map(one).collect()
}

/// Nearly all end alike: those that do are one statement.
fn end_attempts(conn: &mut Conn, sent: &[(Claimed, Ending)], now: NaiveDateTime) -> Result<()> {
    let mut alike: BTreeMap<(&str, i32), Vec<DeliveryId>> = BTreeMap::new();
    for (sent, ending) in sent {
        let outcome = match ending {
            Ending::Accepted { .. } => "accepted",
            Ending::Again { ambiguous: true, .. } => "ambiguous",
            _ => "refused",
        };
        alike.entry((outcome, sent.number)).or_default().push(sent.delivery);
    }
    for ((outcome, number), of) in alike {
        let ended = alert_attempts::delivery_id.among(of).and(alert_attempts::number.eq(number));
        let end = diesel::update(alert_attempts::table.filter(ended))
            .set((alert_attempts::ended_at.eq(Some(now)), alert_attempts::outcome.eq(Some(outcome))));
        on_backend!(conn => end.execute(conn))?;
    }
    Ok(())
}

fn settle_one(conn: &mut Conn, sent: &Claimed, ending: &Ending, now: NaiveDateTime) -> Result<bool> {
    match ending {
        Ending::Accepted { name } => return accept(conn, sent, name, now),
        _ if !is_ours(conn, sent)? => return Ok(false),
        Ending::TokenDead => token_dead(conn, sent, now)?,
        Ending::TokenRefused { wrong_sender } => token_refused(conn, sent, *wrong_sender, now)?,
        Ending::AddressDead => address_dead(conn, sent, now)?,
        Ending::DeadLetter { reason } => close(conn, sent.delivery, (DeliveryState::DeadLetter, reason), now)?,
        Ending::Again { at, pause, .. } => {
            if let Some(reason) = pause {
                self::pause(conn, lane(sent), *at, reason)?;
            }
            again(conn, sent, *at)?;
        }
    }
    Ok(true)
}

/// Takes the row's lock: nobody claims it between the look and the write.
fn is_ours(conn: &mut Conn, sent: &Claimed) -> Result<bool> {
    let taken = diesel::update(alert_deliveries::table.filter(ours!(sent)))
        .set(alert_deliveries::lease_until.eq(None::<NaiveDateTime>))
        .execute(conn)?;
    Ok(taken == 1)
}

/// What nearly every sending comes to: look and write are one statement.
fn accept(conn: &mut Conn, sent: &Claimed, name: &str, now: NaiveDateTime) -> Result<bool> {
    let taken = diesel::update(alert_deliveries::table.filter(ours!(sent)))
        .set((
            alert_deliveries::lease_until.eq(None::<NaiveDateTime>),
            alert_deliveries::state.eq(DeliveryState::Accepted),
            alert_deliveries::provider_name.eq(Some(name)),
            alert_deliveries::settled_at.eq(Some(now)),
        ))
        .execute(conn)?;
    if let To::Phone { device, token, has_strikes: true, .. } = &sent.to {
        let good = phones::table.filter(phones::id.eq(device).and(phones::push_token.eq(token)));
        diesel::update(good)
            .set((phones::strikes.eq(0), phones::quarantined_until.eq(None::<NaiveDateTime>)))
            .execute(conn)?;
    }
    Ok(taken == 1)
}

/// To be sent again, but never before what went to the same target about the same child earlier and waits as well.
fn again(conn: &mut Conn, sent: &Claimed, at: NaiveDateTime) -> Result<()> {
    let mine = alert_deliveries::table.find(sent.delivery);
    let mine = mine.select((
        alert_deliveries::channel,
        alert_deliveries::target_id,
        alert_deliveries::child_id,
        alert_deliveries::expires_at,
    ));
    let (way, target, child, expires): (Way, i64, i64, NaiveDateTime) = mine.first(conn)?;
    let before = alert_deliveries::table
        .filter(alert_deliveries::state.eq(DeliveryState::Pending).and(alert_deliveries::attempts.gt(0)))
        .filter(alert_deliveries::channel.eq(way).and(alert_deliveries::target_id.eq(target)))
        .filter(alert_deliveries::child_id.eq(child).and(alert_deliveries::id.lt(sent.delivery)))
        .order(alert_deliveries::due_at.desc())
        .select(alert_deliveries::due_at);
    let before: Option<NaiveDateTime> = before.first(conn).optional()?;
    let at = before.map_or(at, |before| at.max(before + Duration::microseconds(1)));
    diesel::update(alert_deliveries::table.find(sent.delivery))
        .set(alert_deliveries::due_at.eq(at.min(expires)))
        .execute(conn)?;
    // And what comes behind it and waits as well stays behind it.
    let behind = at + Duration::microseconds(1);
    let after = alert_deliveries::table
        .filter(alert_deliveries::state.eq(DeliveryState::Pending).and(alert_deliveries::attempts.gt(0)))
        .filter(alert_deliveries::channel.eq(way).and(alert_deliveries::target_id.eq(target)))
        .filter(alert_deliveries::child_id.eq(child).and(alert_deliveries::id.gt(sent.delivery)))
        .filter(alert_deliveries::due_at.lt(behind));
    diesel::update(after).set(alert_deliveries::due_at.eq(behind)).execute(conn)?;
    Ok(())
}

/// A token that was replaced while it was tried is nobody's any more, and the phone has another one.
fn is_its_token(conn: &mut Conn, device: DeviceId, token: &str) -> Result<bool> {
    let found = phones::table.filter(phones::id.eq(device).and(phones::push_token.eq(token))).select(phones::id);
    Ok(found.first::<DeviceId>(conn).optional()?.is_some())
}

fn token_dead(conn: &mut Conn, sent: &Claimed, now: NaiveDateTime) -> Result<()> {
    let To::Phone { device, token, .. } = &sent.to else { return Ok(()) };
    if !is_its_token(conn, *device, token)? {
        return again(conn, sent, now);
    }
    let waiting = alert_deliveries::table
        .filter(alert_deliveries::channel.eq(Way::Push).and(alert_deliveries::target_id.eq(device.0)))
        .filter(alert_deliveries::state.eq(DeliveryState::Pending))
        .select(alert_deliveries::id);
    for id in on_backend!(conn => waiting.load::<DeliveryId>(conn))? {
        close(conn, id, (DeliveryState::TokenDead, "unregistered"), now)?;
    }
    devices::forget(conn, &[*device], "unregistered", now)
}

fn token_refused(conn: &mut Conn, sent: &Claimed, wrong_sender: bool, now: NaiveDateTime) -> Result<()> {
    let To::Phone { device, token, .. } = &sent.to else { return Ok(()) };
    if !is_its_token(conn, *device, token)? {
        return again(conn, sent, now);
    }
    let phone = phones::table.find(device).select((phones::strikes, phones::quarantined_until));
    let (strikes, until): (i32, Option<NaiveDateTime>) = phone.first(conn)?;
    // What was under way when it was refused is refused as well: that is one strike.
    if let Some(until) = until.filter(|until| *until > now) {
        return again(conn, sent, until);
    }
    if strikes > 0 && !wrong_sender && is_another_taken(conn, now)? {
        return token_dead(conn, sent, now);
    }
    let strikes = strikes + i32::from(!wrong_sender);
    diesel::update(phones::table.find(device))
        .set((phones::strikes.eq(strikes), phones::quarantined_until.eq(Some(now + QUARANTINE))))
        .execute(conn)?;
    again(conn, sent, now + QUARANTINE)
}

/// Whether the provider took a push of ours lately.
fn is_another_taken(conn: &mut Conn, now: NaiveDateTime) -> Result<bool> {
    let taken = alert_deliveries::table
        .filter(alert_deliveries::channel.eq(Way::Push).and(alert_deliveries::state.eq(DeliveryState::Accepted)))
        .filter(alert_deliveries::settled_at.gt(now - KNOWN_GOOD))
        // What was settled so lately was due not much longer ago: the index is of that.
        .filter(alert_deliveries::due_at.gt(now - KNOWN_GOOD - life(Way::Push)))
        // The newest are the likeliest.
        .order(alert_deliveries::due_at.desc())
        .select(alert_deliveries::id);
    Ok(taken.first::<DeliveryId>(conn).optional()?.is_some())
}

fn address_dead(conn: &mut Conn, sent: &Claimed, now: NaiveDateTime) -> Result<()> {
    let To::Mailbox { email, .. } = &sent.to else { return Ok(()) };
    let row = (suppressed_addresses::address_hash.eq(address_hash(email)), suppressed_addresses::since.eq(now));
    let insert = diesel::insert_into(suppressed_addresses::table).values(row);
    let insert = insert.on_conflict(suppressed_addresses::address_hash).do_update();
    let insert = insert.set(suppressed_addresses::since.eq(now));
    on_backend!(conn => insert.execute(conn))?;
    close(conn, sent.delivery, (DeliveryState::Suppressed, "address-refused"), now)
}

fn lane(sent: &Claimed) -> Lane {
    match &sent.to {
        To::Phone { platform, .. } => Lane::of(*platform),
        To::Mailbox { .. } => Lane::Email,
    }
}

/// Stops a lane until `until`, or longer if it is stopped for longer.
pub fn pause(conn: &mut Conn, lane: Lane, until: NaiveDateTime, reason: &str) -> Result<()> {
    let row = (alert_lanes::lane.eq(lane), alert_lanes::paused_until.eq(until), alert_lanes::reason.eq(reason));
    let insert = diesel::insert_into(alert_lanes::table).values(row).on_conflict_do_nothing();
    if on_backend!(conn => insert.execute(conn))? == 0 {
        let shorter = alert_lanes::table.filter(alert_lanes::lane.eq(lane).and(alert_lanes::paused_until.lt(until)));
        diesel::update(shorter)
            .set((alert_lanes::paused_until.eq(until), alert_lanes::reason.eq(reason)))
            .execute(conn)?;
    }
    Ok(())
}
