//! The signed-in person.

use actix_web::{HttpResponse, get, patch, put, web};
use domain::accounts::{self, Account, Patch, passwords};
use domain::{access, idempotency, sessions};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::problem::{Code, Problem, Problems, WriteProblems};
use crate::request::{Body, Once, Token};
use crate::state::State;
use crate::words::{self, Word};

/// An account, as its owner sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The account's id.
    pub id: i64,
    /// Whom it stands for.
    pub role: words::Role,
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
    /// The middle name.
    pub middle_name: Option<String>,
    /// How the owner wants to be shown.
    pub display_name: Option<String>,
    /// The language of answers and letters.
    pub language: words::Language,
    /// Where letters go.
    pub email: Option<String>,
    /// A phone number, if the owner gave one.
    pub phone: Option<String>,
}

impl User {
    pub fn of(account: Account) -> Self {
        Self {
            id: account.id.0,
            role: Word(account.role),
            first_name: account.first,
            last_name: account.last,
            middle_name: account.middle,
            display_name: account.display_name,
            language: Word(account.language),
            email: account.email,
            phone: account.phone,
        }
    }
}

/// What to change; what is left out stays, null empties a field.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct MeForm {
    /// The language of answers and letters.
    language: Option<words::Language>,
    /// Where letters go.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    email: Option<Option<String>>,
    /// A phone number, + and digits.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    phone: Option<Option<String>>,
    /// How the owner wants to be shown.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    display_name: Option<Option<String>>,
}

/// Tells `null` from a missing key.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

/// A change of password.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PasswordForm {
    /// The password so far.
    current_password: String,
    /// The new one, 8 to 128 characters.
    #[schema(min_length = 8, max_length = 128)]
    password: String,
}

/// Who I am
///
/// The account behind the token.
#[utoipa::path(tag = "account", security(("bearer" = [])), responses((status = 200, description = "The account.", body = User), Problems))]
#[get("/me")]
async fn me(token: Token, state: web::Data<State>) -> Result<HttpResponse, Problem> {
    let account = state
        .db
        .read(move |conn| {
            let viewer = access::viewer(conn, &token.0)?;
            accounts::one(conn, viewer.account())
        })
        .await?;
    Ok(HttpResponse::Ok().json(User::of(account)))
}

/// Change my account
///
/// A merge patch: what is left out stays, null empties a field.
#[utoipa::path(tag = "account", security(("bearer" = [])), request_body = MeForm,
    responses((status = 200, description = "The account as it is now.", body = User), Problems, WriteProblems))]
#[patch("/me")]
async fn change_me(token: Token, state: web::Data<State>, form: Body<MeForm>) -> Result<HttpResponse, Problem> {
    let form = form.0;
    let patch = Patch {
        language: form.language.map(|word| word.0),
        email: form.email,
        phone: form.phone,
        display_name: form.display_name,
    };
    let account = state
        .db
        .write(move |conn| {
            let viewer = access::viewer(conn, &token.0)?;
            accounts::patch(conn, &viewer, &patch)
        })
        .await?;
    Ok(HttpResponse::Ok().json(User::of(account)))
}

/// Change my password
///
/// Ends every other session of the account.
#[utoipa::path(tag = "account", security(("bearer" = [])), request_body = PasswordForm,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect and one answer.")),
    responses((status = 204, description = "Changed."), Problems, WriteProblems))]
#[put("/me/password")]
async fn change_password(
    token: Token,
    state: web::Data<State>,
    once: Once,
    form: Body<PasswordForm>,
) -> Result<HttpResponse, Problem> {
    let key = once.key(&form.1);
    let (bearer, form) = (token.0, form.0);
    let (asked, kept) = (bearer.clone(), key.clone());
    let (answered, own, hash) = state
        .db
        .read(move |conn| {
            let viewer = access::viewer(conn, &asked)?;
            let answered = idempotency::recall(conn, &viewer, kept.as_ref())?.is_some();
            Ok((answered, accounts::one(conn, viewer.account())?, accounts::password_hash(conn, viewer.account())?))
        })
        .await?;
    if answered {
        return Ok(HttpResponse::NoContent().finish());
    }
    passwords::check("/password", &form.password, &[&own.first, &own.last])?;
    if !state.passwords.verify(form.current_password, Some(hash)).await? {
        return Err(Problem::new(Code::InvalidCredentials).detail("The current password is not right."));
    }
    let hash = state.passwords.hash(form.password).await?;
    state
        .db
        .write(move |conn| {
            let viewer = access::viewer(conn, &bearer)?;
            idempotency::once(conn, &viewer, key.as_ref(), |conn| {
                accounts::set_password(conn, viewer.account(), &hash)?;
                sessions::end_others(conn, viewer.account(), Some(viewer.session()), viewer.now())?;
                Ok(String::new())
            })
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(me).service(change_me).service(change_password);
}
