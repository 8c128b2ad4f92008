//! What stores and phones bring: proved first, then kept, then folded, in one transaction before the answer.

use ::rating::apple::{Refused, Shop, Word};
use ::rating::entitlement::Source;
use ::rating::store_events::{self, Recorded};
use actix_web::{HttpResponse, post, web};
use chrono::NaiveDateTime;
use domain::db::Conn;
use domain::error::Flaw;
use domain::types::AccountId;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::subscriptions::{Subscriptions, family};
use crate::problem::{Code, Problem, Problems, WriteProblems};
use crate::request::{Body, Token};
use crate::state::State;

/// A purchase over the App Store.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AppleForm {
    /// The transaction as the phone holds it: its `jwsRepresentation`.
    pub signed_transaction: String,
}

/// A notification of the App Store. Its other fields, should there be any, are not read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppleNotificationForm {
    /// The notification, signed.
    pub signed_payload: String,
}

fn shop(state: &State) -> Result<&Shop, Problem> {
    let nothing = "This server sells nothing over the App Store.";
    state.rating.get()?.apple().ok_or_else(|| Problem::new(Code::NotFound).detail(nothing))
}

/// Whoever sent it learns that it is not believed, and the log why.
fn refused(pointer: &'static str, why: Refused) -> Problem {
    tracing::warn!(reason = %why, "a text in the name of the App Store was refused");
    let flaw = Flaw::new(pointer, "not-believed", "The App Store did not sign this for this app.");
    Problem { errors: vec![flaw], ..Problem::new(Code::ValidationFailed) }
}

async fn record(state: &State, told: Word, bearer: Option<AccountId>, now: NaiveDateTime) -> Result<Recorded, Problem> {
    let work = move |conn: &mut Conn| store_events::record(conn, Source::Apple, &told, bearer, now);
    Ok(state.rating.get()?.own().write(work).await?)
}

/// Bring a purchase of the App Store
///
/// After buying, and to restore a purchase on a new phone. Twice is once.
#[utoipa::path(tag = "subscriptions", security(("bearer" = [])), request_body = AppleForm,
    responses((status = 200, description = "The subscriptions with it.", body = Subscriptions), Problems, WriteProblems))]
#[post("/v1/subscriptions/apple")]
async fn bring_apple_purchase(
    token: Token,
    state: web::Data<State>,
    form: Body<AppleForm>,
) -> Result<HttpResponse, Problem> {
    let (viewer, _) = family(&state, token.0).await?;
    let read = shop(&state)?.transaction(&form.0.signed_transaction, viewer.now());
    let word = read.map_err(|why| refused("/signedTransaction", why))?;
    match record(&state, word, Some(viewer.account()), viewer.now()).await? {
        Recorded::Taken => Err(Problem::new(Code::SubscriptionTaken)),
        Recorded::Stands(_) | Recorded::Waiting => {
            Ok(HttpResponse::Ok().json(Subscriptions::read(&state, &viewer).await?))
        }
    }
}

/// Take a notification of the App Store
///
/// App Store Server Notifications V2. The signature is the credential; what was taken once is taken again without effect.
#[utoipa::path(tag = "subscriptions", security(()), request_body = AppleNotificationForm,
    responses((status = 204, description = "It is kept."), Problems, WriteProblems))]
#[post("/v1/webhooks/apple")]
async fn take_apple_notification(
    state: web::Data<State>,
    form: Body<AppleNotificationForm>,
) -> Result<HttpResponse, Problem> {
    let now = state.clock.now();
    let read = shop(&state)?.notification(&form.0.signed_payload, now);
    if let Some(word) = read.map_err(|why| refused("/signedPayload", why))? {
        record(&state, word, None, now).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(bring_apple_purchase).service(take_apple_notification);
}
