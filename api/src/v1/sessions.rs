//! Signing in, staying in, signing out.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use chrono::{DateTime, NaiveDateTime, Utc};
use domain::accounts::{self, Account, Login};
use domain::error::Rule;
use domain::letters::is_hidden;
use domain::sessions::{self, Device, Refreshed, Tokens};
use domain::types::SessionId;
use domain::{Error, access};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::me::User;
use super::parts::utc;
use crate::limits::Limit;
use crate::problem::{Code, Problem, Problems, WriteProblems};
use crate::request::{Address, Body, Token, limited, object};
use crate::state::State;
use crate::words::{self, Word};

/// A log-in.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LoginForm {
    /// The login.
    #[schema(example = "aigul")]
    login: String,
    /// The password.
    password: String,
    /// The phone or browser.
    #[serde(deserialize_with = "object")]
    device: DeviceForm,
}

/// The phone or browser that signs in.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct DeviceForm {
    /// What the owner calls it, at most 100 characters.
    #[schema(example = "Aigul's phone", min_length = 1, max_length = 100)]
    name: String,
    /// Where the app runs.
    platform: words::Platform,
}

impl DeviceForm {
    pub fn check(self) -> Result<Device, Problem> {
        let length = self.name.chars().count();
        if length == 0 || length > 100 || self.name.chars().any(is_hidden) {
            return Err(Error::flaw("/device/name", "length", "A device's name has 1 to 100 characters.").into());
        }
        Ok(Device { name: self.name, platform: self.platform.0 })
    }
}

/// The exchange of a refresh token.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RefreshForm {
    /// The refresh token of the last answer.
    refresh_token: String,
}

/// A session just opened or refreshed. Both tokens are opaque.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Opened {
    /// Goes into `Authorization: Bearer ...`.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds the access token lives.
    pub expires_in: i64,
    /// Gets the next pair of tokens, once.
    pub refresh_token: String,
    /// Seconds the refresh token lives.
    pub refresh_expires_in: i64,
    /// Who is signed in.
    pub user: User,
}

impl Opened {
    pub fn answer(
        status: u16,
        tokens: &Tokens,
        ends: NaiveDateTime,
        account: Account,
        now: NaiveDateTime,
    ) -> HttpResponse {
        let opened = Self {
            access_token: tokens.access.clone(),
            token_type: "Bearer",
            expires_in: sessions::ACCESS.num_seconds(),
            refresh_token: tokens.refresh(),
            refresh_expires_in: (ends - now).num_seconds(),
            user: User::of(account),
        };
        let status = actix_web::http::StatusCode::from_u16(status).unwrap_or_default();
        HttpResponse::build(status).insert_header(("cache-control", "no-store")).json(opened)
    }
}

/// The devices signed in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sessions {
    /// The devices, the latest used first.
    pub items: Vec<Session>,
    /// Always null.
    pub next_cursor: Option<String>,
}

/// A device signed in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// The session's id.
    pub id: i64,
    /// What the owner calls the device.
    pub device_name: String,
    /// Where the app runs.
    pub platform: words::Platform,
    /// When it signed in.
    pub created_at: DateTime<Utc>,
    /// When it last refreshed its tokens.
    pub last_used_at: DateTime<Utc>,
    /// Whether it is this one.
    pub current: bool,
}

/// Sign in
///
/// Unknown logins and wrong passwords are answered alike, and take as long.
#[utoipa::path(tag = "sessions", security(()), request_body = LoginForm,
    responses((status = 201, description = "Signed in.", body = Opened), Problems, WriteProblems))]
