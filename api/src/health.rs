//! Is it alive, and may it get requests?

use actix_web::{HttpResponse, get, web};
use domain::alerts::ledger;
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::{Code, Problem, Problems};
use crate::state::State;

/// The state of the server.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// Always `ok`; anything else is an error status.
    pub status: &'static str,
}

/// Whether the process runs
///
/// Touches nothing else.
#[utoipa::path(tag = "operations", security(()), responses((status = 200, description = "It runs.", body = Health), Problems))]
#[get("/health/live")]
async fn live() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "ok" })
}

/// Whether the server may get requests, and how its alerts are.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Readiness {
    /// Always `ok`; anything else is an error status.
    pub status: &'static str,
    /// For how many seconds the oldest alert waits that should have left: some while no worker runs or a provider is away.
    /// Parents read on, so it is no reason for a 503.
    pub alerts_behind_seconds: i64,
}

/// Whether requests may come
///
/// 503 while the database is away or lacks a migration; the answer says which.
#[utoipa::path(tag = "operations", security(()), responses((status = 200, description = "Requests may come.", body = Readiness), Problems))]
#[get("/health/ready")]
async fn ready(state: web::Data<State>) -> Result<HttpResponse, Problem> {
    if state.db.read(domain::db::pending).await?.is_some() {
        return Err(Problem::new(Code::Busy).detail("The database lacks a migration."));
    }
    let now = state.clock.now();
    let since = state.db.read(move |conn| ledger::since(conn, now)).await?;
    let alerts_behind_seconds = since.map_or(0, |since| (now - since).num_seconds().max(0));
    Ok(HttpResponse::Ok().json(Readiness { status: "ok", alerts_behind_seconds }))
}

pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig) {
    config.service(live).service(ready);
}
