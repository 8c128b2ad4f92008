//! Tokens for journals: OAuth 2 client credentials (RFC 6749, section 4.4).

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, post, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::clients::{self, Credentials, Scopes};
use domain::secrets;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::limits::Limit;
use crate::problem::{Code, Problem, Problems, WriteProblems};
use crate::request::{Address, limited};
use crate::state::State;

/// A request for a token; other fields are passed over, as RFC 6749 wants it.
#[derive(Deserialize, ToSchema)]
pub struct TokenForm {
    /// Always `client_credentials`.
    #[schema(example = "client_credentials")]
    grant_type: String,
    /// The scopes wanted, with spaces between; without it all the journal has.
    #[schema(example = "roster journal")]
    scope: Option<String>,
    /// The client id, where it does not come in an `Authorization: Basic` header.
    client_id: Option<String>,
    /// The client secret, likewise.
    client_secret: Option<String>,
}

/// A journal's access token.
#[derive(Serialize, ToSchema)]
pub struct JournalToken {
    /// Goes into `Authorization: Bearer ...`; opaque.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds it lives.
    pub expires_in: i64,
    /// The scopes it carries.
    pub scope: String,
}

/// Get a token for a journal
///
/// Client credentials go into the form or into an `Authorization: Basic` header, not both. The scopes are `roster`, `journal`, `news`, `read` and `reopen`.
#[utoipa::path(tag = "school", security(()), request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "A token.", body = JournalToken), Problems, WriteProblems))]
#[post("/oauth/token")]
async fn journal_token(
    request: HttpRequest,
    state: web::Data<State>,
    address: Address,
    form: web::Form<TokenForm>,
) -> Result<HttpResponse, Problem> {
    limited(&request, &state, Limit::Token, &address.0.to_string()).await?;
    let who = credentials(&request, form.into_inner())?;
    let (token, now) = (secrets::token(), state.clock.now());
    let opened = token.clone();
    let scopes = state.db.write(move |conn| clients::open_token(conn, &who, &opened, now)).await?;
    let body = JournalToken {
        access_token: token,
        token_type: "Bearer",
        expires_in: clients::ACCESS.num_seconds(),
        scope: scopes.text(),
    };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(body))
}

fn credentials(request: &HttpRequest, form: TokenForm) -> Result<Credentials, Problem> {
    if form.grant_type != "client_credentials" {
        return Err(Problem::new(Code::UnsupportedGrantType));
    }
    let scopes = Scopes::parse(form.scope.as_deref().unwrap_or_default())
        .map_err(|word| Problem::new(Code::InvalidScope).detail(format!("There is no scope {word:?}.")))?;
    let value = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (key, secret) = match (value.and_then(basic), form.client_id, form.client_secret) {
        (Some(coded), None, None) => basic_pair(coded).ok_or_else(|| Problem::new(Code::InvalidClient))?,
        (None, Some(key), Some(secret)) => (key, secret),
        (Some(_), ..) => return Err(Problem::malformed("Send the credentials once: in the header or in the form.")),
        (None, ..) => return Err(Problem::new(Code::InvalidClient)),
    };
    Ok(Credentials { key, secret, scopes })
}

/// What follows `Basic` in an `Authorization` header; other schemes say nothing of a journal.
fn basic(value: &str) -> Option<&str> {
    let (scheme, coded) = value.split_once(' ').unwrap_or((value, ""));
    scheme.eq_ignore_ascii_case("basic").then_some(coded)
}

/// Both halves are form-encoded before they are joined (RFC 6749, section 2.3.1).
fn basic_pair(coded: &str) -> Option<(String, String)> {
    let plain = String::from_utf8(STANDARD.decode(coded.trim()).ok()?).ok()?;
    let (key, secret) = plain.split_once(':')?;
    Some((decoded(key)?, decoded(secret)?))
}

fn decoded(half: &str) -> Option<String> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&format!("half={half}")).ok()?;
    match pairs.as_slice() {
        [(_, half)] => Some(half.clone()),
        _ => None,
    }
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(journal_token);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_halves_of_basic_credentials_are_form_encoded() {
        let coded = STANDARD.encode("journal%3A7:se%2Bcr+et");
        assert_eq!(basic_pair(&coded), Some(("journal:7".to_owned(), "se+cr et".to_owned())));
        assert_eq!((basic("basic YQ=="), basic("Basic"), basic("Bearer YQ==")), (Some("YQ=="), Some(""), None));
        for bad in ["", "%%%", &STANDARD.encode("a:b&c=d")] {
            assert_eq!(basic_pair(bad), None, "{bad}");
        }
    }
}
