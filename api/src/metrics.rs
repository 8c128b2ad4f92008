//! Metrics for Prometheus, on a listener of their own: the API's clients never see them.

use std::net::{SocketAddr, TcpListener};
use std::sync::OnceLock;

use actix_web::dev::Server;
use actix_web::{App, HttpResponse, HttpServer, get, web};
use anyhow::Context;
use domain::alerts::ledger::{self, Waiting};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use notifications::worker::metrics::{DELAY, PROVIDER};
use serde::Deserialize;

use crate::state::State;

/// Where metrics are told.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// An address only the operator reaches; without it there are none.
    pub listen: Option<SocketAddr>,
}

/// Seconds, from a fast provider to one that times out, and to a backlog of an hour.
const SECONDS: [f64; 14] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 60.0, 600.0, 3600.0];

/// One recorder a process, however many servers are in it.
fn recorder() -> anyhow::Result<&'static PrometheusHandle> {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    if let Some(handle) = RECORDER.get() {
        return Ok(handle);
    }
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(PROVIDER.to_owned()), &SECONDS)?
        .set_buckets_for_metric(Matcher::Full(DELAY.to_owned()), &SECONDS)?;
    let handle = builder.install_recorder().context("metrics cannot be recorded")?;
    Ok(RECORDER.get_or_init(|| handle))
}

/// A server of the metrics, if one is wanted, bound and to be awaited.
pub fn bind(state: &State) -> anyhow::Result<Option<(Server, SocketAddr)>> {
    let Some(wanted) = state.config.metrics.listen else { return Ok(None) };
    let handle = recorder()?;
    let listener = TcpListener::bind(wanted).with_context(|| format!("cannot tell metrics on {wanted}"))?;
    let address = listener.local_addr()?;
    let data = web::Data::new(state.clone());
    let build = move || App::new().app_data(data.clone()).app_data(web::Data::new(handle)).service(metrics);
    Ok(Some((HttpServer::new(build).workers(1).disable_signals().listen(listener)?.run(), address)))
}

#[get("/metrics")]
async fn metrics(state: web::Data<State>, handle: web::Data<&'static PrometheusHandle>) -> HttpResponse {
    let now = state.clock.now();
    match state.db.read(move |conn| ledger::waiting(conn, now)).await {
        Ok(waiting) => gauges(waiting, now),
        Err(error) => tracing::warn!(%error, "the books of alerts could not be read for metrics"),
    }
    handle.run_upkeep();
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(handle.render())
}

#[allow(clippy::cast_precision_loss, reason = "counts of rows and milliseconds")]
fn gauges(waiting: Waiting, now: chrono::NaiveDateTime) {
    let age = waiting.since.map_or(0, |since| (now - since).num_milliseconds().max(0));
    ::metrics::gauge!("apta_alert_outbox_age_seconds").set(age as f64 / 1000.0);
    ::metrics::gauge!("apta_alert_pending", "channel" => "push").set(waiting.pushes as f64);
    ::metrics::gauge!("apta_alert_pending", "channel" => "email").set(waiting.letters as f64);
    ::metrics::gauge!("apta_alert_dead_letters").set(waiting.dead as f64);
}
