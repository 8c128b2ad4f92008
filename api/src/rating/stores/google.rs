//! Google Play: purchases by phone, pushes by Pub/Sub.

use ::rating::entitlement::Source;
use ::rating::google::Play;
use ::rating::store_events::Recorded;
use ::rating::{Brought, Failed, Rating, inbox};
use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpRequest, HttpResponse, post, web};
use domain::db::Conn;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{closed, refused};
use crate::limits::Limit;
use crate::problem::{Code, Problem, Problems, WriteProblems};
use crate::rating::subscriptions::{Subscriptions, family};
use crate::request::{Body, Token, limited};
use crate::state::State;

/// A purchase over Google Play.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct GoogleForm {
    /// The token of the purchase.
    pub purchase_token: String,
    /// The product that was bought.
    #[schema(example = "rating.year")]
    pub product_id: String,
}

/// A push of Pub/Sub. Its other fields are not read.
#[derive(Debug, Deserialize, ToSchema)]
pub struct GooglePushForm {
    /// The message.
    pub message: PushedMessageForm,
}

/// The message of a push.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PushedMessageForm {
    /// The notification of Google Play, in base64.
    pub data: String,
    /// The name of the message.
    pub message_id: String,
}

/// Longer than any that Google makes.
const LONGEST: usize = 4096;

fn play(rating: &Rating) -> Result<&Play, Problem> {
    rating.google().ok_or_else(|| closed("Google Play"))
}

/// The store has to be asked, and cannot be.
fn away(failed: Failed) -> Problem {
    tracing::warn!(reason = %failed, "Google Play could not be asked");
    let detail = "The store does not answer; nothing is lost, bring the purchase again.";
    Problem { retry_after: Some(60), ..Problem::new(Code::Busy).detail(detail) }
}

/// Bring a purchase of Google Play
///
/// After buying, and to restore a purchase on a new phone. Twice is once. Google is asked how it stands.
#[utoipa::path(tag = "subscriptions", security(("bearer" = [])), request_body = GoogleForm,
    responses((status = 200, description = "The subscriptions with it.", body = Subscriptions), Problems, WriteProblems))]
#[post("/v1/subscriptions/google")]
async fn bring_google_purchase(
    token: Token,
    request: HttpRequest,
    state: web::Data<State>,
    form: Body<GoogleForm>,
) -> Result<HttpResponse, Problem> {
    let (viewer, _) = family(&state, token.0).await?;
    // Each one is a question to Google, whose quota all families share.
    limited(&request, &state, Limit::Accept, &format!("purchases of {}", viewer.account().0)).await?;
    let rating = state.rating.get()?;
    let (play, form) = (play(rating)?, form.0);
    let unknown = || refused("/purchaseToken", ::rating::proof::Refused::Content);
    if form.purchase_token.is_empty() || form.purchase_token.len() > LONGEST {
        return Err(unknown());
    }
    let bought = (form.purchase_token.as_str(), form.product_id.as_str());
    match rating.bring_google(play, bought, viewer.account(), viewer.now()).await? {
        Ok(Brought::Recorded(Recorded::Taken)) => Err(Problem::new(Code::SubscriptionTaken)),
        Ok(Brought::Recorded(_)) => Ok(HttpResponse::Ok().json(Subscriptions::read(&state, &viewer).await?)),
        Ok(Brought::Refused(why)) => Err(refused("/purchaseToken", why)),
        Err(Failed::Unknown) => Err(unknown()),
        Err(failed) => Err(away(failed)),
    }
}

/// Take a push of Google Play
///
/// Real-time developer notifications over Pub/Sub, whose OIDC token is the credential. It says that something changed; how the
/// purchase stands is asked after the answer.
#[utoipa::path(tag = "subscriptions", security(()), request_body = GooglePushForm,
    responses((status = 204, description = "It is kept."), Problems, WriteProblems))]
#[post("/v1/webhooks/google")]
async fn take_google_push(
    request: HttpRequest,
    state: web::Data<State>,
    form: Body<GooglePushForm>,
) -> Result<HttpResponse, Problem> {
    let (rating, now) = (state.rating.get()?, state.clock.now());
    let play = play(rating)?;
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = header.strip_prefix("Bearer ").unwrap_or_default();
    if let Err(why) = play.prove(token, now).await.map_err(away)? {
        tracing::warn!(reason = %why, "a push in the name of Google Play was refused");
        return Err(Problem::new(Code::Unauthenticated));
    }
    let PushedMessageForm { data, message_id } = form.0.message;
    if play.changed(&data).map_err(|why| refused("/message/data", why))?.is_some() {
        let work = move |conn: &mut Conn| inbox::put(conn, Source::Google, &message_id, &data, now);
        rating.own().write(work).await?;
        state.rating.wake();
    }
    Ok(HttpResponse::NoContent().finish())
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(bring_google_purchase).service(take_google_push);
}
