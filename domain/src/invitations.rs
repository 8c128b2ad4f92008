//! Invitations: the only way in. A school gives a code, a person accepts it once.

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

use crate::access::Viewer;
use crate::accounts::{self, Newcomer};
use crate::db::{Conn, Scope, Touch};
use crate::error::{Noun, Rule};
use crate::events::{self, Event};
use crate::schema::{children, enrolments, guardians, guardianships, invitations, staff};
use crate::types::{AccountId, ChildId, EventKind, GuardianId, Role, SchoolId, StaffId};
use crate::{Error, Result, secrets};

/// How long a code may wait to be used.
pub const LIFE: Duration = Duration::days(60);

/// Whom a code is for, by the school's own number of the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invited {
    Guardian(String),
    Student(String),
    Staff(String, Role),
}

/// Opens an invitation for somebody the school knows.
pub fn open(conn: &mut Conn, school: SchoolId, who: &Invited, code: &str, now: NaiveDateTime) -> Result<()> {
    let (role, guardian, child, member) = match who {
        Invited::Guardian(number) => (Role::Guardian, Some(guardian(conn, school, number)?), None, None),
        Invited::Student(number) => (Role::Student, None, Some(student(conn, school, number)?), None),
        Invited::Staff(number, role) => (*role, None, None, Some(member(conn, school, number)?)),
    };
    diesel::insert_into(invitations::table)
        .values((
            invitations::school_id.eq(school),
            invitations::code_hash.eq(secrets::code_hash(code)),
            invitations::role.eq(role),
            invitations::guardian_id.eq(guardian),
            invitations::child_id.eq(child),
            invitations::staff_id.eq(member),
            invitations::created_at.eq(now),
            invitations::expires_at.eq(now + LIFE),
        ))
        .execute(conn)?;
    Ok(())
}

fn guardian(conn: &mut Conn, school: SchoolId, number: &str) -> Result<GuardianId> {
    let known = guardians::table.filter(guardians::school_id.eq(school).and(guardians::external_id.eq(number)));
    known.select(guardians::id).first(conn).optional()?.ok_or(Error::NotFound(Noun::Guardian))
}

fn student(conn: &mut Conn, school: SchoolId, number: &str) -> Result<ChildId> {
    let known = enrolments::table.filter(enrolments::school_id.eq(school).and(enrolments::external_id.eq(number)));
    known.select(enrolments::child_id).first(conn).optional()?.ok_or(Error::NotFound(Noun::Child))
}

fn member(conn: &mut Conn, school: SchoolId, number: &str) -> Result<StaffId> {
    let known = staff::table.filter(staff::school_id.eq(school).and(staff::external_id.eq(number)));
    known.select(staff::id).first(conn).optional()?.ok_or(Error::NotFound(Noun::Staff))
}

/// A code that can still be used: for which role, for whom.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Invitation {
    id: i64,
    school: SchoolId,
    pub role: Role,
    guardian: Option<GuardianId>,
    child: Option<ChildId>,
    staff: Option<StaffId>,
    accepted_at: Option<NaiveDateTime>,
    expires_at: NaiveDateTime,
}

/// The invitation behind a code. One that is spent or expired says so to whoever holds the code.
pub fn usable(conn: &mut Conn, code: &str, now: NaiveDateTime) -> Result<Invitation> {
    let found: Invitation = invitations::table
        .filter(invitations::code_hash.eq(secrets::code_hash(code)))
        .select((
            invitations::id,
            invitations::school_id,
            invitations::role,
            invitations::guardian_id,
            invitations::child_id,
            invitations::staff_id,
            invitations::accepted_at,
            invitations::expires_at,
        ))
        .first(conn)
        .optional()?
        .ok_or(Error::NotFound(Noun::Invitation))?;
    if found.accepted_at.is_some() || found.expires_at <= now {
        return Err(Error::Conflict(Rule::InvitationSpent));
    }
    Ok(found)
}