#[post("/sessions")]
async fn sign_in(
    request: HttpRequest,
    state: web::Data<State>,
    address: Address,
    form: Body<LoginForm>,
) -> Result<HttpResponse, Problem> {
    let form = form.0;
    limited(&request, &state, Limit::LoginByAddress, &address.0.to_string()).await?;
    let device = form.device.check()?;
    let login = Login::parse(&form.login).map_err(|_| Problem::new(Code::InvalidCredentials))?;
    limited(&request, &state, Limit::LoginByAccount, &format!("{} {}", address.0, login.as_str())).await?;
    if form.password.chars().count() > 128 {
        return Err(Problem::new(Code::InvalidCredentials));
    }
    let found = state.db.read(move |conn| accounts::by_login(conn, &login)).await?;
    let (account, hash) = found.map_or((None, None), |(account, hash)| (Some(account), Some(hash)));
    let right = state.passwords.verify(form.password, hash).await?;
    let (true, Some(account)) = (right, account) else { return Err(Problem::new(Code::InvalidCredentials)) };
    let (tokens, now) = (Tokens::fresh(), state.clock.now());
    let (owner, stored) = ((account.id, account.role), tokens.clone());
    let ends = state.db.write(move |conn| sessions::open(conn, owner, &device, &stored, now)).await?;
    Ok(Opened::answer(201, &tokens, ends, account, now))
}

/// Exchange a refresh token
///
/// Rotates. A spent token is honoured until its successor is first used, because answers get lost; reuse after that ends the session.
#[utoipa::path(tag = "sessions", security(()), request_body = RefreshForm,
    responses((status = 200, description = "A new pair of tokens.", body = Opened), Problems, WriteProblems))]
#[post("/sessions/refresh")]
async fn refresh(
    request: HttpRequest,
    state: web::Data<State>,
    address: Address,
    form: Body<RefreshForm>,
) -> Result<HttpResponse, Problem> {
    limited(&request, &state, Limit::Refresh, &address.0.to_string()).await?;
    let presented = form.0.refresh_token;
    let (tokens, now) = (Tokens::fresh().in_family_of(&presented), state.clock.now());
    let stored = tokens.clone();
    let work = move |conn: &mut domain::db::Conn| match sessions::refresh(conn, &presented, &stored, now)? {
        Refreshed::Rotated(account, ends) => Ok(Some((accounts::one(conn, account)?, ends))),
        Refreshed::Reused => Ok(None),
    };
    let rotated = state.db.write(work).await?;
    let (account, ends) = rotated.ok_or(Problem::from(Rule::RefreshTokenSpent))?;
    Ok(Opened::answer(200, &tokens, ends, account, now))
}

/// The devices signed in
///
/// The latest used first.
#[utoipa::path(tag = "sessions", security(("bearer" = [])), responses((status = 200, description = "The devices.", body = Sessions), Problems))]
#[get("/sessions")]
async fn list_sessions(token: Token, state: web::Data<State>) -> Result<HttpResponse, Problem> {
    let (current, found) = state
        .db
        .read(move |conn| {
            let viewer = access::viewer(conn, &token.0)?;
            Ok((viewer.session(), sessions::list(conn, &viewer)?))
        })
        .await?;
    let view = |session: sessions::Session| Session {
        id: session.id.0,
        device_name: session.device_name,
        platform: Word(session.platform),
        created_at: utc(session.created_at),
        last_used_at: utc(session.last_used_at),
        current: session.id == current,
    };
    Ok(HttpResponse::Ok().json(Sessions { items: found.into_iter().map(view).collect(), next_cursor: None }))
}

/// Sign this device out
///
/// The next request with its tokens is refused.
#[utoipa::path(tag = "sessions", security(("bearer" = [])), responses((status = 204, description = "Signed out."), Problems))]
#[delete("/sessions/current")]
async fn sign_out(token: Token, state: web::Data<State>) -> Result<HttpResponse, Problem> {
    end(token, &state, None).await
}

/// Sign one of my devices out
///
/// The next request with its tokens is refused.
#[utoipa::path(tag = "sessions", security(("bearer" = [])), params(("id" = i64, Path, description = "The session.")),
    responses((status = 204, description = "Signed out."), Problems))]
#[delete("/sessions/{id}")]
async fn sign_out_device(token: Token, state: web::Data<State>, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    end(token, &state, Some(SessionId(*id))).await
}

async fn end(token: Token, state: &State, id: Option<SessionId>) -> Result<HttpResponse, Problem> {
    state
        .db
        .write(move |conn| {
            let viewer = access::viewer(conn, &token.0)?;
            sessions::sign_out(conn, &viewer, id.unwrap_or(viewer.session()))
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(sign_in).service(refresh).service(list_sessions).service(sign_out).service(sign_out_device);
}
