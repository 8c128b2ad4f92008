//! Bundles whose time has come: only now is looked who is there to be told, and how. A phone may be new since the first of
//! their alerts.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::draft::{Out, targets};
use super::scene::Scene;
use super::write::{Sending, deliver};
use super::{Planned, Rules};
use crate::Result;
use crate::alerts::preferences::Preferences;
use crate::db::{Conn, on_backend};
use crate::schema::alerts;
use crate::types::{AccountId, AlertId, AlertKind, ChildId, Letters, Way};

/// As many are told in one transaction.
const BUNDLES: i64 = 200;

#[derive(Queryable)]
struct Bundle {
    id: AlertId,
    account: AccountId,
    child: Option<ChildId>,
    collapse: String,
    at: NaiveDateTime,
}

/// What bundles tell, one entry an alert.
pub type Members = HashMap<AlertId, Vec<(ChildId, AlertKind)>>;

/// Whether a bundle is to be told.
pub fn is_due(conn: &mut Conn, now: NaiveDateTime) -> Result<bool> {
    let ripe = alerts::table.filter(alerts::tell_at.le(now)).order(alerts::tell_at).select(alerts::id);
    Ok(on_backend!(conn => ripe.first::<AlertId>(conn)).optional()?.is_some())
}

/// Makes the deliveries of the bundles that are due.
pub fn plan(conn: &mut Conn, rules: &Rules, now: NaiveDateTime, planned: &mut Planned) -> Result<()> {
    let ripe = alerts::table.filter(alerts::tell_at.le(now)).order(alerts::tell_at).limit(BUNDLES).select((
        alerts::id,
        alerts::account_id,
        alerts::child_id,
        alerts::collapse,
        alerts::tell_at.assume_not_null(),
    ));
    let ripe: Vec<Bundle> = on_backend!(conn => ripe.load(conn))?;
    let ids: Vec<AlertId> = ripe.iter().map(|bundle| bundle.id).collect();
    let readers: BTreeSet<AccountId> = ripe.iter().map(|bundle| bundle.account).collect();
    let scene = Scene::load(conn, rules, &[], &readers.into_iter().collect::<Vec<_>>(), now)?;
    let members = members(conn, &ids)?;
    let outs: Vec<Vec<Out>> = ripe.iter().map(|bundle| outs(&scene, bundle, members.get(&bundle.id))).collect();
    let sendings = ripe.iter().zip(&outs).map(|(bundle, outs)| Sending {
        alert: bundle.id,
        account: bundle.account,
        child: bundle.child,
        collapse: &bundle.collapse,
        outs,
    });
    deliver(conn, &sendings.collect::<Vec<_>>(), now)?;
    let told = diesel::update(alerts::table.filter(alerts::id.eq_any(&ids)));
    let told = told.set(alerts::tell_at.eq(None::<NaiveDateTime>));
    on_backend!(conn => told.execute(conn))?;
    planned.of += ripe.len();
    Ok(())
}

/// What each of these bundles tells.
pub fn members(conn: &mut Conn, bundles: &[AlertId]) -> Result<Members> {
    let query = alerts::table
        .filter(alerts::bundle_id.eq_any(bundles).and(diesel::dsl::not(alerts::superseded)))
        .filter(alerts::child_id.is_not_null().and(alerts::kind.is_not_null()))
        .select((
            alerts::bundle_id.assume_not_null(),
            alerts::child_id.assume_not_null(),
            alerts::kind.assume_not_null(),
        ));
    let mut members = Members::new();
    for (bundle, child, kind) in on_backend!(conn => query.load::<(AlertId, ChildId, AlertKind)>(conn))? {
        members.entry(bundle).or_default().push((child, kind));
    }
    Ok(members)
}

/// Where a bundle goes: wherever one of its alerts would have gone.
fn outs(scene: &Scene, bundle: &Bundle, of: Option<&Vec<(ChildId, AlertKind)>>) -> Vec<Out> {
    let wanted: Preferences = scene.preferences(bundle.account);
    let choices: Vec<_> = of.into_iter().flatten().map(|(child, kind)| wanted.choice(*child, *kind)).collect();
    let pushed = choices.iter().any(|choice| choice.push);
    let letters = [Letters::Always, Letters::Fallback].into_iter();
    let letters = letters.into_iter().find(|letters| choices.iter().any(|choice| choice.email == *letters));
    targets(scene, bundle.account, &wanted, letters.unwrap_or(Letters::Never))
        .into_iter()
        .filter(|(target, _)| pushed || target.0 != Way::Push)
        .map(|(target, lane)| Out { target, lane, first: None, closed: None, due: bundle.at })
        .collect()
}
