//! News of an account itself: told at once, in the transaction of what happened, and not to be switched off.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::plan::life;
use crate::db::{Conn, on_backend};
use crate::schema::{accounts, alert_deliveries, alerts, devices};
use crate::types::{About, AccountId, AlertId, AlertKind, ChildId, DeliveryState, DeviceId, Lane, Platform, Way};
use crate::{Result, secrets};

/// Tells an account what happened to it, on all its phones, else by letter. `seed` is a secret of what happened: each has a
/// place of its own on the phone.
pub fn tell(conn: &mut Conn, account: AccountId, about: About, seed: &str, now: NaiveDateTime) -> Result<()> {
    let sealed = secrets::hash(&format!("alert {seed}"));
    let collapse: String = sealed.chars().filter(char::is_ascii_alphanumeric).take(32).collect();
    let row = (
        alerts::account_id.eq(account),
        alerts::kind.eq(Some(AlertKind::Account)),
        alerts::about.eq(Some(about)),
        alerts::collapse.eq(&collapse),
        alerts::inbox.eq(true),
        alerts::superseded.eq(false),
        alerts::at.eq(now),
    );
    let insert = diesel::insert_into(alerts::table).values(row).returning(alerts::id);
    let alert: AlertId = on_backend!(conn => insert.get_result(conn))?;
    for (way, target, lane) in targets(conn, account)? {
        let row = (
            alert_deliveries::alert_id.eq(alert),
            alert_deliveries::channel.eq(way),
            alert_deliveries::target_id.eq(target),
            alert_deliveries::lane.eq(lane),
            alert_deliveries::account_id.eq(account),
            alert_deliveries::child_id.eq(ChildId(0)),
            alert_deliveries::collapse.eq(&collapse),
            alert_deliveries::state.eq(DeliveryState::Pending),
            alert_deliveries::due_at.eq(now),
            alert_deliveries::expires_at.eq(now + life(way)),
            alert_deliveries::attempts.eq(0),
            alert_deliveries::epoch.eq(0_i64),
        );
        diesel::insert_into(alert_deliveries::table).values(row).execute(conn)?;
    }
    Ok(())
}

fn targets(conn: &mut Conn, account: AccountId) -> Result<Vec<(Way, i64, Lane)>> {
    let phones: Vec<(DeviceId, Platform)> = devices::table
        .filter(devices::account_id.eq(account))
        .order(devices::id)
        .select((devices::id, devices::platform))
        .load(conn)?;
    if !phones.is_empty() {
        let push = |(device, platform): (DeviceId, Platform)| (Way::Push, device.0, Lane::of(platform));
        return Ok(phones.into_iter().map(push).collect());
    }
    let email: Option<String> = accounts::table.find(account).select(accounts::email).first(conn)?;
    Ok(email.map(|_| (Way::Email, account.0, Lane::Email)).into_iter().collect())
}
