//! Grading periods and the school year.

use actix_web::{HttpRequest, HttpResponse, get, web};
use domain::periods;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::parts;
use crate::problem::{Problem, Problems};
use crate::request::{Asked, Token};
use crate::state::State;
use crate::viewer::{self, Ask};
use crate::words::{self, Word};

/// The periods of a school year.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Periods {
    /// The periods, in time; the year itself first.
    pub items: Vec<PeriodOfYear>,
    /// Always null.
    pub next_cursor: Option<String>,
}

/// A period of a school year.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PeriodOfYear {
    /// Name and days.
    #[serde(flatten)]
    pub period: parts::Period,
    /// What it is.
    pub kind: words::PeriodKind,
    /// The year the school year starts in.
    pub school_year: i32,
    /// Whether its results are final.
    pub closed: bool,
}

/// Which school year.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct OfYear {
    /// The year it starts in; default: the one begun last.
    #[param(example = 2026)]
    pub school_year: Option<i32>,
}

/// The periods of a school year
///
/// Of the school the child attends; default: the school year begun last.
#[utoipa::path(tag = "diary", security(("bearer" = [])), params(("id" = i64, Path, description = "The child."), OfYear),
    responses((status = 200, description = "The periods.", body = Periods), (status = 304, description = "Nothing changed."), Problems))]
#[get("/children/{id}/periods")]
async fn periods_of_child(
    token: Token,
    request: HttpRequest,
    state: web::Data<State>,
    child: web::Path<i64>,
    asked: Asked,
    query: web::Query<OfYear>,
) -> Result<HttpResponse, Problem> {
    let ask = Ask::new(&request, token.0, *child, asked, "periods");
    let year = query.school_year;
    let resolve = move |access: &domain::access::ChildAccess| Ok(year.unwrap_or(periods::last_begun(access.today())));
    viewer::of_child(&state, ask, resolve, |conn, access, language, year| {
        let view = |period: periods::Period| PeriodOfYear {
            period: parts::Period::of(&period, language),
            kind: Word(period.kind),
            school_year: period.school_year,
            closed: period.closed_at.is_some(),
        };
        let items = periods::of_year(conn, access, *year)?.into_iter().map(view).collect();
        Ok((None, Periods { items, next_cursor: None }))
    })
    .await
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(periods_of_child);
}
