//! Closing a period over HTTP, by the code behind `apta period close`.

use std::sync::Arc;

use actix_web::{HttpResponse, delete, get, put, web};
use chrono::{DateTime, Utc};
use domain::access::{self, Actor, Bearer, SchoolAccess};
use domain::closing::{self, Difference};
use domain::db::{Conn, Db, Touch};
use domain::error::{Noun, Rule};
use domain::intake;
use domain::periods::Period;
use domain::types::{ClientScope, Language, SchoolId};
use domain::{Error, Result};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::fields::external_id;
use crate::problem::{Problem, Problems, WriteProblems};
use crate::request::{Asked, Token};
use crate::state::State;
use crate::v1::parts::{Hundredths, utc};
use crate::words::{self, Word};

/// Whether a period is closed, and where journal and scheme come to different grades.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClosingView {
    /// The period.
    pub period_id: i64,
    /// Since when no grade is taken in it; null while it is open.
    pub closed_at: Option<DateTime<Utc>>,
    /// How many results this request froze; a repeated one freezes none.
    pub frozen: usize,
    /// How many grades of the journal differ from what the scheme makes of the works.
    pub differing: usize,
    /// Which ones: for the school's office, and for a journal with scope `read`; null for others. Families read what the journal had at the closing.
    pub differences: Option<Vec<DifferenceView>>,
}

/// A grade of the journal that the scheme does not come to.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DifferenceView {
    /// The school's own id of the pupil.
    pub student_external_id: String,
    /// The subject.
    pub subject: String,
    /// Which grade of the period.
    pub kind: words::PeriodGradeKind,
    /// What the journal has.
    pub journal: FrozenGrade,
    /// What the scheme comes to.
    pub scheme: FrozenGrade,
    /// What the scheme's grade comes from, where it counts points.
    pub percent: Option<Hundredths>,
}

/// A grade, or why there is none.
#[derive(Serialize, ToSchema)]
pub struct FrozenGrade {
    /// Whether it was graded.
    pub status: words::GradeStatus,
    /// The grade as families read it.
    pub value: Option<String>,
}

impl FrozenGrade {
    fn of(grade: closing::Grade) -> Self {
        Self { status: Word(grade.status), value: grade.value }
    }
}

impl DifferenceView {
    fn of(difference: Difference, language: Language) -> Self {
        Self {
            student_external_id: difference.student,
            subject: difference.subject.in_language(language).to_owned(),
            kind: Word(difference.kind),
            journal: FrozenGrade::of(difference.journal),
            scheme: FrozenGrade::of(difference.engine),
            percent: difference.percent.map(Hundredths),
        }
    }
}

/// Who asks about which period.
struct Ask {
    bearer: Bearer,
    school: SchoolId,
    period: String,
    language: Language,
}

impl Ask {
    fn of(token: Token, path: (i64, String), asked: Asked) -> Self {
        let (school, period) = path;
        Self { bearer: token.0, school: SchoolId(school), period, language: asked.or(Language::En) }
    }

    /// The right to close, and the period.
    fn period(&self, conn: &mut Conn) -> Result<(SchoolAccess, Period)> {
        let access = access::school(conn, &self.bearer, self.school)?;
        access.need(ClientScope::Journal)?;
        let named = external_id("/period", &self.period).map_err(|_| Error::NotFound(Noun::Period))?;
        let period = closing::find(conn, access.school(), &named)?;
        Ok((access, period))
    }

    fn close(&self, db: &Db) -> Result<ClosingView> {
        let (access, period) = db.read_here(|conn| self.period(conn))?;
        let closed = closing::close(db, intake::writer(&access), period.id)?;
        let period = db.read_here(|conn| closing::one(conn, access.school(), period.id))?;
        Ok(self.view(&access, &period, closed.results, closed.differences))
    }

    fn look(&self, conn: &mut Conn) -> Result<ClosingView> {
        let (access, period) = self.period(conn)?;
        let differences = closing::differences(conn, &period)?;
        Ok(self.view(&access, &period, 0, differences))
    }

