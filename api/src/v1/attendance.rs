//! Attendance: what was noted, and how often.

use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::NaiveDate;
use domain::attendance;
use domain::types::{AttendanceStatus, Language, Word as _};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::diary::Range;
use super::parts::{Presence, Subject};
use crate::problem::{Problem, Problems};
use crate::request::{Asked, Token};
use crate::state::State;
use crate::viewer::{self, Ask};
use crate::words::{self, Word};

/// A child's attendance.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attendance {
    /// What was noted, in the order of the lessons.
    pub items: Vec<Noted>,
    /// How often each status was noted.
    pub totals: Vec<Total>,
    /// Always null: the range bounds the list.
    pub next_cursor: Option<String>,
}

/// What was noted for one lesson.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Noted {
    /// The lesson.
    pub lesson_id: i64,
    /// The local day.
    pub date: NaiveDate,
    /// The lesson's place in the day.
    pub number: i32,
    /// The subject.
    pub subject: Subject,
    /// Whether the child was there.
    pub attendance: Presence,
}

impl Noted {
    pub fn of(noted: attendance::Noted, language: Language) -> Self {
        Self {
            lesson_id: noted.lesson.0,
            date: noted.date,
            number: noted.number,
            subject: Subject::of(&noted.subject, language),
            attendance: Presence::of(noted.presence),
        }
    }
}

/// How often a status was noted.
#[derive(Debug, Serialize, ToSchema)]
pub struct Total {
    /// The status.
    pub status: words::AttendanceStatus,
    /// How many lessons.
    pub lessons: usize,
}

/// Attendance by lesson
///
/// With totals per status. Default: this week.
#[utoipa::path(tag = "diary", security(("bearer" = [])), params(("id" = i64, Path, description = "The child."), Range),
    responses((status = 200, description = "The attendance.", body = Attendance), (status = 304, description = "Nothing changed."),
        (status = 422, description = "The range breaks a rule.", content_type = "application/problem+json", body = crate::problem::ProblemDetails), Problems))]
#[get("/children/{id}/attendance")]
async fn attendance_of_child(
    token: Token,
    request: HttpRequest,
    state: web::Data<State>,
    child: web::Path<i64>,
    asked: Asked,
    range: web::Query<Range>,
) -> Result<HttpResponse, Problem> {
    let ask = Ask::new(&request, token.0, *child, asked, "attendance");
    viewer::of_child(
        &state,
        ask,
        move |access| range.resolve(access),
        |conn, access, language, &(from, to)| {
            let noted = attendance::between(conn, access, from, to)?;
            let total = |status: AttendanceStatus| Total {
                status: Word(status),
                lessons: noted.iter().filter(|one| one.presence.status == status).count(),
            };
            let totals = AttendanceStatus::ALL.iter().copied().map(total).collect();
            let items = noted.into_iter().map(|one| Noted::of(one, language)).collect();
            Ok((None, Attendance { totals, items, next_cursor: None }))
        },
    )
    .await
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(attendance_of_child);
}
