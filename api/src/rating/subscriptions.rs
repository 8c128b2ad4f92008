//! What opens the comparison: a guardian's subscriptions, for all her children.

use ::rating::entitlement::{Source, State as Standing};
use ::rating::subscriptions::{self, Redeemed, Subscription};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chrono::{DateTime, NaiveDateTime, Utc};
use domain::access::{self, Bearer, Viewer};
use domain::db::Conn;
use domain::secrets;
use domain::types::SchoolId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::guardian;
use crate::limits::Limit;
use crate::problem::{Code, Problem, Problems, WriteProblems};
use crate::request::{Address, Body, Token, limited};
use crate::state::State;
use crate::v1::parts::utc;
use crate::words::Word;

pub type SubscriptionState = Word<Standing>;
pub type SubscriptionSource = Word<Source>;

/// The subscriptions of a guardian.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Subscriptions {
    /// Whether the comparison is open now, for all her children.
    pub entitled: bool,
    /// The name to buy under in a store: `appAccountToken` of an App Store purchase, `obfuscatedExternalAccountId` of Google Play.
    #[schema(example = "2f0c9f4e-8f0f-7c1a-9d0e-3b9a5c1d2e3f")]
    pub account_token: String,
    /// All there are or were, the one that lasts longest first.
    pub items: Vec<SubscriptionOfAccount>,
}

/// One subscription.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionOfAccount {
    /// Where it comes from.
    pub source: SubscriptionSource,
    /// How it stands.
    pub state: SubscriptionState,
    /// When it ends, or renews.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A voucher.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct VoucherForm {
    /// The code; dashes and case do not matter.
    #[schema(example = "ABCD-EFGH-JKLM-NPQR")]
    pub code: String,
}

impl Subscriptions {
    fn of(account_token: String, found: &[Subscription], now: NaiveDateTime) -> Self {
        let item = |one: &Subscription| SubscriptionOfAccount {
            source: Word(one.source),
            state: Word(one.known.told(now)),
            expires_at: one.known.expires_at.map(utc),
        };
        Self {
            entitled: found.iter().any(|one| one.known.entitles(now)),
            account_token,
            items: found.iter().map(item).collect(),
        }
    }

    /// As they are kept of this guardian now.
    pub async fn read(state: &State, viewer: &Viewer) -> Result<Self, Problem> {
        let (account, now) = (viewer.account(), viewer.now());
        let fresh = uuid::Uuid::now_v7().to_string();
        let work = move |conn: &mut Conn| {
            let link = subscriptions::link(conn, account, &fresh, now)?;
            Ok(Self::of(link, &subscriptions::of_account(conn, account)?, now))
        };
        Ok(state.rating.get()?.own().write(work).await?)
    }
}

/// The guardian behind a token, with the schools of her children.
pub async fn family(state: &State, bearer: Bearer) -> Result<(Viewer, Vec<SchoolId>), Problem> {
    let (viewer, children) = state.db.read(move |conn| access::children(conn, &bearer)).await?;
    guardian(&viewer)?;
    Ok((viewer, children.iter().map(access::ChildAccess::school).collect()))
}

/// My subscriptions
///
/// With the name to buy under. One subscription covers all children of a guardian.
#[utoipa::path(tag = "subscriptions", security(("bearer" = [])),
    responses((status = 200, description = "The subscriptions.", body = Subscriptions), Problems, WriteProblems))]
#[get("/v1/subscriptions")]
async fn list_subscriptions(token: Token, state: web::Data<State>) -> Result<HttpResponse, Problem> {
    let (viewer, _) = family(&state, token.0).await?;
    Ok(HttpResponse::Ok().json(Subscriptions::read(&state, &viewer).await?))
}

/// Redeem a voucher
///
/// From a school or an operator. A second voucher begins where the first one ends; the same one twice changes nothing.
#[utoipa::path(tag = "subscriptions", security(("bearer" = [])), request_body = VoucherForm,
    responses((status = 200, description = "The subscriptions with it.", body = Subscriptions), Problems, WriteProblems))]
#[post("/v1/subscriptions/voucher")]
async fn redeem_voucher(
    token: Token,
    request: HttpRequest,
    state: web::Data<State>,
    address: Address,
    form: Body<VoucherForm>,
) -> Result<HttpResponse, Problem> {
    limited(&request, &state, Limit::Accept, &address.0.to_string()).await?;
    let (viewer, schools) = family(&state, token.0).await?;
    let (account, now, hash) = (viewer.account(), viewer.now(), secrets::code_hash(&form.0.code));
    let work = move |conn: &mut Conn| subscriptions::redeem(conn, account, &schools, &hash, now);
    match state.rating.get()?.own().write(work).await? {
        Redeemed::Until(_) => Ok(HttpResponse::Ok().json(Subscriptions::read(&state, &viewer).await?)),
        Redeemed::Unknown => Err(Problem::new(Code::NotFound)),
        Redeemed::Spent => Err(Problem::new(Code::VoucherSpent)),
    }
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_subscriptions).service(redeem_voucher);
}
