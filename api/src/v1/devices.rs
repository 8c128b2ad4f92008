//! The phones that pushes go to.

use std::time::{Duration, Instant};

use actix_web::{HttpRequest, HttpResponse, delete, post, put, web};
use domain::alerts::devices::{self, Installation};
use domain::alerts::trial;
use domain::db::Conn;
use domain::error::Flaw;
use domain::letters::is_hidden;
use domain::types::DeliveryState;
use domain::{Error, access, secrets};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::limits::Limit;
use crate::problem::{Code, Problem, Problems, WriteProblems};
use crate::request::{Body, Token, limited};
use crate::state::State;
use crate::words::{self, Word};

/// An installation of the app, as it tells of itself.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct DeviceRegistration {
    /// Where the app runs.
    platform: words::Platform,
    /// The push provider's name of this installation (FCM registration token), 1 to 1024 visible ASCII characters.
    #[schema(min_length = 1, max_length = 1024)]
    push_token: String,
    /// The app's version, 1 to 40 characters.
    #[schema(min_length = 1, max_length = 40, example = "1.4.2")]
    app_version: String,
    /// The language the app is shown in.
    language: words::Language,
}

/// An installation that gets pushes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegisteredDevice {
    /// The id the app gave itself.
    #[schema(format = "uuid")]
    pub installation_id: String,
    /// Where the app runs.
    pub platform: words::Platform,
    /// The app's version.
    pub app_version: String,
    /// The language the app is shown in.
    pub language: words::Language,
}

impl DeviceRegistration {
    fn check(self, id: Uuid) -> Result<Installation, Error> {
        let mut flaws = Vec::new();
        if !(1..=1024).contains(&self.push_token.len()) || !self.push_token.bytes().all(|byte| byte.is_ascii_graphic())
        {
            flaws.push(Flaw::new("/pushToken", "shape", "A push token is 1 to 1024 visible ASCII characters."));
        }
        if !(1..=40).contains(&self.app_version.chars().count()) || self.app_version.chars().any(is_hidden) {
            flaws.push(Flaw::new("/appVersion", "length", "An app's version has 1 to 40 characters."));
        }
        if !flaws.is_empty() {
            return Err(Error::Invalid(flaws));
        }
        Ok(Installation {
            id: id.to_string(),
            platform: self.platform.0,
            push_token: self.push_token,
            app_version: self.app_version,
            language: self.language.0,
        })
    }
}

/// The id in a path: a UUID, which nobody else can guess; anything else names no installation.
pub fn installation(text: &str) -> Result<Uuid, Problem> {
    let id = Uuid::try_parse(text).ok().filter(|id| id.to_string().eq_ignore_ascii_case(text));
    id.ok_or_else(|| Problem::new(Code::NotFound))
}

/// Register this installation for pushes
///
/// The app makes a random UUID when it is installed and registers at each start, when its push token changes, and at least
/// once a month. The registration ends when its session does. A push token that was registered elsewhere moves here: the
/// other account gets nothing more on it. An account has at most 20 installations; the one unseen for longest makes room.
#[utoipa::path(tag = "alerts", security(("bearer" = [])),
    params(("installationId" = String, Path, description = "The UUID the app gave itself.")), request_body = DeviceRegistration,
    responses((status = 200, description = "Registered.", body = RegisteredDevice), Problems, WriteProblems))]
#[put("/devices/{installationId}")]
async fn register_device(
    token: Token,
    state: web::Data<State>,
    id: web::Path<String>,
    form: Body<DeviceRegistration>,
) -> Result<HttpResponse, Problem> {
    let id = installation(&id)?;
    let app = form.0.check(id)?;
    let answer = RegisteredDevice {
        installation_id: id.to_string(),
        platform: Word(app.platform),
        app_version: app.app_version.clone(),
        language: Word(app.language),
    };
    let work = move |conn: &mut Conn| {
        let viewer = access::viewer(conn, &token.0)?;
        devices::register(conn, &viewer, &app)
    };
    state.db.write(work).await?;
    Ok(HttpResponse::Ok().json(answer))
}

/// End pushes to an installation
///
/// Nothing more is sent to it, whatever waits. Signing out does the same.
#[utoipa::path(tag = "alerts", security(("bearer" = [])),
    params(("installationId" = String, Path, description = "The UUID the app gave itself.")),
    responses((status = 204, description = "Ended."), Problems))]
#[delete("/devices/{installationId}")]
async fn remove_device(token: Token, state: web::Data<State>, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id = installation(&id)?.to_string();
    let work = move |conn: &mut Conn| {
        let viewer = access::viewer(conn, &token.0)?;
        devices::remove(conn, &viewer, &id)
    };
    state.db.write(work).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What became of a trial.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceTrial {
    /// `accepted`: the push provider took it, and the phone should show it in a moment. `pending`: it is still under way; try
    /// again later. Anything else: it did not leave.
    pub state: words::DeliveryState,
    /// Why it did not leave, in a word for the app's developer.
    pub reason: Option<String>,
}

/// How long an answer waits for the trial's end, and how often it looks.
const TRIAL: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(100);

/// Try whether alerts reach this phone
///
/// Sends one trial, whatever the preferences say, and tells what became of it after at most ten seconds.
#[utoipa::path(tag = "alerts", security(("bearer" = [])),
    params(("installationId" = String, Path, description = "The UUID the app gave itself.")),
    responses((status = 200, description = "What became of it.", body = DeviceTrial), Problems))]
#[post("/devices/{installationId}/test")]
async fn test_device(
    request: HttpRequest,
    token: Token,
    state: web::Data<State>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let (id, seed) = (installation(&id)?.to_string(), secrets::token());
    let bearer = token.0.clone();
    let viewer = state.db.read(move |conn| access::viewer(conn, &bearer)).await?;
    limited(&request, &state, Limit::Trial, &viewer.account().0.to_string()).await?;
    let owner = viewer.clone();
    let trial = state.db.write(move |conn| trial::begin(conn, &owner, &id, &seed)).await?;
    state.signal.ring().await;
    let begin = Instant::now();
    loop {
        let owner = viewer.clone();
        let (now, reason) = state.db.read(move |conn| trial::outcome(conn, &owner, trial)).await?;
        if now != DeliveryState::Pending || begin.elapsed() > TRIAL {
            return Ok(HttpResponse::Ok().json(DeviceTrial { state: Word(now), reason }));
        }
        tokio::time::sleep(LOOK).await;
    }
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(register_device).service(remove_device).service(test_device);
}
