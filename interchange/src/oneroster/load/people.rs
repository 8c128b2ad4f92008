//! Users as staff, students and guardians.

use std::collections::{HashMap, HashSet};

use domain::intake::{self, Ward};
use domain::types::{FullName, Sex};

use super::LoadError;
use super::dates::Years;
use super::held::Held;
use super::kin;
use super::persons::Persons;
use super::schools::Choice;
use crate::door::{Door, Mark, Plan};
use crate::oneroster::{self, Bundle, Demographics, File, User};

/// The people the diary holds now, by id.
#[derive(Debug, Default)]
pub(super) struct People<'b> {
    pub(super) staff: HashSet<&'b str>,
    pub(super) pupils: HashSet<&'b str>,
    /// What became of each row of the file, whatever it made.
    marks: HashMap<&'b str, Mark>,
}

/// Writes staff, then students, then guardians with those children that are in the diary.
pub(super) fn write<'b>(
    door: &mut Door<'_>,
    bundle: &'b Bundle,
    choice: &Choice,
    (persons, held): (&Persons<'_>, &'b Held),
    years: &Years<'_>,
) -> Result<People<'b>, LoadError> {
    let mut people = People::default();
    let marks =
        door.put(&bundle.users, |user| if persons.is_staff(&user.sourced_id) { staff(user) } else { Plan::Skip })?;
    people.staff = people.note(marks);

    let born: HashMap<&str, &Demographics> = bundle.demographics.iter().map(|row| (row.user.as_str(), row)).collect();
    let marks = door.put(&bundle.users, |user| {
        let id = user.sourced_id.as_str();
        if persons.is_pupil(id) { student(user, born.get(id).copied(), (persons, held), years) } else { Plan::Skip }
    })?;
    people.pupils = people.note(marks);
    people.born(door, bundle, held)?;
    if !bundle.knows_everybody() {
        people.staff.extend(held.staff.iter().map(String::as_str));
        people.pupils.extend(held.students.keys().map(String::as_str));
    }

    let wards = kin::wards(door, bundle, &people, held)?;
    let marks = door.put(&bundle.users, |user| {
        let wards = wards.get(user.sourced_id.as_str());
        // Family without a child here is written, too: a link the school took back ends.
        if wards.is_some() || persons.is_family(&user.sourced_id) { guardian(user, wards) } else { Plan::Skip }
    })?;
    let guardians = people.note(marks);
    kin::absent(door, bundle, &wards, held)?;
    people.count(door, bundle, choice, &guardians);
    Ok(people)
}

impl<'b> People<'b> {
    /// Remembers what became of each user and returns those that are in the diary as what was just written.
    fn note(&mut self, marks: Vec<(&'b User, Mark)>) -> HashSet<&'b str> {
        let mut held = HashSet::new();
        for (user, mark) in marks {
            let id = user.sourced_id.as_str();
            let known = self.marks.entry(id).or_default();
            *known = (*known).max(mark);
            if !matches!(mark, Mark::Skipped | Mark::Rejected) {
                held.insert(id);
            }
        }
        held
    }

    /// Birth dates and sex of pupils whose own rows are not among the changes.
    fn born(&mut self, door: &mut Door<'_>, bundle: &'b Bundle, held: &Held) -> Result<(), LoadError> {
        let marks = door.put(&bundle.demographics, |row| match held.students.get(&row.user) {
            Some(known) if !bundle.holds(File::Users, &row.user) => {
                Plan::Write(intake::Student { birth_date: row.birth_date, sex: sex(row), ..known.clone() })
            }
            _ => Plan::Skip,
        })?;
        for (row, mark) in marks {
            let known = self.marks.entry(row.user.as_str()).or_default();
            *known = (*known).max(mark);
        }
        Ok(())
    }

    fn mark(&self, user: &str) -> Mark {
        self.marks.get(user).copied().unwrap_or_default()
    }

    /// Rows about a person count as what became of the person; a family link as what became of the guardian.
    fn count(&self, door: &mut Door<'_>, bundle: &Bundle, choice: &Choice, guardians: &HashSet<&str>) {
        for user in &bundle.users {
            door.tally.count(File::Users.place(), self.mark(&user.sourced_id));
        }
        for row in &bundle.roles {
            let mark = if choice.holds(&row.org) { self.mark(&row.user) } else { Mark::Skipped };
            door.tally.count(File::Roles.place(), mark.shared());
        }
        for row in &bundle.demographics {
            let pupil = self.pupils.contains(row.user.as_str());
            door.tally
                .count(File::Demographics.place(), if pupil { self.mark(&row.user).shared() } else { Mark::Skipped });
        }
        for row in &bundle.relationships {
            let ours = self.pupils.contains(row.child.as_str()) && guardians.contains(row.contact.as_str());
            door.tally.count(
                File::Relationships.place(),
                if ours { self.mark(&row.contact).shared() } else { Mark::Skipped },
            );
        }
    }
}

fn name(user: &User) -> FullName {
    FullName { first: user.given_name.clone(), last: user.family_name.clone(), middle: user.middle_name.clone() }
}

fn staff(user: &User) -> Plan<intake::Staff> {
    Plan::Write(intake::Staff { external_id: user.sourced_id.clone(), name: name(user) })
}

fn student(
    user: &User,
    born: Option<&Demographics>,
    (persons, held): (&Persons<'_>, &Held),
    years: &Years<'_>,
) -> Plan<intake::Student> {
    let known = held.students.get(&user.sourced_id);
    Plan::Write(intake::Student {
        external_id: user.sourced_id.clone(),
        name: name(user),
        birth_date: born.map_or_else(|| known.and_then(|known| known.birth_date), |born| born.birth_date),
        sex: born.map_or_else(|| known.and_then(|known| known.sex), sex),
        starts_on: persons.since(&user.sourced_id).unwrap_or_else(|| years.first_day()),
    })
}

fn sex(born: &Demographics) -> Option<Sex> {
    match born.sex {
        Some(oneroster::Sex::Female) => Some(Sex::Female),
        Some(oneroster::Sex::Male) => Some(Sex::Male),
        _ => None,
    }
}

fn guardian(user: &User, wards: Option<&Vec<Ward>>) -> Plan<intake::Guardian> {
    Plan::Write(intake::Guardian {
        external_id: user.sourced_id.clone(),
        name: name(user),
        email: user.email.clone(),
        wards: wards.cloned().unwrap_or_default(),
    })
}
