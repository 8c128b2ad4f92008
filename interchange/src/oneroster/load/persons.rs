//! What each person of a bundle is in the chosen school: pupil, staff, family, or nobody.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::held::Held;
use super::schools::Choice;
use crate::oneroster::{Bundle, Enrollment, File, Role};

/// What one person is, as far as roles and enrollments tell.
// Each is asked for on its own, and one person may be all of them.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Person {
    has_role: bool,
    is_student: bool,
    studies_here: bool,
    works_here: bool,
    is_family_here: bool,
    enrolled: bool,
    teaches: bool,
    /// A bundle of changes takes the role of a student, or of family, back.
    lost_studies: bool,
    lost_family: bool,
    since: Option<NaiveDate>,
}

/// Everybody the bundle names.
#[derive(Debug, Default)]
pub(super) struct Persons<'a> {
    people: HashMap<&'a str, Person>,
    /// Whoever the bundle gives no role is what the diary knows.
    held: Option<&'a Held>,
}

impl<'a> Persons<'a> {
    pub(super) fn new(bundle: &'a Bundle, choice: &Choice, held: &'a Held) -> Self {
        let held_people = (!bundle.knows_everybody()).then_some(held);
        let mut persons = Self { held: held_people, ..Self::default() };
        for user in &bundle.users {
            if let Some(role) = user.role {
                persons.of(&user.sourced_id).note(role, user.orgs.iter().any(|org| choice.holds(org)));
            }
        }
        for row in &bundle.roles {
            persons.of(&row.user).note(row.role, choice.holds(&row.org));
        }
        for row in bundle.gone_roles.iter().filter(|row| bundle.is_delta(File::Roles) && choice.holds(&row.org)) {
            let person = persons.of(&row.user);
            person.lost_studies |= row.role == Role::Student;
            person.lost_family |= row.role.is_family();
        }
        let classes = bundle.classes.iter().filter(|class| choice.holds(&class.school));
        let classes: HashSet<&str> = classes.map(|class| class.sourced_id.as_str()).collect();
        let ours = |class: &str| classes.contains(class) || held.class(class).is_some();
        for row in bundle.enrollments.iter().filter(|row| ours(&row.class)) {
            persons.of(&row.user).enrol(row);
        }
        persons
    }

    fn of(&mut self, user: &'a str) -> &mut Person {
        self.people.entry(user).or_default()
    }

    fn get(&self, user: &str) -> Person {
        self.people.get(user).copied().unwrap_or_default()
    }

    /// A pupil has the role of a student and is here by role or by class; without any role the class alone decides. A teacher
    /// whom a class lists as a student is no child of the school.
    pub(super) fn is_pupil(&self, user: &str) -> bool {
        let person = self.get(user);
        let by_role = person.is_student && (person.studies_here || person.enrolled);
        let known = self.held.is_some_and(|held| held.students.contains_key(user));
        by_role || (!person.has_role && !person.lost_studies && (person.enrolled || known))
    }

    /// Staff work here by role, or stand in a class as something else than a student.
    pub(super) fn is_staff(&self, user: &str) -> bool {
        let person = self.get(user);
        let known = !person.has_role && self.held.is_some_and(|held| held.staff.contains(user));
        person.works_here || (person.teaches && !person.is_student) || known
    }

    pub(super) fn is_family(&self, user: &str) -> bool {
        let person = self.get(user);
        let known = !person.has_role && self.held.is_some_and(|held| held.guardians.contains_key(user));
        person.is_family_here || (known && !person.lost_family)
    }

    /// Whether a bundle of changes takes back that the person studies here.
    pub(super) fn lost_studies(&self, user: &str) -> bool {
        let person = self.get(user);
        person.lost_studies && !person.studies_here
    }

    /// The same of being family.
    pub(super) fn lost_family(&self, user: &str) -> bool {
        let person = self.get(user);
        person.lost_family && !person.is_family_here
    }

    /// The earliest day an enrollment here begins.
    pub(super) fn since(&self, user: &str) -> Option<NaiveDate> {
        self.get(user).since
    }
}

impl Person {
    fn note(&mut self, role: Role, here: bool) {
        self.has_role = true;
        self.is_student |= role == Role::Student;
        self.studies_here |= here && role == Role::Student;
        self.works_here |= here && works(role);
        self.is_family_here |= here && role.is_family();
    }

    fn enrol(&mut self, row: &Enrollment) {
        self.enrolled |= row.role == Role::Student;
        self.teaches |= works(row.role);
        if let (Role::Student, Some(begin)) = (row.role, row.begin) {
            self.since = Some(self.since.map_or(begin, |since| since.min(begin)));
        }
    }
}

/// A private role says nothing the diary understands.
fn works(role: Role) -> bool {
    !matches!(role, Role::Student | Role::Other) && !role.is_family()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(roles: &[(Role, bool)], enrolled: &[Role]) -> (bool, bool, bool) {
        let mut persons = Persons::default();
        for (role, here) in roles {
            persons.of("u").note(*role, *here);
        }
        for role in enrolled {
            let text = String::new;
            let row = Enrollment {
                line: 2,
                sourced_id: text(),
                class: text(),
                user: text(),
                role: *role,
                primary: None,
                begin: None,
                end: None,
            };
            persons.of("u").enrol(&row);
        }
        (persons.is_pupil("u"), persons.is_staff("u"), persons.is_family("u"))
    }

    #[test]
    fn a_pupil_is_one_by_role_and_here_by_role_or_class() {
        let (yes, no) = ((true, false, false), (false, false, false));
        assert_eq!(one(&[(Role::Student, true)], &[]), yes);
        assert_eq!(one(&[(Role::Student, false)], &[Role::Student]), yes);
        assert_eq!(one(&[], &[Role::Student]), yes);
        assert_eq!(one(&[(Role::Student, false)], &[]), no);
        assert_eq!(one(&[], &[]), no);
    }

    #[test]
    fn a_teacher_in_a_list_of_students_is_no_child_and_a_student_who_helps_is_no_teacher() {
        assert_eq!(one(&[(Role::Teacher, true)], &[Role::Student]), (false, true, false));
        assert_eq!(one(&[(Role::Student, true)], &[Role::Teacher]), (true, false, false));
        assert_eq!(one(&[], &[Role::Aide]), (false, true, false));
        assert_eq!(one(&[(Role::Teacher, false)], &[Role::Teacher]), (false, true, false));
    }

    #[test]
    fn a_mother_may_teach_and_a_private_role_is_nothing() {
        assert_eq!(one(&[(Role::Parent, true), (Role::Teacher, true)], &[]), (false, true, true));
        assert_eq!(one(&[(Role::Parent, false)], &[]), (false, false, false));
        assert_eq!(one(&[(Role::Other, true)], &[Role::Other]), (false, false, false));
    }
}
