//! Subjects of a period, and the teachers.

use actix_web::{HttpRequest, HttpResponse, get, web};
use domain::periods;
use domain::subjects;
use domain::types::PeriodId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::forecasts::Forecast;
use super::parts::{Hundredths, Subject, Teacher};
use crate::problem::{Problem, Problems};
use crate::request::{Asked, Token};
use crate::state::State;
use crate::viewer::{self, Ask};

/// How a child stands in each subject.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Standings {
    /// The subjects, by name.
    pub items: Vec<Standing>,
    /// Always null.
    pub next_cursor: Option<String>,
}

/// How a child stands in one subject and period.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// The subject.
    pub subject: Subject,
    /// Who teaches it.
    pub teacher: Option<Teacher>,
    /// How many grades there are.
    pub grades_count: usize,
    /// The weighted mean of the grades that are numbers; section and term works, which have maximums of their own, count in percent alone.
    pub average: Option<Hundredths>,
    /// The weighted mean of points over the most there were, in percent.
    pub percent: Option<Hundredths>,
    /// What the period would end with, or what it ended with; null while nothing counts, and where the school's own grade is set.
    pub forecast: Option<Forecast>,
    /// What was set for the period.
    pub period_grade: Option<String>,
}

/// Which period.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct InPeriod {
    /// The period; default: the current one, or the last one begun.
    period_id: Option<i64>,
}

/// The child's teachers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Teachers {
    /// The teachers, by name.
    pub items: Vec<TeacherOf>,
    /// Always null.
    pub next_cursor: Option<String>,
}

/// A teacher and what she teaches the child.
#[derive(Debug, Serialize, ToSchema)]
pub struct TeacherOf {
    /// The teacher.
    pub teacher: Teacher,
    /// The subjects.
    pub subjects: Vec<Subject>,
}

/// How the child stands in each subject
///
/// Of one period: the number of grades, the weighted average, the percentage, the forecast with what it is made of, the period
/// grade.
#[utoipa::path(tag = "diary", security(("bearer" = [])), params(("id" = i64, Path, description = "The child."), InPeriod),
    responses((status = 200, description = "The subjects.", body = Standings), (status = 304, description = "Nothing changed."), Problems))]
#[get("/children/{id}/subjects")]
async fn subjects_of_child(
    token: Token,
    request: HttpRequest,
    state: web::Data<State>,
    child: web::Path<i64>,
    asked: Asked,
    query: web::Query<InPeriod>,
) -> Result<HttpResponse, Problem> {
    let period = query.period_id.map(PeriodId);
    let ask = Ask::new(&request, token.0, *child, asked, "subjects");
    viewer::of_child(
        &state,
        ask,
        move |_| Ok(period),
        |conn, access, language, period| {
            let (counters, standings) = match periods::chosen(conn, access, *period)? {
                Some(period) => subjects::standings(conn, access, &period).map(|(seen, found)| (Some(seen), found))?,
                None => (None, Vec::new()),
            };
            let view = |standing: subjects::Standing| Standing {
                subject: Subject::of(&standing.subject, language),
                teacher: standing.teacher.as_ref().map(Teacher::of),
                grades_count: standing.grades,
                average: standing.average.map(Hundredths),
                percent: standing.percent.map(Hundredths),
                forecast: standing.forecast.map(|forecast| Forecast::of(forecast, language)),
                period_grade: standing.period_grade.map(|value| value.in_language(language).to_owned()),
            };
            let mut items: Vec<Standing> = standings.into_iter().map(view).collect();
            items.sort_by_cached_key(|item| domain::letters::sort_key(&item.subject.name));
            Ok((counters, Standings { items, next_cursor: None }))
        },
    )
    .await
}

/// The child's teachers
///
/// Those of its courses today.
#[utoipa::path(tag = "diary", security(("bearer" = [])), params(("id" = i64, Path, description = "The child.")),
    responses((status = 200, description = "The teachers.", body = Teachers), (status = 304, description = "Nothing changed."), Problems))]
#[get("/children/{id}/teachers")]
async fn teachers_of_child(
    token: Token,
    request: HttpRequest,
    state: web::Data<State>,
    child: web::Path<i64>,
    asked: Asked,
) -> Result<HttpResponse, Problem> {
    let ask = Ask::new(&request, token.0, *child, asked, "teachers");
    viewer::of_child(
        &state,
        ask,
        |_| Ok(()),
        |conn, access, language, ()| {
            let view = |(teacher, subjects): (domain::timetable::Teacher, Vec<domain::timetable::Subject>)| TeacherOf {
                teacher: Teacher::of(&teacher),
                subjects: subjects.iter().map(|subject| Subject::of(subject, language)).collect(),
            };
            let mut items: Vec<TeacherOf> =
                subjects::teachers(conn, access, access.today())?.into_iter().map(view).collect();
            items.sort_by_cached_key(|item| domain::letters::sort_key(&item.teacher.name));
            Ok((None, Teachers { items, next_cursor: None }))
        },
    )
    .await
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(subjects_of_child).service(teachers_of_child);
}
