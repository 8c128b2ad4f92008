//! Forecasts as families see them, and what would come of other grades.

use actix_web::{HttpResponse, post, web};
use domain::assessment::explain::{Standing, explain};
use domain::assessment::{self, Part};
use domain::error::Noun;
use domain::forecasts::{self, Imagined};
use domain::types::{ChildId, Language, PeriodId, SubjectId};
use domain::{Error, access, periods};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::parts::Hundredths;
use crate::bodies::json;
use crate::problem::{Problem, Problems, WriteProblems};
use crate::request::{Asked, Body, Token};
use crate::state::State;
use crate::words::{self, Word};

/// What a period would end with or has ended with, and how that comes about.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Forecast {
    /// The percentage; null where the scheme takes the mean of grades.
    pub percent: Option<Hundredths>,
    /// The mean of grades; null where the scheme counts points.
    pub mean: Option<Hundredths>,
    /// The grade.
    #[schema(example = "4")]
    pub value: String,
    /// The scheme it was found by.
    #[schema(example = "kz-2020")]
    pub scheme: String,
    /// The version of the scheme.
    pub scheme_version: i32,
    /// Whether the period is closed: then this is its result, and no forecast any more.
    pub r#final: bool,
    /// What it is made of, also what is still to come.
    pub components: Vec<Component>,
    /// How it comes about, in the language of the answer.
    pub explanation: String,
}

/// One component of a forecast.
#[derive(Debug, Serialize, ToSchema)]
pub struct Component {
    /// The kind of work that gives the component its name.
    pub kind: words::GradeKind,
    /// All kinds of work that count in it.
    pub kinds: Vec<words::GradeKind>,
    /// Its weight in percent. While a component has no grade, the others count in proportion.
    pub weight: Hundredths,
    /// The percentage in it; null while there is none, or where grades are averaged.
    pub percent: Option<Hundredths>,
    /// The mean of grades in it; null while there is none, or where points are counted.
    pub mean: Option<Hundredths>,
    /// How many grades it has.
    pub count: usize,
}

/// Grades somebody wonders about.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct WhatIfForm {
    /// The period; it must not be closed.
    pub period_id: i64,
    /// The grades that may come, 1 to 50.
    #[schema(min_items = 1, max_items = 50)]
    #[serde(deserialize_with = "crate::request::objects")]
    pub grades: Vec<WhatIfGrade>,
}

/// A grade somebody wonders about.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct WhatIfGrade {
    /// What kind of work it is for.
    pub kind: words::GradeKind,
    /// The points reached; where the school averages grades, the grade itself.
    pub points: Hundredths,
    /// The points there are at most; may be left out where the scheme knows it.
    #[serde(default)]
    pub max_points: Option<Hundredths>,
}

/// What would come of other grades.
#[derive(Debug, Serialize, ToSchema)]
pub struct WhatIf {
    /// The forecast with these grades beside the real ones.
    pub forecast: Option<Forecast>,
}

/// The most grades of one question.
const MOST: usize = 50;

impl Forecast {
    pub fn of(forecast: forecasts::Forecast, language: Language) -> Self {
        let standing = if forecast.is_final { Standing::Final } else { Standing::Forecast };
        Self::said(forecast, standing, language)
    }

    fn said(forecast: forecasts::Forecast, standing: Standing, language: Language) -> Self {
        let assessed = forecast.assessed;
        Self {
            percent: assessed.percent.map(Hundredths),
            mean: assessed.mean.map(Hundredths),
            explanation: explain(&assessed, standing, language),
            value: named(&assessed, language),
            scheme: forecast.scheme,
            scheme_version: forecast.version,
            r#final: forecast.is_final,
            components: assessed.parts.iter().filter_map(Component::of).collect(),
        }
    }
}

fn named(assessed: &assessment::Assessed, language: Language) -> String {
    assessed.names.as_ref().map_or(assessed.value.as_str(), |names| names.in_language(language)).to_owned()
}

impl Component {
    fn of(part: &Part) -> Option<Self> {
        Some(Self {
            kind: Word(*part.kinds.first()?),
            kinds: part.kinds.iter().copied().map(Word).collect(),
            weight: Hundredths(i64::from(part.weight) * 100),
            percent: part.percent.map(Hundredths),
            mean: part.mean.map(Hundredths),
            count: part.count,
        })
    }
}

impl WhatIfForm {
    fn imagined(&self) -> Result<Vec<Imagined>, Error> {
        if !(1..=MOST).contains(&self.grades.len()) {
            return Err(Error::flaw("/grades", "range", "Give 1 to 50 grades."));
        }
        let imagined = |grade: &WhatIfGrade| Imagined {
            kind: grade.kind.0,
            points: grade.points.0,
            max_points: grade.max_points.map(|most| most.0),
        };
        Ok(self.grades.iter().map(imagined).collect())
    }
}

/// What would come of other grades
///
/// The same engine on the real grades of a subject and period and some that are only imagined. Nothing is kept.
#[utoipa::path(tag = "diary", security(("bearer" = [])),
    params(("id" = i64, Path, description = "The child."), ("subjectId" = i64, Path, description = "The subject.")),
    request_body = WhatIfForm,
    responses((status = 200, description = "What the period would end with.", body = WhatIf), Problems, WriteProblems))]
#[post("/children/{id}/subjects/{subjectId}/what-if")]
async fn what_if(
    token: Token,
    state: web::Data<State>,
    path: web::Path<(i64, i64)>,
    asked: Asked,
    form: Body<WhatIfForm>,
) -> Result<HttpResponse, Problem> {
    let (child, subject, form) = (ChildId(path.0), SubjectId(path.1), form.0);
    let work = move |conn: &mut _| {
        let access = access::child(conn, &token.0, child)?;
        let imagined = form.imagined()?;
        let period = periods::chosen(conn, &access, Some(PeriodId(form.period_id)))?;
        let period = period.ok_or(Error::NotFound(Noun::Period))?;
        let language = asked.or(access.viewer().language());
        let forecast = forecasts::what_if(conn, &access, &period, subject, &imagined)?;
        json(&WhatIf { forecast: forecast.map(|one| Forecast::said(one, Standing::Imagined, language)) })
    };
    let answer = state.db.read(work).await?;
    Ok(HttpResponse::Ok().content_type("application/json").body(answer))
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(what_if);
}
