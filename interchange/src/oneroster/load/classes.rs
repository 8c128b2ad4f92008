//! Homerooms as class groups, all other classes as courses of the diary.

use std::collections::HashMap;

use domain::intake;
use domain::types::Language;

use super::LoadError;
use super::dates::Years;
use super::held::Held;
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
    held: Option<&'b Held>,
}

/// A class that somebody is in or that is taught.
#[derive(Clone, Copy)]
pub(super) enum Found<'b> {
    Here(&'b Class),
    /// Of the diary only: homeroom or course, and its school year.
    Held(ClassKind, i32),
    Rejected,
    /// Another school's.
    Foreign,
    /// The bundle tells changes only, and the diary does not know the class.
    Unknown,
}

impl Found<'_> {
    pub(super) fn is_homeroom(self) -> bool {
        match self {
            Self::Here(class) => class.kind == ClassKind::Homeroom,
            Self::Held(kind, _) => kind == ClassKind::Homeroom,
            _ => false,
        }
    }
}

impl<'b> Classes<'b> {
    /// The class and what became of it; skipped if it is another school's.
    pub(super) fn get(&self, id: &str) -> Option<(&'b Class, Mark)> {
        self.rows.get(id).copied()
    }

    pub(super) fn find(&self, id: &str) -> Found<'b> {
        match self.get(id) {
            Some((_, Mark::Skipped)) => Found::Foreign,
            Some((_, Mark::Rejected)) => Found::Rejected,
            Some((class, _)) => Found::Here(class),
            None => match self.held.and_then(|held| held.class(id)) {
                Some((kind, year)) => Found::Held(kind, year),
                None if self.held.is_some() => Found::Unknown,
                None => Found::Rejected,
            },
        }
    }

    /// Whether this enrollment names the teacher the diary shows.
    pub(super) fn is_teacher(&self, row: &Enrollment) -> bool {
        self.teachers.get(row.class.as_str()).is_some_and(|teacher| teacher.sourced_id == row.sourced_id)
    }

    fn teacher(&self, class: &Class) -> Option<String> {
        let told = self.teachers.get(class.sourced_id.as_str()).map(|teacher| teacher.user.clone());
        told.or_else(|| self.held.and_then(|held| held.teacher(&class.sourced_id)))
    }
}

/// Writes the classes of the school.
pub(super) fn write<'b>(
    door: &mut Door<'_>,
    bundle: &'b Bundle,
    choice: &Choice,
    (people, held): (&People<'_>, &'b Held),
    subjects: &Subjects<'_>,
    years: &Years<'_>,
) -> Result<Classes<'b>, LoadError> {
    let held_classes = bundle.has_deltas().then_some(held);
    let mut classes = Classes { teachers: teachers(bundle, people), held: held_classes, ..Classes::default() };
    let homeroom = |class: &&Class| class.kind == ClassKind::Homeroom;
    let groups = door.put_counted(bundle.classes.iter().filter(homeroom), |class| {
        if choice.holds(&class.school) { group(class, classes.teacher(class), held, years) } else { Plan::Skip }
    })?;
    let courses = door.put_counted(bundle.classes.iter().filter(|class| !homeroom(class)), |class| {
        let subject = subjects.get(class.sourced_id.as_str());
        if choice.holds(&class.school) {
            course(class, subject, classes.teacher(class), held, years)
        } else {
            Plan::Skip
        }
    })?;
    let marks = groups.into_iter().chain(courses);
    classes.rows = marks.map(|(class, mark)| (class.sourced_id.as_str(), (class, mark))).collect();
    Ok(classes)
}

/// Writes the teachers of classes whose own rows are not among the changes. Such an enrollment counts as what became of the
/// class; one that is marked as deleted is counted already.
pub(super) fn reappoint(
    door: &mut Door<'_>,
    bundle: &Bundle,
    classes: &Classes<'_>,
    held: &Held,
) -> Result<(), LoadError> {
    let absent = |row: &&Enrollment| classes.get(&row.class).is_none();
    let named = |row: &&Enrollment| classes.is_teacher(row) && absent(row) && held.class(&row.class).is_some();
    let (group, course) = (appointed(held, Held::group, true), appointed(held, Held::course, true));
    let rows = || bundle.enrollments.iter().filter(named);
    door.put_counted(rows().filter(|row| held.groups.contains_key(&row.class)), group)?;
    door.put_counted(rows().filter(|row| held.courses.contains_key(&row.class)), course)?;
    let gone = |row: &&Enrollment| {
        let replaced = classes.teachers.contains_key(row.class.as_str());
        bundle.is_delta(File::Enrollments) && absent(row) && !replaced && held.is_teacher(&row.class, &row.user)
    };
    let rows = || bundle.gone_enrollments.iter().filter(gone);
    door.put(rows(), appointed(held, Held::group, false))?;
    door.put(rows(), appointed(held, Held::course, false))?;
    Ok(())
}

/// The class as the diary holds it, with the teacher the row names, or with none.
fn appointed<'h, I>(
    held: &'h Held,
    class: fn(&Held, &str, Option<String>) -> Option<I>,
    stands: bool,
) -> impl Fn(&Enrollment) -> Plan<I> + 'h
where
    I: 'h,
{
    move |row| class(held, &row.class, stands.then(|| row.user.clone())).map_or(Plan::Skip, Plan::Write)
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

/// The bundle tells neither shift nor language, so both are the usual ones, or as the diary holds them.
fn group(class: &Class, teacher: Option<String>, held: &Held, years: &Years<'_>) -> Plan<intake::ClassGroup> {
    let known = held.groups.get(&class.sourced_id);
    Plan::Write(intake::ClassGroup {
        external_id: class.sourced_id.clone(),
        school_year: years.of_class(class),
        level: level(&class.grades),
        name: class.title.clone(),
        shift: known.map_or(1, |known| known.shift),
        language: known.map_or(Language::Kk, |known| known.language),
        homeroom_teacher: teacher,
    })
}

fn course(
    class: &Class,
    subject: Option<&String>,
    teacher: Option<String>,
    held: &Held,
    years: &Years<'_>,
) -> Plan<intake::Course> {
    let known = held.courses.get(&class.sourced_id);
    let Some(subject) = subject else {
        return Plan::Refuse(lost("courseSourcedId", class.course.as_deref().unwrap_or_default(), File::Courses));
    };
    Plan::Write(intake::Course {
        external_id: class.sourced_id.clone(),
        school_year: years.of_class(class),
        subject: subject.clone(),
        class_group: known.and_then(|known| known.class_group.clone()),
        teacher,
        name: class.title.clone(),
        subgroup: known.and_then(|known| known.subgroup.clone()),
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
