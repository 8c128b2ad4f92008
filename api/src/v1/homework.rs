//! Homework, and the family's tick.

use actix_web::{HttpRequest, HttpResponse, get, put, web};
use domain::access;
use domain::types::{ChildId, HomeworkId};
use domain::{homework, idempotency};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::diary::Range;
use super::parts::Homework;
use crate::problem::{Problem, Problems, WriteProblems};
use crate::request::{Asked, Body, Once, Token};
use crate::state::State;
use crate::viewer::{self, Ask};

/// A child's homework.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HomeworkList {
    /// The homework, by the day it is due.
    pub items: Vec<Homework>,
    /// Always null: the range bounds the list.
    pub next_cursor: Option<String>,
}

/// Which homework.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Done {
    /// Only what is done, or only what is not; default: both.
    done: Option<bool>,
    /// The first local day; default: Monday of this week.
    from: Option<chrono::NaiveDate>,
    /// The last local day, at most 30 days later; default: six days after the first.
    to: Option<chrono::NaiveDate>,
}

/// The tick.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DoneForm {
    /// Whether it is done.
    pub done: bool,
}

/// Homework by the day it is due
///
/// What is due in the range, and before it what was due in the last four weeks and is not done yet.
#[utoipa::path(tag = "diary", security(("bearer" = [])), params(("id" = i64, Path, description = "The child."), Done),
    responses((status = 200, description = "The homework.", body = HomeworkList), (status = 304, description = "Nothing changed."),
        (status = 422, description = "The range breaks a rule.", content_type = "application/problem+json", body = crate::problem::ProblemDetails), Problems))]
#[get("/children/{id}/homework")]
async fn homework_of_child(
    token: Token,
    request: HttpRequest,
    state: web::Data<State>,
    child: web::Path<i64>,
    asked: Asked,
    query: web::Query<Done>,
) -> Result<HttpResponse, Problem> {
    let ask = Ask::new(&request, token.0, *child, asked, "homework");
    let range = Range::new(query.from, query.to);
    let done = query.done;
    let resolve = move |access: &access::ChildAccess| Ok((range.resolve(access)?, done));
    viewer::of_child(&state, ask, resolve, |conn, access, language, &((from, to), done)| {
        let found = homework::open_or_due(conn, access, from, to)?;
        let wanted = found.into_iter().filter(|one| done.is_none_or(|done| one.done_at.is_some() == done));
        let items = wanted.map(|one| Homework::of(one, language)).collect();
        Ok((None, HomeworkList { items, next_cursor: None }))
    })
    .await
}

/// Tick homework as done, or not
///
/// Everybody in the family sees the tick, the school does not.
#[utoipa::path(tag = "diary", security(("bearer" = [])),
    params(("id" = i64, Path, description = "The child."), ("homeworkId" = i64, Path, description = "The homework."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect and one answer.")),
    request_body = DoneForm,
    responses((status = 200, description = "The homework as it is now.", body = Homework), Problems, WriteProblems))]
#[put("/children/{id}/homework/{homeworkId}/done")]
async fn set_homework_done(
    token: Token,
    state: web::Data<State>,
    path: web::Path<(i64, i64)>,
    asked: Asked,
    once: Once,
    form: Body<DoneForm>,
) -> Result<HttpResponse, Problem> {
    let key = once.key(&form.1);
    let (child, id) = (ChildId(path.0), HomeworkId(path.1));
    let bearer = token.0;
    let again = bearer.clone();
    let scope = move |conn: &mut _| Ok(vec![access::child(conn, &again, child)?.child()].into());
    let work = move |conn: &mut _, touch: &mut _| {
        let access = access::child(conn, &bearer, child)?;
        let language = asked.or(access.viewer().language());
        idempotency::once(conn, access.viewer(), key.as_ref(), |conn| {
            let homework = homework::set_done(conn, touch, &access, id, form.0.done)?;
            crate::bodies::json(&Homework::of(homework, language))
        })
    };
    let answer = state.db.write_children(scope, work).await?;
    Ok(HttpResponse::Ok().content_type("application/json").body(answer))
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(homework_of_child).service(set_homework_done);
}
