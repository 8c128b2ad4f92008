//! How long a school lets its teachers mend a slip before families are told.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, put, web};
use domain::access::{self, SchoolAccess};
use domain::alerts::windows;
use domain::db::Conn;
use domain::types::{AlertKind, SchoolId, Word as _};
use domain::{Result, idempotency};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::bodies::json;
use crate::problem::{Problem, Problems, WriteProblems};
use crate::request::{Body, Once, Token};
use crate::state::State;
use crate::words::Word;

/// The settle windows a school chose.
#[derive(Serialize, ToSchema)]
pub struct SettleWindows {
    /// Seconds by kind; the diary's own window (a minute, if nobody changed it) is in force for a kind that is not here.
    #[schema(value_type = BTreeMap<String, i32>, example = json!({"grade": 0, "report-card": 600}))]
    pub kinds: BTreeMap<&'static str, i32>,
}

/// The settle windows a school chooses, in place of all it chose before.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettleWindowsForm {
    /// Seconds, 0 (at once) to 3600, by kind: grade, homework, schedule, attendance, assessment, report-card, news.
    #[serde(deserialize_with = "by_kind")]
    #[schema(value_type = BTreeMap<String, i32>, example = json!({"grade": 0, "report-card": 600}))]
    kinds: BTreeMap<AlertKind, i32>,
}

fn by_kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<AlertKind, i32>, D::Error> {
    let read = BTreeMap::<Word<AlertKind>, i32>::deserialize(deserializer)?;
    Ok(read.into_iter().map(|(kind, seconds)| (kind.0, seconds)).collect())
}

impl SettleWindows {
    fn read(conn: &mut Conn, access: &SchoolAccess) -> Result<Self> {
        let chosen = windows::chosen(conn, access)?.into_iter();
        Ok(Self { kinds: chosen.map(|(kind, seconds)| (kind.as_str(), seconds)).collect() })
    }
}

/// How long alerts wait for a correction
///
/// Scope `journal`, or the school's office.
#[utoipa::path(tag = "school", security(("bearer" = [])), params(("id" = i64, Path, description = "The school.")),
    responses((status = 200, description = "What the school chose.", body = SettleWindows), Problems, WriteProblems))]
#[get("/settle-windows")]
async fn settle_windows(
    token: Token,
    state: web::Data<State>,
    school: web::Path<i64>,
) -> std::result::Result<HttpResponse, Problem> {
    let work = move |conn: &mut Conn| {
        let access = access::school(conn, &token.0, SchoolId(*school))?;
        SettleWindows::read(conn, &access)
    };
    Ok(HttpResponse::Ok().json(state.db.read(work).await?))
}

/// Choose how long alerts wait for a correction
///
/// Scope `journal`, or the school's office. What is corrected within the window is told once, with its last value; what is
/// taken back in it is not told. Counts for what is written from now on.
#[utoipa::path(tag = "school", security(("bearer" = [])), request_body = SettleWindowsForm,
    params(("id" = i64, Path, description = "The school."), ("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect and one answer.")),
    responses((status = 200, description = "What the school chose.", body = SettleWindows), Problems, WriteProblems))]
#[put("/settle-windows")]
async fn choose_settle_windows(
    token: Token,
    state: web::Data<State>,
    school: web::Path<i64>,
    once: Once,
    form: Body<SettleWindowsForm>,
) -> std::result::Result<HttpResponse, Problem> {
    let (key, chosen) = (once.key(&form.1), form.0.kinds);
    let work = move |conn: &mut Conn| {
        let access = access::school(conn, &token.0, SchoolId(*school))?;
        idempotency::once(conn, &access, key.as_ref(), |conn| {
            windows::choose(conn, &access, &chosen)?;
            json(&SettleWindows::read(conn, &access)?)
        })
    };
    Ok(HttpResponse::Ok().content_type("application/json").body(state.db.write(work).await?))
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(settle_windows).service(choose_settle_windows);
}
