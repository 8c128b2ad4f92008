//! Assessments: works upcoming and past.

use actix_web::{HttpRequest, HttpResponse, get, web};
use domain::assessments;
use domain::types::GradeKind;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::diary::Range;
use super::parts::Assessment;
use crate::problem::{Problem, Problems};
use crate::request::{Asked, Token};
use crate::state::State;
use crate::viewer::{self, Ask};

/// A child's assessments.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Assessments {
    /// The works, by day.
    pub items: Vec<Assessment>,
    /// Always null: the range bounds the list.
    pub next_cursor: Option<String>,
}

/// Section and term works, upcoming and past
///
/// Also tests and exams; not the formative work of every lesson. Default: this week.
#[utoipa::path(tag = "diary", security(("bearer" = [])), params(("id" = i64, Path, description = "The child."), Range),
    responses((status = 200, description = "The works.", body = Assessments), (status = 304, description = "Nothing changed."),
        (status = 422, description = "The range breaks a rule.", content_type = "application/problem+json", body = crate::problem::ProblemDetails), Problems))]
#[get("/children/{id}/assessments")]
async fn assessments_of_child(
    token: Token,
    request: HttpRequest,
    state: web::Data<State>,
    child: web::Path<i64>,
    asked: Asked,
    range: web::Query<Range>,
) -> Result<HttpResponse, Problem> {
    let ask = Ask::new(&request, token.0, *child, asked, "assessments");
    viewer::of_child(
        &state,
        ask,
        move |access| range.resolve(access),
        |conn, access, language, &(from, to)| {
            let found = assessments::between(conn, access, from, to)?;
            let works = found.into_iter().filter(|work| work.kind != GradeKind::Formative);
            let items = works.map(|work| Assessment::of(work, language)).collect();
            Ok((None, Assessments { items, next_cursor: None }))
        },
    )
    .await
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(assessments_of_child);
}
