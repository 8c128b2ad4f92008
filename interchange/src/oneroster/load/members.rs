//! Enrollments as membership in class groups and courses.

use domain::intake;

use super::LoadError;
use super::classes::Classes;
use super::dates::{Years, within};
use super::origins::lost;
use super::people::People;
use crate::door::{Door, Mark, Plan};
use crate::oneroster::{Bundle, Class, ClassKind, Enrollment, File, Role};
use crate::report::Flaw;

/// Writes who is in which class. A teacher's enrollment went into the diary with the class and counts as what became of it.
pub(super) fn write(
    door: &mut Door<'_>,
    bundle: &Bundle,
    people: &People<'_>,
    classes: &Classes<'_>,
    years: &Years<'_>,
) -> Result<(), LoadError> {
    let pupils = bundle.enrollments.iter().filter(|row| row.role == Role::Student);
    let homeroom =
        |row: &Enrollment| classes.get(&row.class).is_some_and(|(class, _)| class.kind == ClassKind::Homeroom);
    door.put_counted(pupils.clone().filter(|row| homeroom(row)), |row| {
        place(row, people, classes, |class| {
            let (starts_on, ends_on) = within(row.begin, row.end, years.span(class));
            intake::ClassMember {
                external_id: row.sourced_id.clone(),
                class_group: row.class.clone(),
                student: row.user.clone(),
                starts_on,
                ends_on: Some(ends_on),
            }
        })
    })?;
    door.put_counted(pupils.filter(|row| !homeroom(row)), |row| {
        place(row, people, classes, |class| {
            let (starts_on, ends_on) = within(row.begin, row.end, years.span(class));
            intake::CourseMember {
                external_id: row.sourced_id.clone(),
                course: row.class.clone(),
                student: row.user.clone(),
                starts_on,
                ends_on: Some(ends_on),
            }
        })
    })?;
    others(door, bundle, people, classes);
    Ok(())
}

fn place<I>(row: &Enrollment, people: &People<'_>, classes: &Classes<'_>, item: impl FnOnce(&Class) -> I) -> Plan<I> {
    match classes.get(&row.class) {
        Some((_, Mark::Skipped)) => Plan::Skip,
        None | Some((_, Mark::Rejected)) => Plan::Refuse(lost("classSourcedId", &row.class, File::Classes)),
        Some(_) if !people.pupils.contains(row.user.as_str()) => Plan::Refuse(no_student(row)),
        Some((class, _)) => Plan::Write(item(class)),
    }
}

fn no_student(row: &Enrollment) -> Flaw {
    let mend = "Give the person the role student, or correct the role of this enrollment";
    Flaw::new(
        "userSourcedId",
        &row.user,
        "the person is enrolled as a student but has another role in the school",
        mend,
    )
}

/// Those who are in a class without learning there.
fn others(door: &mut Door<'_>, bundle: &Bundle, people: &People<'_>, classes: &Classes<'_>) {
    for row in bundle.enrollments.iter().filter(|row| row.role != Role::Student) {
        let class = classes.get(&row.class).map_or(Mark::Skipped, |(_, mark)| mark);
        let mark = if class == Mark::Skipped {
            Mark::Skipped
        } else if row.role == Role::Teacher && !people.staff.contains(row.user.as_str()) {
            let mend = "Give the person the role teacher, or correct the role of this enrollment";
            let reason = "the person is enrolled as a teacher but is a student of the school";
            door.refuse(row, Flaw::new("userSourcedId", &row.user, reason, mend))
        } else if classes.is_teacher(row) {
            class.shared()
        } else {
            Mark::Skipped
        };
        door.tally.count(File::Enrollments.place(), mark);
    }
}
