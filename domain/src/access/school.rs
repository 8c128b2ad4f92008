//! Who may act for a school: its journal with the scopes of its token, or a member of its staff.

use chrono::NaiveDateTime;
use chrono_tz::Tz;
use diesel::prelude::*;

use super::Bearer;
use crate::clients::Scopes;
use crate::db::{Conn, on_backend};
use crate::error::{Noun, Rule};
use crate::schema::{accounts, client_schools, client_tokens, clients, schools, sessions, staff};
use crate::types::{AccountId, ClientId, ClientScope, Language, Role, SchoolId, StaffId};
use crate::{Error, Result};

/// The right to act for one school, as of this request. [`school`] is the only way to get one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchoolAccess {
    school: SchoolId,
    zone: String,
    actor: Actor,
    now: NaiveDateTime,
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A journal, with the scopes of its token.
    Client { id: ClientId, scopes: Scopes },
    /// A teacher, for her own courses, or a school admin, for everything of the school.
    Staff { id: StaffId, account: AccountId, role: Role, language: Language },
}

impl SchoolAccess {
    pub fn school(&self) -> SchoolId {
        self.school
    }
    pub fn actor(&self) -> &Actor {
        &self.actor
    }
    pub fn now(&self) -> NaiveDateTime {
        self.now
    }
    /// The school's zone; a zone this binary does not know counts as UTC.
    pub fn zone(&self) -> Tz {
        self.zone.parse().unwrap_or(Tz::UTC)
    }

    /// Whether the actor may do what the scope stands for: a journal by its token, an admin always but in closed periods. A
    /// teacher holds none: what she may write hangs on the course.
    pub fn holds(&self, scope: ClientScope) -> bool {
        match &self.actor {
            Actor::Client { scopes, .. } => scopes.holds(scope),
            Actor::Staff { role, .. } => *role == Role::SchoolAdmin && scope != ClientScope::Reopen,
        }
    }

    /// As [`Self::holds`], or [`Rule::InsufficientScope`].
    pub fn need(&self, scope: ClientScope) -> Result<()> {
        if self.holds(scope) { Ok(()) } else { Err(Error::Denied(Rule::InsufficientScope)) }
    }

    /// The teacher who acts, if it is one and not the whole school.
    pub fn teacher(&self) -> Option<StaffId> {
        match self.actor {
            Actor::Staff { id, role: Role::Teacher, .. } => Some(id),
            _ => None,
        }
    }
}

/// The right of the presenter of this token to act for `school`. A school that is not the presenter's and one that does not
/// exist are the same.
pub fn school(conn: &mut Conn, bearer: &Bearer, school: SchoolId) -> Result<SchoolAccess> {
    let found = match as_client(conn, bearer, school)? {
        Some(found) => found,
        None => as_staff(conn, bearer, school)?.ok_or(Error::Unauthorised)?,
    };
    let (actor, zone) = found.ok_or(Error::NotFound(Noun::School))?;
    Ok(SchoolAccess { school, zone, actor, now: bearer.now })
}

/// `None` where nobody of this kind presents the token; `Some(None)` where somebody does who is not the school's.
type Found = Option<Option<(Actor, String)>>;

fn as_client(conn: &mut Conn, bearer: &Bearer, school: SchoolId) -> Result<Found> {
    let query = client_tokens::table
        .inner_join(clients::table)
        .left_join(
            client_schools::table
                .on(client_schools::client_id.eq(clients::id).and(client_schools::school_id.eq(school))),
        )
        .left_join(schools::table.on(schools::id.nullable().eq(client_schools::school_id.nullable())))
        .filter(client_tokens::token_hash.eq(&bearer.hash).and(client_tokens::expires_at.gt(bearer.now)))
        .filter(clients::disabled_at.is_null())
        .select((clients::id, client_tokens::scopes, schools::time_zone.nullable()));
    let row = on_backend!(conn => query.first::<(ClientId, String, Option<String>)>(conn)).optional()?;
    Ok(row.map(|(id, scopes, zone)| Some((Actor::Client { id, scopes: Scopes::of_column(&scopes) }, zone?))))
}

type Row = (AccountId, Role, Language, Option<StaffId>, Option<String>);

fn as_staff(conn: &mut Conn, bearer: &Bearer, school: SchoolId) -> Result<Found> {
    let query = sessions::table
        .inner_join(accounts::table)
        .left_join(
            staff::table.on(staff::account_id
                .eq(accounts::id.nullable())
                .and(staff::school_id.eq(school))
                .and(staff::left_at.is_null())),
        )
        .left_join(schools::table.on(schools::id.nullable().eq(staff::school_id.nullable())))
        .filter(sessions::access_hash.eq(&bearer.hash).and(sessions::ended_at.is_null()))
        .filter(sessions::access_expires_at.gt(bearer.now).and(accounts::disabled_at.is_null()))
        .select((
            accounts::id,
            accounts::role,
            accounts::language,
            staff::id.nullable(),
            schools::time_zone.nullable(),
        ));
    let row = on_backend!(conn => query.first::<Row>(conn)).optional()?;
    Ok(row.map(|(account, role, language, id, zone)| {
        let acts = matches!(role, Role::Teacher | Role::SchoolAdmin);
        acts.then_some((Actor::Staff { id: id?, account, role, language }, zone?))
    }))
}