/// The children whose families change when this code is used; their counters must be held.
pub fn scope(conn: &mut Conn, code: &str, now: NaiveDateTime) -> Result<Scope> {
    let invitation = usable(conn, code, now)?;
    let mut touched: Vec<ChildId> = invitation.child.into_iter().collect();
    if let Some(guardian) = invitation.guardian {
        touched.extend(wards(conn, guardian)?);
    }
    Ok(touched.into())
}

/// Makes an account for the invited person and spends the code.
pub fn accept(
    conn: &mut Conn,
    touch: &mut Touch,
    code: &str,
    newcomer: &Newcomer,
    now: NaiveDateTime,
) -> Result<(AccountId, Role)> {
    let invitation = usable(conn, code, now)?;
    let newcomer = Newcomer { role: invitation.role, ..newcomer.clone() };
    let account = accounts::create(conn, &newcomer, now)?;
    tie(conn, touch, &invitation, account, now)?;
    spend(conn, &invitation, now)?;
    Ok((account, invitation.role))
}

/// Adds the invited guardian's children to an account that is signed in, and spends the code.
pub fn link(conn: &mut Conn, touch: &mut Touch, code: &str, viewer: &Viewer) -> Result<Vec<ChildId>> {
    let invitation = usable(conn, code, viewer.now())?;
    let (Role::Guardian, Some(guardian)) = (viewer.role(), invitation.guardian) else {
        return Err(Error::Denied(Rule::WrongRole));
    };
    tie(conn, touch, &invitation, viewer.account(), viewer.now())?;
    spend(conn, &invitation, viewer.now())?;
    wards(conn, guardian)
}

/// Ties whom the school knows to an account, and tells both accounts whose lists of children change: a code that is accepted
/// by another account takes the children from the one before. Nobody's diary changes by that.
fn tie(conn: &mut Conn, touch: &Touch, invitation: &Invitation, account: AccountId, now: NaiveDateTime) -> Result<()> {
    let mut told = Vec::new();
    let mut change = |from: Option<AccountId>, child: ChildId| {
        let event = |kind, account| Event::new(invitation.school, kind, child.0, now).of_account(account);
        if from != Some(account) {
            told.extend(from.map(|from| event(EventKind::ChildRemoved, from)));
            told.push(event(EventKind::ChildAdded, account));
        }
        touch.holds(child)
    };
    if let Some(guardian) = invitation.guardian {
        let from: Option<AccountId> = guardians::table.find(guardian).select(guardians::account_id).first(conn)?;
        wards(conn, guardian)?.into_iter().try_for_each(|child| change(from, child))?;
        diesel::update(guardians::table.find(guardian)).set(guardians::account_id.eq(Some(account))).execute(conn)?;
        diesel::update(guardianships::table.filter(guardianships::guardian_id.eq(guardian)))
            .set(guardianships::account_id.eq(Some(account)))
            .execute(conn)?;
    }
    if let Some(child) = invitation.child {
        let from: Option<AccountId> = children::table.find(child).select(children::account_id).first(conn)?;
        change(from, child)?;
        diesel::update(children::table.find(child)).set(children::account_id.eq(Some(account))).execute(conn)?;
    }
    if let Some(member) = invitation.staff {
        diesel::update(staff::table.find(member)).set(staff::account_id.eq(Some(account))).execute(conn)?;
    }
    events::append(conn, &told)
}

fn wards(conn: &mut Conn, guardian: GuardianId) -> Result<Vec<ChildId>> {
    Ok(guardianships::table
        .filter(guardianships::guardian_id.eq(guardian).and(guardianships::ended_at.is_null()))
        .order(guardianships::child_id)
        .select(guardianships::child_id)
        .load(conn)?)
}

fn spend(conn: &mut Conn, invitation: &Invitation, now: NaiveDateTime) -> Result<()> {
    let fresh = invitations::table.filter(invitations::id.eq(invitation.id).and(invitations::accepted_at.is_null()));
    let spent = diesel::update(fresh).set(invitations::accepted_at.eq(Some(now))).execute(conn)?;
    if spent == 1 { Ok(()) } else { Err(Error::Conflict(Rule::InvitationSpent)) }
}
