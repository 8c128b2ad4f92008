//! Who is whose guardian: what the bundle says beside what the diary holds.

use std::collections::{HashMap, HashSet};

use domain::intake::{self, Ward};

use super::LoadError;
use super::held::Held;
use super::people::People;
use crate::door::{Door, Origin, Place, Plan};
use crate::oneroster::{Bundle, File, Role, User};
use crate::report::Flaw;

/// The children of this school by guardian. Of a child that is no pupil any more the guardians stay, and one whose row was
/// rejected is misspelt, not gone.
///
/// Of a bundle of changes everybody keeps whom they have; what is to end, ends after all rows.
pub(super) fn wards(
    door: &mut Door<'_>,
    bundle: &Bundle,
    people: &People<'_>,
    held: &Held,
) -> Result<HashMap<String, Vec<Ward>>, LoadError> {
    let pupils = &people.pupils;
    let mut wards: HashMap<String, Vec<Ward>> = HashMap::new();
    let named: HashSet<(&str, &str)> =
        bundle.family_links.iter().map(|link| (link.guardian.as_str(), link.child.as_str())).collect();
    for (guardian, ward) in door.links()? {
        let certain = !bundle.is_in_doubt(&guardian) && !bundle.is_in_doubt(&ward.student);
        let told = if bundle.knows_everybody() {
            certain && pupils.contains(ward.student.as_str())
        } else {
            named.contains(&(guardian.as_str(), ward.student.as_str()))
        };
        if !told {
            wards.entry(guardian).or_default().push(ward);
        }
    }
    open_wards(door, bundle, people, held, &mut wards);
    for link in bundle.family_links.iter().filter(|link| pupils.contains(link.child.as_str())) {
        let relation = match link.relation {
            Role::Parent => "parent",
            Role::Relative => "relative",
            _ => "guardian",
        };
        let ward = Ward { student: link.child.clone(), relation: relation.to_owned() };
        wards.entry(link.guardian.clone()).or_default().push(ward);
    }
    Ok(wards)
}

/// Pairs of which the diary knows what both are: a pupil's agent must be a guardian there, or nothing opens.
fn open_wards(
    door: &mut Door<'_>,
    bundle: &Bundle,
    people: &People<'_>,
    held: &Held,
    wards: &mut HashMap<String, Vec<Ward>>,
) {
    let family: HashSet<&str> = bundle.family_links.iter().map(|link| link.guardian.as_str()).collect();
    let is_family = |id: &str| held.guardians.contains_key(id) || family.contains(id);
    for open in &bundle.open_links {
        let pupil = |id: &str| people.pupils.contains(id);
        let (guardian, child) = match (open.user.as_str(), open.agent.as_str()) {
            (user, agent) if pupil(user) && is_family(agent) => (agent, user),
            (user, agent) if pupil(agent) && is_family(user) => (user, agent),
            (user, _) if !pupil(user) => continue,
            (_, agent) => {
                let reason = "neither the bundle nor the diary knows the agent as a guardian";
                let mend =
                    "Add the person to users.csv, with the role parent, guardian or relative, or take the id out";
                door.tally.refuse(File::Users.place(), open.line, Flaw::new("agentSourcedIds", agent, reason, mend));
                continue;
            }
        };
        let hers = wards.entry(guardian.to_owned()).or_default();
        if hers.iter().all(|ward| ward.student != child) {
            hers.push(Ward { student: child.to_owned(), relation: "guardian".to_owned() });
        }
    }
}

/// A pupil's row that names a guardian whose own row is not among the changes.
struct Named<'b>(&'b User, &'b intake::Guardian);

impl Origin for Named<'_> {
    fn place(&self) -> Place {
        File::Users.place()
    }

    fn line(&self) -> u64 {
        self.0.line
    }
}

/// Writes the new children of guardians whom the bundle names without their rows.
pub(super) fn absent(
    door: &mut Door<'_>,
    bundle: &Bundle,
    wards: &HashMap<String, Vec<Ward>>,
    held: &Held,
) -> Result<(), LoadError> {
    let mut seen = HashSet::new();
    let agents = bundle.users.iter().flat_map(|user| user.agents.iter().map(move |agent| (user, agent)));
    let absent = agents.filter(|(_, agent)| !bundle.holds(File::Users, agent) && seen.insert(*agent));
    let rows: Vec<Named<'_>> =
        absent.filter_map(|(user, agent)| held.guardians.get(agent).map(|known| Named(user, known))).collect();
    door.put(&rows, |Named(_, known)| match wards.get(&known.external_id) {
        Some(wards) => Plan::Write(intake::Guardian { wards: wards.clone(), ..(*known).clone() }),
        None => Plan::Skip,
    })?;
    Ok(())
}
