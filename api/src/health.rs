//! Is it alive, and may it get requests?

use actix_web::{HttpResponse, get, web};
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

/// Whether requests may come
///
/// 503 while the database is away.
#[utoipa::path(tag = "operations", security(()), responses((status = 200, description = "Requests may come.", body = Health), Problems))]
#[get("/health/ready")]
async fn ready(state: web::Data<State>) -> Result<HttpResponse, Problem> {
    let missing = state.db.read(domain::db::pending).await?;
    match missing {
        None => Ok(HttpResponse::Ok().json(Health { status: "ok" })),
        Some(_) => Err(Problem::new(Code::Busy).detail("The database lacks a migration.")),
    }
}

pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig) {
    config.service(live).service(ready);
}
