//! Password resets.

use actix_web::{HttpRequest, HttpResponse, post, web};
use chrono::NaiveDateTime;
use domain::accounts::{self, Login, passwords, resets};
use domain::{Error, secrets};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::letters;
use crate::limits::Limit;
use crate::problem::{Problem, Problems, WriteProblems};
use crate::request::{Address, Body, limited};
use crate::state::State;

/// Whose password.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ResetForm {
    /// The login.
    login: String,
}

/// The new password.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ConfirmForm {
    /// The token from the letter, or the code from the school.
    token: String,
    /// The new password, 8 to 128 characters.
    #[schema(min_length = 8, max_length = 128)]
    password: String,
}

/// Ask for a password reset
///
/// A letter goes out if there is such an account with an e-mail address; the answer is the same in any case. Without an
/// address the school gives a code.
#[utoipa::path(tag = "sessions", security(()), request_body = ResetForm,
    responses((status = 202, description = "Taken, whatever the login is."), Problems, WriteProblems))]
#[post("/password-resets")]
async fn ask_reset(
    request: HttpRequest,
    state: web::Data<State>,
    address: Address,
    form: Body<ResetForm>,
) -> Result<HttpResponse, Problem> {
    limited(&request, &state, Limit::ResetByAddress, &address.0.to_string()).await?;
    let accepted = || HttpResponse::Accepted().insert_header(("cache-control", "no-store")).finish();
    let Ok(login) = Login::parse(&form.0.login) else { return Ok(accepted()) };
    if limited(&request, &state, Limit::ResetByAccount, login.as_str()).await.is_err() {
        return Ok(accepted());
    }
    // The letter is written behind the answer, so that its time tells nothing about the login; it counts as of the request.
    let now = state.clock.now();
    // Owned by the runtime and not by its local set, which a stopping worker drops outside the runtime: a connection to the
    // mail server, given back there, would abort the process.
    #[allow(clippy::disallowed_methods, reason = "it ends with its one letter")]
    tokio::spawn(async move {
        if let Err(error) = send_reset(&state, login, now).await {
            tracing::error!(error = %error, "a reset letter did not leave");
        }
    });
    Ok(accepted())
}

async fn send_reset(state: &State, login: Login, now: NaiveDateTime) -> anyhow::Result<()> {
    let token = secrets::token();
    let stored = token.clone();
    let work = move |conn: &mut domain::db::Conn| {
        let Some((account, _)) = accounts::by_login(conn, &login)? else { return Ok(None) };
        let Some(email) = account.email.clone() else { return Ok(None) };
        let opened = resets::open(conn, account.id, &stored, now)?;
        Ok(opened.then_some((email, account.language)))
    };
    if let Some((email, language)) = state.db.write(work).await? {
        state.mailer.send(&letters::reset(email, language, &token)).await?;
    }
    Ok(())
}

/// Set a new password
///
/// With the token of the letter or the school's code. Ends every session of the account.
#[utoipa::path(tag = "sessions", security(()), request_body = ConfirmForm,
    responses((status = 204, description = "Set; sign in with it."), Problems, WriteProblems))]
#[post("/password-resets/confirm")]
async fn confirm_reset(
    request: HttpRequest,
    state: web::Data<State>,
    address: Address,
    form: Body<ConfirmForm>,
) -> Result<HttpResponse, Problem> {
    limited(&request, &state, Limit::Accept, &address.0.to_string()).await?;
    let (form, now) = (form.0, state.clock.now());
    let presented = form.token.clone();
    let (_, words) = state.db.read(move |conn| resets::owner(conn, &presented, now)).await?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    passwords::check("/password", &form.password, &words)?;
    let hash = state.passwords.hash(form.password).await?;
    let token = form.token;
    state
        .db
        .write(move |conn| resets::confirm(conn, &token, &hash, now).map(drop))
        .await
        .map_err(|error: Error| error)?;
    Ok(HttpResponse::NoContent().insert_header(("cache-control", "no-store")).finish())
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(ask_reset).service(confirm_reset);
}