    fn reopen(&self, conn: &mut Conn, touch: &mut Touch) -> Result<ClosingView> {
        let (access, period) = self.period(conn)?;
        may_reopen(&access)?;
        closing::reopen(conn, touch, intake::writer(&access), period.id)?;
        Ok(self.view(&access, &Period { closed_at: None, ..period }, 0, Vec::new()))
    }

    fn view(&self, access: &SchoolAccess, period: &Period, frozen: usize, found: Vec<Difference>) -> ClosingView {
        let view = |difference| DifferenceView::of(difference, self.language);
        ClosingView {
            period_id: period.id.0,
            closed_at: period.closed_at.map(utc),
            frozen,
            differing: found.len(),
            differences: access.holds(ClientScope::Read).then(|| found.into_iter().map(view).collect()),
        }
    }
}

/// A journal by its scope; the office may undo what it may do.
fn may_reopen(access: &SchoolAccess) -> Result<()> {
    match access.actor() {
        Actor::Client { .. } => access.need(ClientScope::Reopen),
        Actor::Staff { .. } if access.teacher().is_none() => Ok(()),
        Actor::Staff { .. } => Err(Error::Denied(Rule::InsufficientScope)),
    }
}

/// Close a period
///
/// Scope `journal`, or the school's office. From now on no grade is taken in it and every child's result in every subject is frozen. It may be repeated: what was cut off goes on, what is done stays. A year is closed when all its periods are (422 `periods-open`).
#[utoipa::path(tag = "school", security(("bearer" = [])),
    params(("id" = i64, Path, description = "The school."), ("period" = String, Path, description = "The school's own id of the period, or its number.")),
    responses((status = 200, description = "It is closed.", body = ClosingView), Problems, WriteProblems))]
#[put("/periods/{period}/closing")]
async fn close_period(
    token: Token,
    asked: Asked,
    state: web::Data<State>,
    path: web::Path<(i64, String)>,
) -> std::result::Result<HttpResponse, Problem> {
    let ask = Ask::of(token, path.into_inner(), asked);
    Ok(HttpResponse::Ok().json(state.db.long(move |db| ask.close(db)).await?))
}

/// Look at the closing of a period
///
/// Scope `journal`, or the school's office.
#[utoipa::path(tag = "school", security(("bearer" = [])),
    params(("id" = i64, Path, description = "The school."), ("period" = String, Path, description = "The school's own id of the period, or its number.")),
    responses((status = 200, description = "How it stands.", body = ClosingView), Problems, WriteProblems))]
#[get("/periods/{period}/closing")]
async fn closing_of_period(
    token: Token,
    asked: Asked,
    state: web::Data<State>,
    path: web::Path<(i64, String)>,
) -> std::result::Result<HttpResponse, Problem> {
    let ask = Ask::of(token, path.into_inner(), asked);
    Ok(HttpResponse::Ok().json(state.db.read(move |conn| ask.look(conn)).await?))
}

/// Open a closed period again
///
/// Scopes `journal` and `reopen`, or the school's office. What was frozen is in force no more but stays on record; close it anew when all is mended.
#[utoipa::path(tag = "school", security(("bearer" = [])),
    params(("id" = i64, Path, description = "The school."), ("period" = String, Path, description = "The school's own id of the period, or its number.")),
    responses((status = 200, description = "It is open.", body = ClosingView), Problems, WriteProblems))]
#[delete("/periods/{period}/closing")]
async fn reopen_period(
    token: Token,
    asked: Asked,
    state: web::Data<State>,
    path: web::Path<(i64, String)>,
) -> std::result::Result<HttpResponse, Problem> {
    let ask = Arc::new(Ask::of(token, path.into_inner(), asked));
    let again = Arc::clone(&ask);
    let scope = move |conn: &mut Conn| {
        let (access, period) = again.period(conn)?;
        closing::scope(conn, access.school(), period.id)
    };
    let opened = state.db.write_children(scope, move |conn, touch| ask.reopen(conn, touch)).await?;
    Ok(HttpResponse::Ok().json(opened))
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(close_period).service(closing_of_period).service(reopen_period);
}
