//! The phones that pushes go to: one row an installation of the app, tied to the session it was registered in.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::access::Viewer;
use crate::db::{Conn, on_backend};
use crate::error::Noun;
use crate::schema::{alert_deliveries, devices};
use crate::types::{AccountId, DeliveryState, DeviceId, Language, Platform, SessionId, Way};
use crate::{Error, Result};

/// As many phones as an account has at most; the one that was away longest makes room.
const MOST: i64 = 20;

/// An installation of the app, as it tells of itself.
#[derive(Debug, Clone)]
pub struct Installation {
    pub id: String,
    pub platform: Platform,
    pub push_token: String,
    pub app_version: String,
    pub language: Language,
}

/// Registers an installation of the viewer's, or says anew what it is. A token that was another one's moves: the other gets
/// nothing more.
pub fn register(conn: &mut Conn, viewer: &Viewer, app: &Installation) -> Result<DeviceId> {
    let now = viewer.now();
    let known: Option<DeviceId> = own(viewer, &app.id).select(devices::id).first(conn).optional()?;
    let others: Vec<DeviceId> = devices::table
        .filter(devices::push_token.eq(&app.push_token).and(devices::id.ne(known.unwrap_or(DeviceId(0)))))
        .select(devices::id)
        .load(conn)?;
    forget(conn, &others, "moved", now)?;
    let row = (
        devices::account_id.eq(viewer.account()),
        devices::session_id.eq(viewer.session()),
        devices::installation_id.eq(&app.id),
        devices::platform.eq(app.platform),
        devices::push_token.eq(&app.push_token),
        devices::app_version.eq(&app.app_version),
        devices::language.eq(app.language),
        devices::seen_at.eq(now),
    );
    if let Some(id) = known {
        // A token the provider refused stays refused, a new one begins afresh.
        let fresh = devices::table.filter(devices::id.eq(id).and(devices::push_token.ne(&app.push_token)));
        diesel::update(fresh)
            .set((devices::strikes.eq(0), devices::quarantined_until.eq(None::<NaiveDateTime>)))
            .execute(conn)?;
        diesel::update(devices::table.find(id)).set(row).execute(conn)?;
        return Ok(id);
    }
    make_room(conn, viewer)?;
    let insert = diesel::insert_into(devices::table).values((row, devices::strikes.eq(0), devices::created_at.eq(now)));
    Ok(on_backend!(conn => insert.returning(devices::id).get_result(conn))?)
}

/// Ends pushes to an installation of the viewer's.
pub fn remove(conn: &mut Conn, viewer: &Viewer, installation: &str) -> Result<()> {
    let id = find(conn, viewer, installation)?;
    forget(conn, &[id], "removed", viewer.now())
}

/// The viewer's device with this installation.
pub fn find(conn: &mut Conn, viewer: &Viewer, installation: &str) -> Result<DeviceId> {
    let found = own(viewer, installation).select(devices::id).first(conn).optional()?;
    found.ok_or(Error::NotFound(Noun::Device))
}

#[diesel::dsl::auto_type(no_type_alias)]
fn own<'a>(viewer: &Viewer, installation: &'a str) -> _ {
    let account: AccountId = viewer.account();
    devices::table.filter(devices::account_id.eq(account)).filter(devices::installation_id.eq(installation))
}

fn make_room(conn: &mut Conn, viewer: &Viewer) -> Result<()> {
    let longest_away = devices::table
        .filter(devices::account_id.eq(viewer.account()))
        .order((devices::seen_at.desc(), devices::id.desc()))
        .offset(MOST - 1)
        .select(devices::id)
        .load::<DeviceId>(conn)?;
    forget(conn, &longest_away, "room", viewer.now())
}

/// Forgets the phones of sessions that end, in their transaction: nothing more is sent to them.
pub fn sign_out(conn: &mut Conn, sessions: &[SessionId], now: NaiveDateTime) -> Result<()> {
    let query = devices::table.filter(devices::session_id.eq_any(sessions)).select(devices::id);
    let ended: Vec<DeviceId> = on_backend!(conn => query.load(conn))?;
    forget(conn, &ended, "signed-out", now)
}

/// Takes phones away, with all that waits for them.
pub(super) fn forget(conn: &mut Conn, ids: &[DeviceId], reason: &str, now: NaiveDateTime) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let targets: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let waiting = alert_deliveries::table
        .filter(alert_deliveries::channel.eq(Way::Push).and(alert_deliveries::target_id.eq_any(targets)))
        .filter(alert_deliveries::state.eq(DeliveryState::Pending));
    diesel::update(waiting)
        .set((
            alert_deliveries::state.eq(DeliveryState::Suppressed),
            alert_deliveries::reason.eq(Some(reason)),
            alert_deliveries::epoch.eq(alert_deliveries::epoch + 1),
            alert_deliveries::lease_until.eq(None::<NaiveDateTime>),
            alert_deliveries::settled_at.eq(Some(now)),
        ))
        .execute(conn)?;
    diesel::delete(devices::table.filter(devices::id.eq_any(ids))).execute(conn)?;
    Ok(())
}
