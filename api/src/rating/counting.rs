//! Whether a child is counted towards the middle of its class: a guardian's free decision, asked in plain words.

use ::rating::counting::{self, Answer, TEXT_VERSION};
use actix_web::{HttpRequest, HttpResponse, get, put, web};
use domain::types::Language;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{child, respond};
use crate::problem::{Problem, Problems, WriteProblems};
use crate::request::{Asked, Body, Token};
use crate::state::State;

/// Whether the child is counted, and what that means.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Counting {
    /// Whether it is; null if nobody was asked yet, which counts as no.
    pub counted: Option<bool>,
    /// The question to be shown before an answer, in the language of the answer.
    pub text: String,
    /// The version of the question; an answer keeps it.
    #[schema(example = "2026-11-30")]
    pub text_version: &'static str,
}

/// The answer of a guardian.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CountingForm {
    /// Whether the child may be counted, from the next release on.
    pub counted: bool,
}

impl Counting {
    fn of(counted: Option<bool>, language: Language) -> Self {
        Self { counted, text: counting::text(language).to_owned(), text_version: TEXT_VERSION }
    }
}

/// Whether the child is counted
///
/// With the question to show. Whether a child is counted changes nothing of what its own family may read.
#[utoipa::path(tag = "rating", security(("bearer" = [])), params(("id" = i64, Path, description = "The child.")),
    responses((status = 200, description = "The answer in force.", body = Counting), (status = 304, description = "Nothing changed."), Problems))]
#[get("/v1/children/{id}/rating/counting")]
async fn counting_of_child(
    token: Token,
    request: HttpRequest,
    state: web::Data<State>,
    path: web::Path<i64>,
    asked: Asked,
) -> Result<HttpResponse, Problem> {
    let access = child(&state, token.0, *path).await?;
    let language = asked.or(access.viewer().language());
    let counted = state.rating.get()?.own().read(move |conn| counting::is_counted(conn, &access)).await?;
    respond(request.headers(), &Counting::of(counted, language))
}

/// Let the child be counted, or not
///
/// The last answer of any of its guardians counts, from the next release on. Nobody is told.
#[utoipa::path(tag = "rating", security(("bearer" = [])), params(("id" = i64, Path, description = "The child.")), request_body = CountingForm,
    responses((status = 200, description = "The answer in force.", body = Counting), Problems, WriteProblems))]
#[put("/v1/children/{id}/rating/counting")]
async fn set_counting_of_child(
    token: Token,
    state: web::Data<State>,
    path: web::Path<i64>,
    asked: Asked,
    form: Body<CountingForm>,
) -> Result<HttpResponse, Problem> {
    let access = child(&state, token.0, *path).await?;
    let (language, now) = (asked.or(access.viewer().language()), access.viewer().now());
    let answer = Answer { language, counted: form.0.counted };
    state.rating.get()?.own().write(move |conn| counting::answer(conn, &access, answer, now)).await?;
    Ok(HttpResponse::Ok().json(Counting::of(Some(form.0.counted), language)))
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(counting_of_child).service(set_counting_of_child);
}
