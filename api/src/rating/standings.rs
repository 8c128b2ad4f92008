//! What a parent reads: above, near or below the middle of the class, and before buying, for which subjects.

use ::rating::standing::Standing;
use ::rating::subscriptions;
use actix_web::{HttpRequest, HttpResponse, get, web};
use domain::types::{Language, PeriodId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{child, respond};
use crate::problem::{Code, Problem, ProblemDetails, Problems};
use crate::request::{Asked, Token};
use crate::state::State;
use crate::v1::parts::{Hundredths, Subject};

/// How a child stands in one period.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rating {
    /// The period; null if none was closed yet.
    pub period_id: Option<i64>,
    /// The subjects.
    pub items: Vec<RatingOfSubject>,
}

/// How a child stands in one subject.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RatingOfSubject {
    /// The subject.
    pub subject: Subject,
    /// `above`, `near` (within 5 points) or `below` the middle, or `unavailable`, of which no reason is told.
    #[schema(example = "near")]
    pub position: &'static str,
    /// The middle of the class in percent, slightly random on purpose: 40, 45 .. 90, where 40 means 40 or less and 90 means 90 or more.
    #[schema(example = 75)]
    pub class_middle: Option<i64>,
    /// The child's own result, in percent, as the period's closing froze it.
    pub own: Hundredths,
    /// The child's own results in the periods of the school year, the earliest first.
    pub trend: Vec<OwnResult>,
}

/// A result of the child itself.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnResult {
    /// The period.
    pub period_id: i64,
    /// The result, in percent.
    pub own: Hundredths,
}

/// For which subjects there is a comparison.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Availability {
    /// The subjects of the school year.
    pub items: Vec<AvailabilityOfSubject>,
}

/// Whether a subject has a comparison.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AvailabilityOfSubject {
    /// The subject.
    pub subject: Subject,
    /// Whether any period of the school year has a comparison.
    pub available: bool,
}

/// Which period.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct OfPeriod {
    /// The period; default: the last one with a comparison, or the last one closed.
    period_id: Option<i64>,
}

impl RatingOfSubject {
    fn of(standing: Standing, language: Language) -> Self {
        let (id, names) = &standing.subject;
        Self {
            subject: Subject { id: id.0, name: names.in_language(language).to_owned() },
            position: standing.position().map_or("unavailable", ::rating::Position::as_str),
            class_middle: standing.line.map(::rating::line::Line::percent),
            own: Hundredths(standing.own),
            trend: standing
                .trend
                .iter()
                .map(|(period, own)| OwnResult { period_id: period.0, own: Hundredths(*own) })
                .collect(),
        }
    }
}

/// How the child stands in its class
///
/// By subject: above, near or below the middle of the class, which is slightly random so that nobody learns of another child.
#[utoipa::path(tag = "rating", security(("bearer" = [])), params(("id" = i64, Path, description = "The child."), OfPeriod),
    responses((status = 200, description = "The comparison.", body = Rating), (status = 304, description = "Nothing changed."),
        (status = 403, description = "It takes a subscription.", content_type = "application/problem+json", body = ProblemDetails), Problems))]
#[get("/v1/children/{id}/rating")]
async fn rating_of_child(
    token: Token,
    request: HttpRequest,
    state: web::Data<State>,
    path: web::Path<i64>,
    asked: Asked,
    query: web::Query<OfPeriod>,
) -> Result<HttpResponse, Problem> {
    let access = child(&state, token.0, *path).await?;
    let (account, now) = (access.viewer().account(), access.viewer().now());
    let rating = state.rating.get()?;
    if !rating.own().read(move |conn| subscriptions::is_entitled(conn, account, now)).await? {
        return Err(Problem::new(Code::SubscriptionRequired));
    }
    let period = query.period_id.map(PeriodId);
    let (period, found) = match rating.standings(&access, period).await? {
        Some((period, found)) => (Some(period), found),
        None => (period, Vec::new()),
    };
    let language = asked.or(access.viewer().language());
    let items = found.into_iter().map(|one| RatingOfSubject::of(one, language)).collect();
    respond(request.headers(), &Rating { period_id: period.map(|period| period.0), items })
}

/// For which subjects there is a comparison
///
/// To be asked before buying: it takes no subscription.
#[utoipa::path(tag = "rating", security(("bearer" = [])), params(("id" = i64, Path, description = "The child.")),
    responses((status = 200, description = "The subjects.", body = Availability), (status = 304, description = "Nothing changed."), Problems))]
#[get("/v1/children/{id}/rating/availability")]
async fn rating_availability(
    token: Token,
    request: HttpRequest,
    state: web::Data<State>,
    path: web::Path<i64>,
    asked: Asked,
) -> Result<HttpResponse, Problem> {
    let access = child(&state, token.0, *path).await?;
    let language = asked.or(access.viewer().language());
    let found = state.rating.get()?.available(&access).await?;
    let item = |(id, names, available): (domain::types::SubjectId, domain::types::Names, bool)| AvailabilityOfSubject {
        subject: Subject { id: id.0, name: names.in_language(language).to_owned() },
        available,
    };
    respond(request.headers(), &Availability { items: found.into_iter().map(item).collect() })
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(rating_availability).service(rating_of_child);
}
