//! A trial: its owner wants to see whether alerts reach a phone.

use diesel::prelude::*;

use super::devices;
use super::plan::life;
use crate::access::Viewer;
use crate::db::{Conn, on_backend};
use crate::error::Noun;
use crate::schema::{alert_deliveries, alerts, devices as phones};
use crate::types::{About, AlertId, ChildId, DeliveryId, DeliveryState, Lane, Platform, Way};
use crate::{Error, Result, secrets};

/// Has a trial sent to an installation of the viewer's. `seed` is a fresh secret: a trial replaces nothing on the phone.
pub fn begin(conn: &mut Conn, viewer: &Viewer, installation: &str, seed: &str) -> Result<DeliveryId> {
    let device = devices::find(conn, viewer, installation)?;
    let platform: Platform = phones::table.find(device).select(phones::platform).first(conn)?;
    let collapse: String = secrets::hash(seed).chars().filter(char::is_ascii_alphanumeric).take(32).collect();
    let (account, now) = (viewer.account(), viewer.now());
    let row = (
        alerts::account_id.eq(account),
        alerts::about.eq(Some(About::Test)),
        alerts::collapse.eq(&collapse),
        alerts::inbox.eq(false),
        alerts::superseded.eq(false),
        alerts::at.eq(now),
    );
    let insert = diesel::insert_into(alerts::table).values(row).returning(alerts::id);
    let alert: AlertId = on_backend!(conn => insert.get_result(conn))?;
    let row = (
        alert_deliveries::alert_id.eq(alert),
        alert_deliveries::channel.eq(Way::Push),
        alert_deliveries::target_id.eq(device.0),
        alert_deliveries::lane.eq(Lane::of(platform)),
        alert_deliveries::account_id.eq(account),
        alert_deliveries::child_id.eq(ChildId(0)),
        alert_deliveries::collapse.eq(&collapse),
        alert_deliveries::state.eq(DeliveryState::Pending),
        alert_deliveries::due_at.eq(now),
        alert_deliveries::expires_at.eq(now + life(Way::Push)),
        alert_deliveries::attempts.eq(0),
        alert_deliveries::epoch.eq(0_i64),
    );
    let insert = diesel::insert_into(alert_deliveries::table).values(row).returning(alert_deliveries::id);
    Ok(on_backend!(conn => insert.get_result(conn))?)
}

/// What became of it so far, and why.
pub fn outcome(conn: &mut Conn, viewer: &Viewer, trial: DeliveryId) -> Result<(DeliveryState, Option<String>)> {
    let own = alert_deliveries::table.filter(alert_deliveries::id.eq(trial));
    let own = own.filter(alert_deliveries::account_id.eq(viewer.account()));
    let found = own.select((alert_deliveries::state, alert_deliveries::reason)).first(conn).optional()?;
    found.ok_or(Error::NotFound(Noun::Device))
}
