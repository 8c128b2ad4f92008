//! Writes the alerts of a plan and their deliveries.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::bundles::Bundles;
use super::draft::{Draft, Out, life};
use crate::Result;
use crate::db::{Conn, on_backend};
use crate::schema::{alert_deliveries, alerts};
use crate::types::{About, AccountId, AlertId, AlertKind, ChildId, DeliveryState, EventId, Lane, NewsId, Way};

#[derive(Insertable)]
#[diesel(table_name = alerts, treat_none_as_default_value = false)]
struct AlertRow<'a> {
    account_id: AccountId,
    child_id: Option<ChildId>,
    kind: Option<AlertKind>,
    about: Option<About>,
    news_id: Option<NewsId>,
    first_event: Option<EventId>,
    last_event: Option<EventId>,
    collapse: &'a str,
    bundle_id: Option<AlertId>,
    inbox: bool,
    superseded: bool,
    at: NaiveDateTime,
    tell_at: Option<NaiveDateTime>,
}

#[derive(Insertable)]
#[diesel(table_name = alert_deliveries, treat_none_as_default_value = false)]
struct DeliveryRow<'a> {
    alert_id: AlertId,
    channel: Way,
    target_id: i64,
    lane: Lane,
    account_id: AccountId,
    child_id: ChildId,
    first_event: Option<EventId>,
    collapse: &'a str,
    state: DeliveryState,
    reason: Option<String>,
    due_at: NaiveDateTime,
    expires_at: NaiveDateTime,
    attempts: i32,
    epoch: i64,
    settled_at: Option<NaiveDateTime>,
}

type Made = (AlertId, AccountId, Option<ChildId>, Option<EventId>);

/// As many rows as one statement writes; both databases bind no more than some 32,000 values.
const ROWS: usize = 1000;

/// Writes the bundles first, then what is told in them and alone, then the deliveries in the order of the alerts. A bundle gets
/// its deliveries when it is told.
pub fn write(conn: &mut Conn, bundles: &mut Bundles<'_>, drafts: &[Draft], now: NaiveDateTime) -> Result<()> {
    for (together, draft) in bundles.missing(drafts) {
        let insert = diesel::insert_into(alerts::table).values(row(&draft, None)).returning(alerts::id);
        let id: AlertId = on_backend!(conn => insert.get_result(conn))?;
        bundles.made(together, id);
    }
    for drafts in drafts.chunks(ROWS) {
        let rows: Vec<AlertRow<'_>> =
            drafts.iter().map(|draft| row(draft, draft.together.and_then(|together| bundles.id(together)))).collect();
        let insert = diesel::insert_into(alerts::table).values(rows);
        let insert = insert.returning((alerts::id, alerts::account_id, alerts::child_id, alerts::last_event));
        let made: Vec<Made> = on_backend!(conn => insert.get_results(conn))?;
        let ids: HashMap<_, _> =
            made.into_iter().map(|(id, account, child, last)| ((account, child, last), id)).collect();
        let known = |draft: &Draft| ids.get(&(draft.account, draft.child, draft.last)).copied();
        let known: Vec<_> = drafts.iter().filter_map(|draft| Some(Sending::of(known(draft)?, draft))).collect();
        deliver(conn, &known, now)?;
    }
    Ok(())
}

fn row(draft: &Draft, bundle: Option<AlertId>) -> AlertRow<'_> {
    AlertRow {
        account_id: draft.account,
        child_id: draft.child,
        kind: draft.kind,
        about: draft.about,
        news_id: draft.news,
        first_event: draft.first,
        last_event: draft.last,
        collapse: &draft.collapse,
        bundle_id: bundle,
        inbox: draft.inbox,
        superseded: draft.superseded,
        at: draft.at,
        tell_at: draft.tell_at,
    }
}

/// Where an alert goes.
pub struct Sending<'a> {
    pub alert: AlertId,
    pub account: AccountId,
    pub child: Option<ChildId>,
    pub collapse: &'a str,
    pub outs: &'a [Out],
}

impl<'a> Sending<'a> {
    fn of(alert: AlertId, draft: &'a Draft) -> Self {
        Self { alert, account: draft.account, child: draft.child, collapse: &draft.collapse, outs: &draft.outs }
    }
}

/// Writes the deliveries.
pub fn deliver(conn: &mut Conn, sendings: &[Sending<'_>], now: NaiveDateTime) -> Result<()> {
    let rows = sendings.iter().flat_map(|sending| {
        sending.outs.iter().map(move |out| DeliveryRow {
            alert_id: sending.alert,
            channel: out.target.0,
            target_id: out.target.1,
            lane: out.lane,
            account_id: sending.account,
            child_id: sending.child.unwrap_or(ChildId(0)),
            first_event: out.first,
            collapse: sending.collapse,
            state: out.closed.map_or(DeliveryState::Pending, |(state, _)| state),
            reason: out.closed.map(|(_, reason)| reason.to_owned()),
            due_at: out.due,
            expires_at: out.due + life(out.target.0),
            attempts: 0,
            epoch: 0,
            settled_at: out.closed.map(|_| now),
        })
    });
    let rows: Vec<DeliveryRow<'_>> = rows.collect();
    for rows in rows.chunks(ROWS) {
        let insert = diesel::insert_into(alert_deliveries::table).values(rows);
        on_backend!(conn => insert.execute(conn))?;
    }
    Ok(())
}
