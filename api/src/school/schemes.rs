//! What a school grades by: presets, schemes of its own, and what it chose for a school year.

use actix_web::{HttpResponse, get, put, web};
use chrono::{DateTime, Utc};
use domain::access::{self, Bearer, SchoolAccess};
use domain::assessment::PRESETS;
use domain::db::{Conn, Scope};
use domain::error::Flaw;
use domain::schemes::{self, Choice};
use domain::types::{ClientScope, SchoolId};
use domain::{Error, Result, idempotency, intake};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::fields::{external_id, reference};
use crate::bodies::json;
use crate::problem::{Problem, Problems, WriteProblems};
use crate::request::{Body, Once, Token};
use crate::state::State;
use crate::v1::parts::utc;

/// Which school year.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct YearQuery {
    /// The year the school year starts in.
    #[param(minimum = 2000, maximum = 2100)]
    school_year: i32,
}

/// What a school can grade by, and what it does grade by.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SchemesView {
    /// The names of the presets. Where nothing is chosen, the first one is in force.
    pub presets: Vec<&'static str>,
    /// Every version of every scheme the school wrote.
    pub own: Vec<SchemeView>,
    /// What is chosen for the school year; of those that fit, the most specific one is in force.
    pub choices: Vec<ChoiceForm>,
}

/// A version of a scheme of the school.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SchemeView {
    /// What choices call it.
    pub name: String,
    /// Counts from 1; the newest one is in force.
    pub version: i32,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// The scheme.
    #[schema(value_type = Object)]
    pub scheme: Box<RawValue>,
}

/// A scheme as it is written; `GET` shows what one looks like, `apta scheme show` prints the presets.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SchemeForm {
    /// 1 to 80 characters, not the name of a preset.
    #[schema(max_length = 80)]
    name: String,
    /// The scheme: basis, aggregation, rounding, components whose weights add up to 100, scale.
    #[schema(value_type = Object)]
    scheme: Box<RawValue>,
}

/// The version a scheme has now.
#[derive(Serialize, ToSchema)]
pub struct VersionView {
    /// What choices call it.
    pub name: String,
    /// One more than before, where it differs.
    pub version: i32,
}

/// What is graded by a scheme.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ChoiceForm {
    /// The school's own id of the subject; null for all.
    subject_external_id: Option<String>,
    /// The level, 0 to 12; null for all.
    level: Option<i32>,
    /// A preset or a scheme of the school; null takes the choice back.
    #[schema(max_length = 80)]
    scheme: Option<String>,
}

impl ChoiceForm {
    fn of(choice: Choice) -> Self {
        Self { subject_external_id: choice.subject, level: choice.level, scheme: Some(choice.scheme) }
    }

    /// The choice, and whether it is to be made or taken back.
    fn read(self, school_year: i32) -> std::result::Result<(Choice, bool), Flaw> {
        if self.level.is_some_and(|level| !(0..=12).contains(&level)) {
            return Err(Flaw::new("/level", "range", "A level is 0 to 12."));
        }
        let subject = reference("/subjectExternalId", self.subject_external_id)?;
        let is_made = self.scheme.is_some();
        let scheme = self.scheme.map(|name| external_id("/scheme", &name)).transpose()?.unwrap_or_default();
        Ok((Choice { school_year, subject, level: self.level, scheme }, is_made))
    }
}

impl SchemesView {
    fn read(conn: &mut Conn, school: SchoolId, year: i32) -> Result<Self> {
        let own = schemes::list(conn, school)?.into_iter().map(SchemeView::of).collect::<Result<_>>()?;
        let choices = schemes::choices(conn, school, year)?.into_iter().map(ChoiceForm::of).collect();
        Ok(Self { presets: PRESETS.to_vec(), own, choices })
    }
}

impl SchemeView {
    fn of(listed: schemes::Listed) -> Result<Self> {
        let broken = |_| Error::Store(format!("the grading scheme {:?} cannot be read", listed.name));
        let scheme = RawValue::from_string(listed.body).map_err(broken)?;
        Ok(Self { name: listed.name, version: listed.version, created_at: utc(listed.created_at), scheme })
    }
}

fn may(conn: &mut Conn, bearer: &Bearer, school: SchoolId) -> Result<SchoolAccess> {
    let access = access::school(conn, bearer, school)?;
    access.need(ClientScope::Journal)?;
    Ok(access)
}

fn lock(conn: &mut Conn, bearer: &Bearer, school: SchoolId) -> Result<Scope> {
    Ok(schemes::scope(may(conn, bearer, school)?.school()))
}

