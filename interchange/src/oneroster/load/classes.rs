//! Homerooms as class groups, all other classes as courses of the diary.

use std::collections::HashMap;

use domain::intake;
use domain::types::Language;

use super::LoadError;
use super::dates::Years;
use super::origins::lost;
use super::people::People;
use super::schools::Choice;
use super::subjects::Subjects;
use crate::door::{Door, Mark, Plan};
use crate::oneroster::{Bundle, Class, ClassKind, Enrollment, File, Role};

/// The highest level a school has, with one to spare.
const LEVEL_MAX: i32 = 13;

/// What became of the classes of a bundle.
#[derive(Debug, Default)]
pub(super) struct Classes<'b> {
    rows: HashMap<&'b str, (&'b Class, Mark)>,
    teachers: HashMap<&'b str, &'b Enrollment>,
}

impl<'b> Classes<'b> {
    /// The class and what became of it; skipped if it is another school's.
    pub(super) fn get(&self, id: &str) -> Option<(&'b Class, Mark)> {
        self.rows.get(id).copied()
    }

    /// Whether this enrollment names the teacher the diary shows.
    pub(super) fn is_teacher(&self, row: &Enrollment) -> bool {
        self.teachers.get(row.class.as_str()).is_some_and(|teacher| teacher.sourced_id == row.sourced_id)
    }

    fn teacher(&self, class: &Class) -> Option<String> {
        self.teachers.get(class.sourced_id.as_str()).map(|teacher| teacher.user.clone())
    }
}

/// Writes the classes of the school.
pub(super) fn write<'b>(
    door: &mut Door<'_>,
    bundle: &'b Bundle,
    choice: &Choice,
    people: &People<'_>,
    subjects: &Subjects<'_>,
    years: &Years<'_>,
) -> Result<Classes<'b>, LoadError> {
    let mut classes = Classes { teachers: teachers(bundle, people), ..Classes::default() };
    let homeroom = |class: &&Class| class.kind == ClassKind::Homeroom;
    let groups = door.put_counted(bundle.classes.iter().filter(homeroom), |class| {
        if choice.holds(&class.school) { group(class, classes.teacher(class), years) } else { Plan::Skip }
    })?;
    let courses = door.put_counted(bundle.classes.iter().filter(|class| !homeroom(class)), |class| {
        let subject = subjects.get(class.sourced_id.as_str());
        if choice.holds(&class.school) { course(class, subject, classes.teacher(class), years) } else { Plan::Skip }
    })?;
    let marks = groups.into_iter().chain(courses);
    classes.rows = marks.map(|(class, mark)| (class.sourced_id.as_str(), (class, mark))).collect();
    Ok(classes)
}

/// The teacher of each class: the primary one, else the first.
fn teachers<'b>(bundle: &'b Bundle, people: &People<'_>) -> HashMap<&'b str, &'b Enrollment> {
    let mut found: HashMap<&str, &Enrollment> = HashMap::new();
    let teach = |row: &&Enrollment| row.role == Role::Teacher && people.staff.contains(row.user.as_str());
    for row in bundle.enrollments.iter().filter(teach) {
        let known = found.entry(row.class.as_str()).or_insert(row);
        if row.primary == Some(true) && known.primary != Some(true) {
            *known = row;
        }
    }
    found
}

/// The bundle tells neither shift nor language, so both are the usual ones.
fn group(class: &Class, teacher: Option<String>, years: &Years<'_>) -> Plan<intake::ClassGroup> {
    Plan::Write(intake::ClassGroup {
        external_id: class.sourced_id.clone(),
        school_year: years.of_class(class),
        level: level(&class.grades),
        name: class.title.clone(),
        shift: 1,
        language: Language::Kk,
        homeroom_teacher: teacher,
    })
}

fn course(class: &Class, subject: Option<&String>, teacher: Option<String>, years: &Years<'_>) -> Plan<intake::Course> {
    let Some(subject) = subject else {
        return Plan::Refuse(lost("courseSourcedId", class.course.as_deref().unwrap_or_default(), File::Courses));
    };
    Plan::Write(intake::Course {
        external_id: class.sourced_id.clone(),
        school_year: years.of_class(class),
        subject: subject.clone(),
        class_group: None,
        teacher,
        name: class.title.clone(),
        subgroup: None,
    })
}

/// The first grade that is a number: «09» is 9, «KG» is none.
fn level(grades: &[String]) -> Option<i32> {
    grades.iter().filter_map(|grade| grade.parse().ok()).find(|level| (0..=LEVEL_MAX).contains(level))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_the_first_number_among_the_grades() {
        let level = |grades: &[&str]| level(&grades.iter().map(|grade| (*grade).to_owned()).collect::<Vec<_>>());
        assert_eq!(level(&["09", "10"]), Some(9));
        assert_eq!(level(&["KG", "1"]), Some(1));
        assert_eq!(level(&["PS3"]), None);
        assert_eq!(level(&["2026"]), None);
        assert_eq!(level(&[]), None);
    }
}
