//! What rows of one file say about each other: parents of organisations and sessions, agents, and who is whose guardian.

use std::collections::{HashMap, HashSet};

use super::check::Log;
use super::files::File;
use super::known::Known;
use super::rows::{AcademicSession, FamilyLink, Org, Relationship, RelationshipKind, Role, RoleRow, User};
use crate::report::Flaw;

/// A row with a parent in its own file.
pub(crate) trait Child {
    const FILE: File;
    fn id(&self) -> &str;
    fn line(&self) -> u64;
    fn parent(&mut self) -> &mut Option<String>;
}

impl Child for Org {
    const FILE: File = File::Orgs;
    fn id(&self) -> &str {
        &self.sourced_id
    }
    fn line(&self) -> u64 {
        self.line
    }
    fn parent(&mut self) -> &mut Option<String> {
        &mut self.parent
    }
}

impl Child for AcademicSession {
    const FILE: File = File::AcademicSessions;
    fn id(&self) -> &str {
        &self.sourced_id
    }
    fn line(&self) -> u64 {
        self.line
    }
    fn parent(&mut self) -> &mut Option<String> {
        &mut self.parent
    }
}

/// Drops parents that are not there, in silence because exports of one school are cut out of a larger tree, and breaks
/// every cycle at one reference, which is reported.
pub(crate) fn settle_parents<C: Child>(rows: &mut [C], log: &mut Log) {
    let places: HashMap<String, usize> = rows.iter().enumerate().map(|(at, row)| (row.id().to_owned(), at)).collect();
    let mut parents: Vec<Option<usize>> = Vec::with_capacity(rows.len());
    for row in rows.iter_mut() {
        let place = row.parent().as_ref().and_then(|parent| places.get(parent)).copied();
        if place.is_none() {
            *row.parent() = None;
        }
        parents.push(place);
    }
    for at in cycles(&parents) {
        let Some(row) = rows.get_mut(at) else { continue };
        let flaw = Flaw {
            column: "parentSourcedId".into(),
            value: crate::report::cut(&row.parent().take().unwrap_or_default()),
            reason: "the row is its own ancestor; it is taken without a parent".into(),
            mend: "Correct the parent".into(),
        };
        log.add(C::FILE, row.line(), flaw);
    }
}

/// One place of every cycle among parents: the one whose parent closes it.
fn cycles(parents: &[Option<usize>]) -> Vec<usize> {
    // The walk that reached a place first; meeting the own walk again is a cycle.
    let mut walks: Vec<Option<usize>> = vec![None; parents.len()];
    let mut closing = Vec::new();
    for start in 0..parents.len() {
        let mut at = start;
        while let Some(walk) = walks.get_mut(at)
            && walk.is_none()
        {
            *walk = Some(start);
            let Some(parent) = parents.get(at).copied().flatten() else { break };
            if walks.get(parent).copied().flatten() == Some(start) {
                closing.push(at);
            }
            at = parent;
        }
    }
    closing
}

/// Drops agents that are nobody; the row stays, for a pupil must not be lost with a contact.
pub(crate) fn settle_agents(users: &mut [User], known: &Known, log: &mut Log) {
    for user in users {
        let line = user.line;
        user.agents.retain(|agent| {
            let stands = known.is_kept(File::Users, agent);
            if !stands && !known.is_gone(File::Users, agent) {
                let reason = if known.was_rejected(File::Users, agent) {
                    "the row of users.csv it refers to was left out"
                } else {
                    "it refers to nothing in users.csv"
                };
                log.add(File::Users, line, agent_flaw(agent, reason, "Add the person to users.csv or take the id out"));
            }
            stands
        });
    }
}

fn agent_flaw(agent: &str, reason: &'static str, mend: &'static str) -> Flaw {
    Flaw::new("agentSourcedIds", agent, reason, mend)
}

#[derive(Default)]
struct Person {
    roles: Vec<Role>,
}

impl Person {
    fn is_student(&self) -> bool {
        self.roles.contains(&Role::Student)
    }

    fn family(&self) -> Option<Role> {
        self.roles.iter().copied().find(|role| role.is_family())
    }
}

/// A user and an agent of whom the diary must say what they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenLink {
    pub(crate) user: String,
    pub(crate) agent: String,
    pub(crate) line: u64,
}

