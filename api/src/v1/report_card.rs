//! The report card (табель).

use actix_web::{HttpRequest, HttpResponse, get, web};
use domain::report_card::{self, Entry};
use domain::types::{Language, PeriodGradeKind, PeriodKind};
use domain::{letters, periods};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::parts::{Hundredths, Subject};
use super::periods::OfYear;
use crate::problem::{Problem, Problems};
use crate::request::{Asked, Token};
use crate::state::State;
use crate::viewer::{self, Ask};
use crate::words::{self, Word};

/// The report card of one school year.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportCard {
    /// The year the school year starts in.
    pub school_year: i32,
    /// The graded periods, in time.
    pub periods: Vec<Column>,
    /// One row a subject, by name.
    pub rows: Vec<ReportRow>,
}

/// A graded period.
#[derive(Debug, Serialize, ToSchema)]
pub struct Column {
    /// The period's id.
    pub id: i64,
    /// Its name.
    pub name: String,
}

/// What was set in one subject.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportRow {
    /// The subject.
    pub subject: Subject,
    /// One cell a period, in the order of `periods`.
    pub cells: Vec<Cell>,
    /// The grade of the year.
    pub year: Option<String>,
    /// The grade of the exam.
    pub exam: Option<String>,
    /// The final grade.
    pub r#final: Option<String>,
}

/// What was set in one subject for one period.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cell {
    /// The period.
    pub period_id: i64,
    /// The grade.
    pub value: Option<String>,
    /// The percentage it comes from.
    pub percent: Option<Hundredths>,
    /// `graded`, or why there is no number; null while nothing is set.
    pub status: Option<words::GradeStatus>,
}

/// The report card of a school year
///
/// Period, year, exam and final grades: as the school set them, or as closing the period found them. Default: the school year
/// begun last.
#[utoipa::path(tag = "diary", security(("bearer" = [])), params(("id" = i64, Path, description = "The child."), OfYear),
    responses((status = 200, description = "The report card.", body = ReportCard), (status = 304, description = "Nothing changed."), Problems))]
#[get("/children/{id}/report-card")]
async fn report_card_of_child(
    token: Token,
    request: HttpRequest,
    state: web::Data<State>,
    child: web::Path<i64>,
    asked: Asked,
    query: web::Query<OfYear>,
) -> Result<HttpResponse, Problem> {
    let ask = Ask::new(&request, token.0, *child, asked, "report-card");
    let year = query.school_year;
    let resolve = move |access: &domain::access::ChildAccess| Ok(year.unwrap_or(periods::last_begun(access.today())));
    viewer::of_child(&state, ask, resolve, |conn, access, language, year| {
        let mut graded = periods::of_year(conn, access, *year)?;
        graded.retain(|period| period.kind != PeriodKind::Year);
        let entries = report_card::entries(conn, access, *year)?;
        Ok((None, ReportCard::of(*year, &graded, &entries, language)))
    })
    .await
}

impl ReportCard {
    fn of(school_year: i32, graded: &[periods::Period], entries: &[Entry], language: Language) -> Self {
        let column =
            |period: &periods::Period| Column { id: period.id.0, name: period.names.in_language(language).to_owned() };
        let by_subject = entries.chunk_by(|a, b| a.subject.id == b.subject.id);
        let mut rows: Vec<ReportRow> =
            by_subject.filter_map(|entries| ReportRow::of(graded, entries, language)).collect();
        rows.sort_by_cached_key(|row| letters::sort_key(&row.subject.name));
        Self { school_year, periods: graded.iter().map(column).collect(), rows }
    }
}

fn read(entry: &Entry, language: Language) -> Option<String> {
    entry.value.as_ref().map(|value| value.in_language(language).to_owned())
}

impl ReportRow {
    fn of(graded: &[periods::Period], entries: &[Entry], language: Language) -> Option<Self> {
        let cell = |period: &periods::Period| {
            let found = entries.iter().find(|e| e.kind == PeriodGradeKind::Period && e.period == period.id);
            Cell {
                period_id: period.id.0,
                value: found.and_then(|entry| read(entry, language)),
                percent: found.and_then(|entry| entry.percent).map(Hundredths),
                status: found.map(|entry| Word(entry.status)),
            }
        };
        let value =
            |kind: PeriodGradeKind| entries.iter().find(|e| e.kind == kind).and_then(|entry| read(entry, language));
        Some(Self {
            subject: Subject::of(&entries.first()?.subject, language),
            cells: graded.iter().map(cell).collect(),
            year: value(PeriodGradeKind::Year),
            exam: value(PeriodGradeKind::Exam),
            r#final: value(PeriodGradeKind::Final),
        })
    }
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(report_card_of_child);
}