fn checked(query: YearQuery) -> std::result::Result<i32, Problem> {
    if (2000..=2100).contains(&query.school_year) {
        return Ok(query.school_year);
    }
    Err(Error::flaw("/schoolYear", "range", "A school year starts between 2000 and 2100.").into())
}

fn as_json(body: String) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(body)
}

/// What the school grades by
///
/// Scope `journal`, or the school's office.
#[utoipa::path(tag = "school", security(("bearer" = [])), params(("id" = i64, Path, description = "The school."), YearQuery),
    responses((status = 200, description = "Presets, own schemes, choices.", body = SchemesView), Problems, WriteProblems))]
#[get("/grading-schemes")]
async fn schemes_of_school(
    token: Token,
    state: web::Data<State>,
    school: web::Path<i64>,
    query: web::Query<YearQuery>,
) -> std::result::Result<HttpResponse, Problem> {
    let (school, year) = (SchoolId(*school), checked(*query)?);
    let work = move |conn: &mut Conn| {
        let access = may(conn, &token.0, school)?;
        SchemesView::read(conn, access.school(), year)
    };
    Ok(HttpResponse::Ok().json(state.db.read(work).await?))
}

/// Write a scheme
///
/// Scope `journal`, or the school's office. A changed scheme is a new version; results that are frozen keep theirs.
#[utoipa::path(tag = "school", security(("bearer" = [])), request_body = SchemeForm,
    params(("id" = i64, Path, description = "The school."), ("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect and one answer.")),
    responses((status = 200, description = "Its version.", body = VersionView), Problems, WriteProblems))]
#[put("/grading-schemes")]
async fn put_scheme(
    token: Token,
    state: web::Data<State>,
    school: web::Path<i64>,
    once: Once,
    form: Body<SchemeForm>,
) -> std::result::Result<HttpResponse, Problem> {
    let (bearer, school, key) = (token.0, SchoolId(*school), once.key(&form.1));
    let again = bearer.clone();
    let SchemeForm { name, scheme } = form.0;
    let work = move |conn: &mut Conn, touch: &mut _| {
        let access = may(conn, &bearer, school)?;
        idempotency::once(conn, &access, key.as_ref(), |conn| {
            let put = schemes::put(conn, touch, intake::writer(&access), &name, scheme.get());
            json(&VersionView { version: put.map_err(below_scheme)?, name: name.clone() })
        })
    };
    Ok(as_json(state.db.write_children(move |conn| lock(conn, &again, school), work).await?))
}

/// The scheme is a part of the body.
fn below_scheme(error: Error) -> Error {
    let place = |flaw: Flaw| match flaw.pointer.as_ref() {
        "/name" => flaw,
        pointer => Flaw::new(format!("/scheme{pointer}"), flaw.code, flaw.detail),
    };
    match error {
        Error::Invalid(flaws) => Error::Invalid(flaws.into_iter().map(place).collect()),
        other => other,
    }
}

/// Choose what is graded by a scheme
///
/// Scope `journal`, or the school's office. Counts from now on; results that are frozen stay.
#[utoipa::path(tag = "school", security(("bearer" = [])), request_body = ChoiceForm,
    params(("id" = i64, Path, description = "The school."), YearQuery, ("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect and one answer.")),
    responses((status = 200, description = "What is in force now.", body = SchemesView), Problems, WriteProblems))]
#[put("/grading-schemes/choices")]
async fn choose_scheme(
    token: Token,
    state: web::Data<State>,
    school: web::Path<i64>,
    query: web::Query<YearQuery>,
    once: Once,
    form: Body<ChoiceForm>,
) -> std::result::Result<HttpResponse, Problem> {
    let (bearer, school, key) = (token.0, SchoolId(*school), once.key(&form.1));
    let year = checked(*query)?;
    let (choice, is_made) = form.0.read(year).map_err(|flaw| Error::Invalid(vec![flaw]))?;
    let again = bearer.clone();
    let work = move |conn: &mut Conn, touch: &mut _| {
        let access = may(conn, &bearer, school)?;
        idempotency::once(conn, &access, key.as_ref(), |conn| {
            let writer = intake::writer(&access);
            if is_made {
                schemes::choose(conn, touch, writer, &choice)?;
            } else {
                schemes::forget(conn, touch, writer, &choice)?;
            }
            json(&SchemesView::read(conn, access.school(), year)?)
        })
    };
    Ok(as_json(state.db.write_children(move |conn| lock(conn, &again, school), work).await?))
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(schemes_of_school).service(put_scheme).service(choose_scheme);
}
