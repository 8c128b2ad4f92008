//! The App Store: purchases by phone, notifications by the store.

use ::rating::apple::Shop;
use ::rating::entitlement::Source;
use ::rating::inbox;
use ::rating::store_events::{self, Recorded};
use actix_web::{HttpResponse, post, web};
use domain::db::Conn;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{closed, refused};
use crate::problem::{Code, Problem, Problems, WriteProblems};
use crate::rating::subscriptions::{Subscriptions, family};
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
    state.rating.get()?.apple().ok_or_else(|| closed("the App Store"))
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
    let (account, now) = (viewer.account(), viewer.now());
    let read = shop(&state)?.transaction(&form.0.signed_transaction, now);
    let bought = read.map_err(|why| refused("/signedTransaction", why))?;
    let work = move |conn: &mut Conn| store_events::record(conn, Source::Apple, &bought, Some(account), now);
    match state.rating.get()?.own().write(work).await? {
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
    let (now, payload) = (state.clock.now(), form.0.signed_payload);
    let read = shop(&state)?.notification(&payload, now);
    if let Some(said) = read.map_err(|why| refused("/signedPayload", why))? {
        let work = move |conn: &mut Conn| inbox::put(conn, Source::Apple, &said.event.id, &payload, now);
        state.rating.get()?.own().write(work).await?;
        state.rating.wake();
    }
    Ok(HttpResponse::NoContent().finish())
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(bring_apple_purchase).service(take_apple_notification);
}
