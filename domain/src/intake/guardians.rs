//! Guardians and guardianships, as the school keeps them.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::{Item, Outcome, Writer, members, unknown, upsert};
use crate::Result;
use crate::db::{Conn, Scope, Touch, on_backend};
use crate::events::{self, Event};
use crate::schema::{enrolments, guardians, guardianships};
use crate::types::{AccountId, ChildId, EventKind, FullName, GuardianId, SchoolId};

/// A guardian with all the children the school links her to; a child no longer named is no longer hers.
#[derive(Debug, Clone)]
pub struct Guardian {
    pub external_id: String,
    pub name: FullName,
    pub email: Option<String>,
    pub wards: Vec<Ward>,
}

/// A child by the school's own number, and how the guardian stands to it ("mother", "father", "guardian", ...).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ward {
    pub student: String,
    pub relation: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = guardians, treat_none_as_null = true, treat_none_as_default_value = false)]
struct GuardianRow {
    school_id: SchoolId,
    external_id: String,
    first_name: String,
    last_name: String,
    middle_name: Option<String>,
    email: Option<String>,
}

/// Every live guardianship of the school: the guardian's id, the child's number and the relation, as the school knows them.
pub fn live_links(conn: &mut Conn, school: SchoolId) -> Result<Vec<(String, Ward)>> {
    let query = guardianships::table
        .inner_join(guardians::table)
        .inner_join(enrolments::table.on(enrolments::child_id.eq(guardianships::child_id)))
        .filter(guardians::school_id.eq(school).and(enrolments::school_id.eq(school)))
        .filter(guardianships::ended_at.is_null())
        .order(guardianships::id)
        .select((guardians::external_id, enrolments::external_id, guardianships::relation));
    let found = on_backend!(conn => query.load::<(String, String, String)>(conn))?;
    Ok(found.into_iter().map(|(guardian, student, relation)| (guardian, Ward { student, relation })).collect())
}

type Live = (i64, ChildId, String);

impl Item for Guardian {
    fn external_id(&self) -> &str {
        &self.external_id
    }

    fn scope(conn: &mut Conn, writer: Writer, items: &[Self]) -> Result<Scope> {
        let mut scope: Vec<ChildId> = wards(conn, writer, items)?.into_values().collect();
        let numbers: Vec<&str> = items.iter().map(|item| item.external_id.as_str()).collect();
        let before = guardianships::table
            .inner_join(guardians::table)
            .filter(guardians::school_id.eq(writer.school).and(guardians::external_id.eq_any(numbers)))
            .select(guardianships::child_id);
        scope.extend(on_backend!(conn => before.load::<ChildId>(conn))?);
        Ok(scope.into())
    }

    fn write(conn: &mut Conn, touch: &mut Touch, writer: Writer, items: &[Self]) -> Result<Vec<Outcome>> {
        let known = wards(conn, writer, items)?;
        let mut outcomes = Vec::with_capacity(items.len());
        for item in items {
            if let Some(ward) = item.wards.iter().find(|ward| !known.contains_key(&ward.student)) {
                outcomes.push(Outcome::Rejected(unknown("/children", &ward.student)));
                continue;
            }
            let row = GuardianRow {
                school_id: writer.school,
                external_id: item.external_id.clone(),
                first_name: item.name.first.clone(),
                last_name: item.name.last.clone(),
                middle_name: item.name.middle.clone(),
                email: item.email.clone(),
            };
            let written = upsert!(conn, guardians, GuardianRow, writer.school, std::slice::from_ref(&row));
            outcomes.extend(
                written
                    .into_iter()
                    .map(|outcome| link(conn, touch, writer, item, &known, outcome))
                    .collect::<Result<Vec<_>>>()?,
            );
        }
        Ok(outcomes)
    }
}

fn wards(conn: &mut Conn, writer: Writer, items: &[Guardian]) -> Result<HashMap<String, ChildId>> {
    let named = items.iter().flat_map(|item| item.wards.iter().map(|ward| ward.student.as_str()));
    members::children(conn, writer, named)
}

/// Starts the guardianships that are new and ends those no longer named.
fn link(
    conn: &mut Conn,
    touch: &mut Touch,
    writer: Writer,
    item: &Guardian,
    known: &HashMap<String, ChildId>,
    outcome: Outcome,
) -> Result<Outcome> {
    let (Outcome::Created(id) | Outcome::Updated(id) | Outcome::Unchanged(id)) = outcome else { return Ok(outcome) };
    let guardian = GuardianId(id);
    let live: Vec<Live> = guardianships::table
        .filter(guardianships::guardian_id.eq(guardian).and(guardianships::ended_at.is_null()))
        .select((guardianships::id, guardianships::child_id, guardianships::relation))
        .load(conn)?;
    let account: Option<AccountId> = guardians::table.find(guardian).select(guardians::account_id).first(conn)?;
    let (mut changed, mut told) = (false, Vec::new());
    let mut named = HashSet::new();
    for ward in &item.wards {
        let Some(child) = known.get(&ward.student).copied() else { continue };
        let now = live.iter().find(|(_, other, _)| *other == child);
        if !named.insert(child) || now.is_some_and(|(_, _, relation)| *relation == ward.relation) {
            continue;
        }
        changed = true;
        if let Some((id, _, _)) = now {
            touch.child(child)?;
            let same = guardianships::table.find(*id);
            diesel::update(same).set(guardianships::relation.eq(&ward.relation)).execute(conn)?;
        } else {
            touch.holds(child)?;
            start(conn, writer, guardian, account, child, &ward.relation)?;
            told.extend(account.map(|account| listed(writer, EventKind::ChildAdded, account, child)));
        }
    }
    for (id, child, _) in live.iter().filter(|(_, child, _)| !named.contains(child)) {
        changed = true;
        touch.holds(*child)?;
        diesel::update(guardianships::table.find(*id))
            .set(guardianships::ended_at.eq(Some(writer.now)))
            .execute(conn)?;
        told.extend(account.map(|account| listed(writer, EventKind::ChildRemoved, account, *child)));
    }
    events::append(conn, &told)?;
    Ok(if changed && matches!(outcome, Outcome::Unchanged(_)) { Outcome::Updated(id) } else { outcome })
}

/// A child came to an account's list, or left it. The child's own diary does not change by that.
pub(super) fn listed(writer: Writer, kind: EventKind, account: AccountId, child: ChildId) -> Event {
    Event::new(writer.school, kind, child.0, writer.now).of_account(account).baseline(writer.baseline)
}

fn start(
    conn: &mut Conn,
    writer: Writer,
    guardian: GuardianId,
    account: Option<AccountId>,
    child: ChildId,
    relation: &str,
) -> Result<()> {
    diesel::insert_into(guardianships::table)
        .values((
            guardianships::school_id.eq(writer.school),
            guardianships::guardian_id.eq(guardian),
            guardianships::child_id.eq(child),
            guardianships::account_id.eq(account),
            guardianships::relation.eq(relation),
            guardianships::starts_at.eq(writer.now),
        ))
        .execute(conn)?;
    Ok(())
}
