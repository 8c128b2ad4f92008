//! Codes the school hands out: invitations for people without an account, resets for people who forgot their password.

use actix_web::{HttpResponse, post, web};
use chrono::{DateTime, Utc};
use domain::access::{self, SchoolAccess};
use domain::accounts::resets;
use domain::db::Conn;
use domain::error::Flaw;
use domain::invitations::{self, Invited};
use domain::types::{ClientScope, Role, SchoolId};
use domain::{Error, secrets};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::delivery::ItemProblem;
use super::fields::external_id;
use crate::problem::{Problem, Problems, WriteProblems};
use crate::request::{Body, Token, objects};
use crate::state::State;
use crate::v1::parts::utc;
use crate::words;

/// People of the school, 1 to 1000.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PeopleForm {
    /// For whom.
    #[schema(min_items = 1, max_items = 1000)]
    #[serde(deserialize_with = "objects")]
    items: Vec<PersonForm>,
}

/// A person the school knows.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PersonForm {
    /// guardian, student or teacher. Only an operator invites a school admin.
    role: words::Role,
    /// The school's own id of the person.
    external_id: String,
}

/// Codes, in the order of the people; each is shown here once.
#[derive(Serialize, ToSchema)]
pub struct Codes {
    /// One result a person.
    pub results: Vec<CodeResult>,
}

/// A person's code, or why there is none.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CodeResult {
    /// The school's own id of the person.
    pub external_id: String,
    /// The code to hand on.
    pub code: Option<String>,
    /// Until when it can be used.
    pub expires_at: Option<DateTime<Utc>>,
    /// Why there is none.
    pub problem: Option<ItemProblem>,
}

/// What a code is for.
#[derive(Clone, Copy)]
enum Purpose {
    Invite,
    Reset,
}

/// Invite people
///
/// Scope `roster`. A code each, for guardians, students and teachers; it is used once, at `/v1/invitations/{code}/accept`.
#[utoipa::path(tag = "school", security(("bearer" = [])), params(("id" = i64, Path, description = "The school.")), request_body = PeopleForm,
    responses((status = 200, description = "The codes.", body = Codes), Problems, WriteProblems))]
#[post("/invitations")]
async fn invite_people(
    token: Token,
    state: web::Data<State>,
    school: web::Path<i64>,
    form: Body<PeopleForm>,
) -> Result<HttpResponse, Problem> {
    hand_out(&state, token, *school, form.0, Purpose::Invite).await
}

/// Let people set a new password
///
/// Scope `roster`. A code each, for `/v1/password-resets/confirm`: for people without e-mail. Only for accounts that are of this school alone, at most three an hour.
#[utoipa::path(tag = "school", security(("bearer" = [])), params(("id" = i64, Path, description = "The school.")), request_body = PeopleForm,
    responses((status = 200, description = "The codes.", body = Codes), Problems, WriteProblems))]
#[post("/reset-codes")]
async fn reset_passwords(
    token: Token,
    state: web::Data<State>,
    school: web::Path<i64>,
    form: Body<PeopleForm>,
) -> Result<HttpResponse, Problem> {
    hand_out(&state, token, *school, form.0, Purpose::Reset).await
}

async fn hand_out(
    state: &State,
    token: Token,
    school: i64,
    form: PeopleForm,
    purpose: Purpose,
) -> Result<HttpResponse, Problem> {
    if !(1..=1000).contains(&form.items.len()) {
        return Err(Error::flaw("/items", "length", "There are 1 to 1000 people.").into());
    }
    // Made before the transaction, which may run twice.
    let people: Vec<(PersonForm, String)> = form.items.into_iter().map(|person| (person, secrets::code())).collect();
    let work = move |conn: &mut Conn| {
        let access = access::school(conn, &token.0, SchoolId(school))?;
        access.need(ClientScope::Roster)?;
        let one = |(place, (person, code)): (usize, &(PersonForm, String))| {
            let handed = open(conn, &access, person, code, purpose)?;
            Ok(CodeResult::of(place, person, code, handed))
        };
        Ok(Codes { results: people.iter().enumerate().map(one).collect::<domain::Result<_>>()? })
    };
    let codes = state.db.write(work).await?;
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(codes))
}

type Handed = Result<DateTime<Utc>, Flaw>;

fn open(
    conn: &mut Conn,
    access: &SchoolAccess,
    person: &PersonForm,
    code: &str,
    purpose: Purpose,
) -> domain::Result<Handed> {
    let number = match external_id("/externalId", &person.external_id) {
        Ok(number) => number,
        Err(flaw) => return Ok(Err(flaw)),
    };
    let who = match person.role.0 {
        Role::Guardian => Invited::Guardian(number),
        Role::Student => Invited::Student(number),
        Role::Teacher => Invited::Staff(number, Role::Teacher),
        Role::SchoolAdmin | Role::Operator => {
            return Ok(Err(Flaw::new("/role", "role", "Codes are for guardians, students and teachers.")));
        }
    };
    let now = access.now();
    let (opened, life) = match purpose {
        Purpose::Invite => {
            (invitations::open(conn, access.school(), &who, code, now).map(|()| true), invitations::LIFE)
        }
        Purpose::Reset => (resets::open_by_school(conn, access, &who, code), resets::LIFE),
    };
    match opened {
        Ok(true) => Ok(Ok(utc(now + life))),
        Ok(false) => Ok(Err(Flaw::new("/externalId", "too-many", "There were three resets within an hour: wait."))),
        Err(Error::NotFound(_)) => {
            let detail = match purpose {
                Purpose::Invite => "The school knows nobody of this role and id.",
                Purpose::Reset => "Nobody of this role and id has an account that is of this school alone.",
            };
            Ok(Err(Flaw::new("/externalId", "unknown-reference", detail)))
        }
        Err(error) => Err(error),
    }
}

impl CodeResult {
    fn of(place: usize, person: &PersonForm, code: &str, handed: Handed) -> Self {
        let external_id = person.external_id.clone();
        match handed {
            Ok(expires_at) => {
                Self { external_id, code: Some(code.to_owned()), expires_at: Some(expires_at), problem: None }
            }
            Err(flaw) => {
                Self { external_id, code: None, expires_at: None, problem: Some(ItemProblem::of(place, &flaw)) }
            }
        }
    }
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(invite_people).service(reset_passwords);
}
