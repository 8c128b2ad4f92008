//! Invitations: the only way in.

use actix_web::{HttpRequest, HttpResponse, post, web};
use chrono::NaiveDate;
use domain::accounts::{self, Login, Newcomer, passwords};
use domain::db::Scope;
use domain::error::Flaw;
use domain::letters::is_hidden;
use domain::sessions::{self, Device, Tokens};
use domain::types::{FullName, Language, Platform, Role};
use domain::{Error, access, idempotency, invitations};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::sessions::{DeviceForm, Opened};
use crate::limits::Limit;
use crate::problem::{Problem, Problems, WriteProblems};
use crate::request::{Address, Asked, Body, Once, Token, limited, object_or_null};
use crate::state::State;
use crate::words;

/// The person who accepts an invitation. Nothing more is asked of anybody.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AcceptForm {
    /// The login to sign in with, 3 to 100 characters.
    #[schema(min_length = 3, max_length = 100)]
    login: String,
    /// The password, 8 to 128 characters.
    #[schema(min_length = 8, max_length = 128)]
    password: String,
    /// The first name.
    #[schema(min_length = 1, max_length = 100)]
    first_name: String,
    /// The last name.
    #[schema(min_length = 1, max_length = 100)]
    last_name: String,
    /// The middle name.
    middle_name: Option<String>,
    /// The birth date.
    birth_date: NaiveDate,
    /// The sex.
    sex: words::Sex,
    /// The language of answers and letters; default: what the app asks for, else Kazakh.
    language: Option<words::Language>,
    /// The phone or browser; default: an unnamed browser.
    #[serde(default, deserialize_with = "object_or_null")]
    device: Option<DeviceForm>,
}

/// The children an invitation added.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Linked {
    /// Their ids.
    pub child_ids: Vec<i64>,
}

impl AcceptForm {
    /// Checks everything, so that all flaws are told at once. The password hash comes later: it costs.
    fn check(&self, asked: Asked, today: NaiveDate) -> Result<Newcomer, Problem> {
        let mut flaws = Vec::new();
        let names = [
            ("/firstName", Some(&self.first_name)),
            ("/lastName", Some(&self.last_name)),
            ("/middleName", self.middle_name.as_ref()),
        ];
        for (pointer, name) in names {
            let bad =
                |name: &String| name.trim().is_empty() || name.chars().count() > 100 || name.chars().any(is_hidden);
            if name.is_some_and(bad) {
                flaws.push(Flaw::new(pointer, "length", "A name has 1 to 100 characters."));
            }
        }
        if self.birth_date > today || self.birth_date < NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or_default() {
            flaws.push(Flaw::new("/birthDate", "range", "A birth date lies between 1900 and today."));
        }
        let personal = [self.login.as_str(), &self.first_name, &self.last_name];
        if let Err(Error::Invalid(more)) = passwords::check("/password", &self.password, &personal) {
            flaws.extend(more);
        }
        if let Some(Err(problem)) = self.device.clone().map(DeviceForm::check) {
            flaws.extend(problem.errors);
        }
        let login = match Login::parse(&self.login) {
            Ok(login) if flaws.is_empty() => login,
            Ok(_) => return Err(Error::Invalid(flaws).into()),
            Err(Error::Invalid(more)) => return Err(Error::Invalid([flaws, more].concat()).into()),
            Err(other) => return Err(other.into()),
        };
        Ok(Newcomer {
            login,
            password_hash: String::new(),
            role: Role::Guardian,
            name: FullName {
                first: self.first_name.trim().to_owned(),
                last: self.last_name.trim().to_owned(),
                middle: self.middle_name.as_ref().map(|name| name.trim().to_owned()),
            },
            birth_date: Some(self.birth_date),
            sex: Some(self.sex.0),
            language: self.language.map(|word| word.0).or(asked.0).unwrap_or(Language::Kk),
            email: None,
        })
    }
}

/// Accept an invitation
///
/// Makes an account for the person the school invited, spends the code, and signs in.
#[utoipa::path(tag = "sessions", security(()), params(("code" = String, Path, description = "The code from the school; dashes and case do not matter.")),
    request_body = AcceptForm, responses((status = 201, description = "Signed in.", body = Opened), Problems, WriteProblems))]
#[post("/invitations/{code}/accept")]
async fn accept_invitation(
    request: HttpRequest,
    state: web::Data<State>,
    address: Address,
    code: web::Path<String>,
    asked: Asked,
    form: Body<AcceptForm>,
) -> Result<HttpResponse, Problem> {
    limited(&request, &state, Limit::Accept, &address.0.to_string()).await?;
    let (code, form, now) = (code.into_inner(), form.0, state.clock.now());
    // The code first: whoever holds none learns nothing about logins, and costs no hash.
    let known = code.clone();
    state.db.read(move |conn| invitations::usable(conn, &known, now).map(drop)).await?;
    let mut newcomer = form.check(asked, now.date())?;
    let device = match form.device {
        Some(device) => device.check()?,
        None => Device { name: "browser".to_owned(), platform: Platform::Web },
    };
    newcomer.password_hash = state.passwords.hash(form.password).await?;
    let tokens = Tokens::fresh();
    let (named, stored) = (code.clone(), tokens.clone());
    let scope = move |conn: &mut _| invitations::scope(conn, &named, now);
    let work = move |conn: &mut _, touch: &mut _| {
        let owner = invitations::accept(conn, touch, &code, &newcomer, now)?;
        let ends = sessions::open(conn, owner, &device, &stored, now)?;
        Ok((accounts::one(conn, owner.0)?, ends))
    };
    let (account, ends) = state.db.write_children(scope, work).await?;
    Ok(Opened::answer(201, &tokens, ends, account, now))
}

/// Add a child to my account
///
/// For a guardian who is signed in and got a code from another school, or for another child.
#[utoipa::path(tag = "sessions", security(("bearer" = [])), params(("code" = String, Path, description = "The code from the school; dashes and case do not matter."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect and one answer.")),
    responses((status = 200, description = "The children added.", body = Linked), Problems, WriteProblems))]
#[post("/invitations/{code}/link")]
async fn link_invitation(
    token: Token,
    request: HttpRequest,
    state: web::Data<State>,
    address: Address,
    code: web::Path<String>,
    once: Once,
) -> Result<HttpResponse, Problem> {
    let key = once.bare(&request);
    limited(&request, &state, Limit::Accept, &address.0.to_string()).await?;
    let (code, bearer) = (code.into_inner(), token.0);
    let (named, asked, kept) = (code.clone(), bearer.clone(), key.clone());
    let scope = move |conn: &mut _| {
        let viewer = access::viewer(conn, &asked)?;
        match idempotency::recall(conn, &viewer, kept.as_ref())? {
            Some(_) => Ok(Scope::default()),
            None => invitations::scope(conn, &named, asked.now()),
        }
    };
    let work = move |conn: &mut _, touch: &mut _| {
        let viewer = access::viewer(conn, &bearer)?;
        idempotency::once(conn, &viewer, key.as_ref(), |conn| {
            let linked = invitations::link(conn, touch, &code, &viewer)?;
            let linked = Linked { child_ids: linked.into_iter().map(|child| child.0).collect() };
            crate::bodies::json(&linked)
        })
    };
    let answer = state.db.write_children(scope, work).await?;
    Ok(HttpResponse::Ok().content_type("application/json").body(answer))
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(accept_invitation).service(link_invitation);
}