/// Who is whose guardian. An agent of a pupil counts only if some role makes them family, since the same column may name
/// a teacher or a brother, and a diary must not open to them; a pupil's agent who is not family is reported. Of
/// changes, pairs with somebody whose roles are not told are left open.
pub(crate) fn links(
    users: &[User],
    roles: &[RoleRow],
    relationships: &[Relationship],
    is_delta: bool,
    log: &mut Log,
) -> (Vec<FamilyLink>, Vec<OpenLink>) {
    let mut people: HashMap<&str, Person> = HashMap::new();
    let in_users = users.iter().filter_map(|user| Some((user.sourced_id.as_str(), user.role?)));
    for (id, role) in in_users.chain(roles.iter().map(|row| (row.user.as_str(), row.role))) {
        people.entry(id).or_default().roles.push(role);
    }
    let (mut found, mut open) = (Found::default(), Vec::new());
    for user in users {
        for agent in &user.agents {
            if is_delta && [&user.sourced_id, agent].into_iter().any(|id| !people.contains_key(id.as_str())) {
                open.push(OpenLink { user: user.sourced_id.clone(), agent: agent.clone(), line: user.line });
                continue;
            }
            by_agent(&people, user, agent, &mut found, log);
        }
    }
    for row in relationships {
        by_relationship(&people, row, &mut found, log);
    }
    (found.links, open)
}

#[derive(Default)]
struct Found {
    pairs: HashSet<(String, String)>,
    links: Vec<FamilyLink>,
}

impl Found {
    fn add(&mut self, link: FamilyLink) {
        if link.guardian != link.child && self.pairs.insert((link.guardian.clone(), link.child.clone())) {
            self.links.push(link);
        }
    }
}

fn by_agent(people: &HashMap<&str, Person>, user: &User, agent: &str, found: &mut Found, log: &mut Log) {
    let nobody = Person::default();
    let one = people.get(user.sourced_id.as_str()).unwrap_or(&nobody);
    let other = people.get(agent).unwrap_or(&nobody);
    let mut link = |guardian: &str, child: &str, relation| {
        let (guardian, child) = (guardian.to_owned(), child.to_owned());
        found.add(FamilyLink { guardian, child, relation, file: File::Users, line: user.line });
    };
    if let (true, Some(relation)) = (one.is_student(), other.family()) {
        link(agent, &user.sourced_id, relation);
    }
    if let (Some(relation), true) = (one.family(), other.is_student()) {
        link(&user.sourced_id, agent, relation);
    } else if one.is_student() && other.family().is_none() {
        let mend = "Give the person the role parent, guardian or relative, or take the id out";
        log.add(File::Users, user.line, agent_flaw(agent, "the agent is no parent, guardian or relative", mend));
    }
}

fn by_relationship(people: &HashMap<&str, Person>, row: &Relationship, found: &mut Found, log: &mut Log) {
    let relation = match row.kind {
        RelationshipKind::Parent => Role::Parent,
        RelationshipKind::Guardian => Role::Guardian,
        RelationshipKind::Relative => Role::Relative,
        RelationshipKind::Contact => return,
    };
    if !people.get(row.child.as_str()).is_some_and(Person::is_student) {
        let flaw = Flaw {
            column: "userSourcedId".into(),
            value: crate::report::cut(&row.child),
            reason: "the person is no student, so there is no diary to open".into(),
            mend: "Name the student here and the contact in relationshipUserSourcedId".into(),
        };
        log.add(File::Relationships, row.line, flaw);
        return;
    }
    let (guardian, child) = (row.contact.clone(), row.child.clone());
    found.add(FamilyLink { guardian, child, relation, file: File::Relationships, line: row.line });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cycle_is_broken_once_and_chains_are_left() {
        assert!(cycles(&[Some(1), Some(2), None]).is_empty());
        assert_eq!(cycles(&[Some(0)]), [0]);
        assert_eq!(cycles(&[Some(1), Some(2), Some(0)]), [2]);
        assert_eq!(cycles(&[Some(1), Some(0), Some(0), Some(4), Some(3)]), [1, 4]);
    }

    #[test]
    fn a_very_long_chain_of_parents_is_walked_without_recursion() {
        let chain: Vec<Option<usize>> = (0..200_000).map(|at| (at + 1 < 200_000).then_some(at + 1)).collect();
        assert!(cycles(&chain).is_empty());
    }
}
