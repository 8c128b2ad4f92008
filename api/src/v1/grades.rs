//! Grades, page by page, and the history of each.

use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use domain::access::{self, ChildAccess};
use domain::grades::{self, After, Filter};
use domain::types::{GradeId, PeriodId, SubjectId};
use domain::{Error, periods};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::diary::YEARS;
use super::parts::{Grade, Hundredths, utc};
use crate::problem::{Problem, Problems};
use crate::request::{Asked, Token};
use crate::state::State;
use crate::viewer::{self, Ask};

/// A page of grades.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GradePage {
    /// The grades, newest first.
    pub items: Vec<Grade>,
    /// Where the next page starts; null on the last one.
    pub next_cursor: Option<String>,
}

/// The states a grade was in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct History {
    /// The states, oldest first.
    pub items: Vec<GradeRevision>,
    /// Always null.
    pub next_cursor: Option<String>,
}

/// One state a grade was in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GradeRevision {
    /// Its number, from 1.
    pub revision: i32,
    /// What the parent read.
    pub value: Option<String>,
    /// Points reached.
    pub points: Option<Hundredths>,
    /// Points there were.
    pub max_points: Option<Hundredths>,
    /// What the teacher said.
    pub comment: Option<String>,
    /// Whether this state is the removal of the grade.
    pub removed: bool,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// Who wrote it: a teacher's name, or `journal` for the school's own system.
    pub by: String,
}

/// Which grades.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Only this subject.
    #[serde(default)]
    subject_id: Option<i64>,
    /// Only this period.
    #[serde(default)]
    period_id: Option<i64>,
    /// The first local day.
    from: Option<NaiveDate>,
    /// The last local day.
    to: Option<NaiveDate>,
    /// How many, 1 to 100; default 50.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// Where the page starts: `nextCursor` of the page before, with the same filter.
    cursor: Option<String>,
}

impl Which {
    fn check(&self) -> Result<i64, Problem> {
        let limit = self.limit.unwrap_or(50);
        if !(1..=100).contains(&limit) {
            return Err(Error::flaw("/limit", "range", "A page has 1 to 100 items.").into());
        }
        if [self.from, self.to].iter().flatten().any(|day| !YEARS.contains(&day.year())) {
            return Err(Error::flaw("/from", "range", "Days lie between 1900 and 2200.").into());
        }
        if let (Some(from), Some(to)) = (self.from, self.to)
            && to < from
        {
            return Err(Error::flaw("/to", "order", "`to` is not before `from`.").into());
        }
        Ok(limit)
    }

    /// What a cursor is bound to beside its owner.
    fn filter(&self, child: i64) -> String {
        format!("grades {child} {:?} {:?} {:?} {:?}", self.subject_id, self.period_id, self.from, self.to)
    }
}

/// Grades, newest first
///
/// Page on with `nextCursor` and the same filter.
#[utoipa::path(tag = "diary", security(("bearer" = [])), params(("id" = i64, Path, description = "The child."), Which),
    responses((status = 200, description = "A page.", body = GradePage), (status = 304, description = "Nothing changed."),
        (status = 422, description = "The filter breaks a rule.", content_type = "application/problem+json", body = crate::problem::ProblemDetails), Problems))]
#[get("/children/{id}/grades")]
async fn grades_of_child(
    token: Token,
    request: HttpRequest,
    state: web::Data<State>,
    child: web::Path<i64>,
    asked: Asked,
    which: web::Query<Which>,
) -> Result<HttpResponse, Problem> {
    let which = which.into_inner();
    let limit = which.check()?;
    let bound = which.filter(*child);
    let cursors = state.cursors.clone();
    let ask = Ask::new(&request, token.0, *child, asked, "grades");
    let (opened, sealed) = (cursors.clone(), bound.clone());
    let resolve = move |access: &ChildAccess| {
        let cursor = which.cursor.as_deref().map(|cursor| opened.open(access.viewer().account(), &sealed, cursor));
        let after = cursor.transpose().map_err(|_| Error::Conflict(domain::error::Rule::BadCursor))?;
        let after = after.as_deref().map(|place| parse(place).ok_or(Error::Conflict(domain::error::Rule::BadCursor)));
        Ok((which.clone(), after.transpose()?, access.viewer().account()))
    };
    viewer::of_child(&state, ask, resolve, move |conn, access, language, (which, after, owner)| {
        let mut filter = Filter { subject: which.subject_id.map(SubjectId), from: which.from, to: which.to };
        if let Some(period) = which.period_id.map(PeriodId)
            && let Some(period) = periods::chosen(conn, access, Some(period))?
        {
            filter.from = filter.from.max(Some(period.starts_on));
            filter.to = Some(filter.to.map_or(period.ends_on, |to| to.min(period.ends_on)));
        }
        let mut found = grades::page(conn, access, &filter, *after, limit + 1)?;
        let more = found.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let last = found.last().filter(|_| more);
        let next = last.map(|last| cursors.seal(*owner, &bound, &format!("{}/{}", last.graded_on, last.id.0)));
        let items = found.into_iter().map(|grade| Grade::of(grade, language)).collect();
        Ok((None, GradePage { items, next_cursor: next }))
    })
    .await
}

fn parse(place: &str) -> Option<After> {
    let (day, id) = place.split_once('/')?;
    Some((day.parse().ok()?, GradeId(id.parse().ok()?)))
}

/// Every state a grade was in
///
/// Nothing is ever overwritten: corrections and a removal are states of their own.
#[utoipa::path(tag = "diary", security(("bearer" = [])),
    params(("id" = i64, Path, description = "The child."), ("gradeId" = i64, Path, description = "The grade.")),
    responses((status = 200, description = "The states.", body = History), (status = 304, description = "Nothing changed."), Problems))]
#[get("/children/{id}/grades/{gradeId}/history")]
async fn history_of_grade(
    token: Token,
    request: HttpRequest,
    state: web::Data<State>,
    path: web::Path<(i64, i64)>,
    asked: Asked,
) -> Result<HttpResponse, Problem> {
    let grade = GradeId(path.1);
    let ask = Ask::new(&request, token.0, path.0, asked, "history");
    viewer::of_child(
        &state,
        ask,
        move |_: &access::ChildAccess| Ok(grade),
        |conn, access, _, grade| {
            let items = grades::history(conn, access, *grade)?.into_iter().map(GradeRevision::of).collect();
            Ok((None, History { items, next_cursor: None }))
        },
    )
    .await
}

impl GradeRevision {
    fn of(state: grades::Revision) -> Self {
        Self {
            revision: state.revision,
            value: state.value,
            points: state.points.map(Hundredths),
            max_points: state.max_points.map(Hundredths),
            comment: state.comment,
            removed: state.removed,
            at: utc(state.recorded_at),
            by: state.by.map_or_else(|| "journal".to_owned(), |teacher| teacher.name()),
        }
    }
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(grades_of_child).service(history_of_grade);
}
