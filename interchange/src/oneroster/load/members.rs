//! Enrollments as membership in class groups and courses.

use domain::intake;

use super::LoadError;
use super::classes::{Classes, Found};
use super::dates::{Span, Years, within};
use super::origins::{lost, unknown};
use super::people::People;
use crate::door::{Door, Mark, Plan};
use crate::oneroster::{Bundle, Enrollment, File, Role};
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
    let homeroom = |row: &Enrollment| classes.find(&row.class).is_homeroom();
    door.put_counted(pupils.clone().filter(|row| homeroom(row)), |row| {
        place(row, people, classes, years, |(starts_on, ends_on)| intake::ClassMember {
            external_id: row.sourced_id.clone(),
            class_group: row.class.clone(),
            student: row.user.clone(),
            starts_on,
            ends_on: Some(ends_on),
        })
    })?;
    door.put_counted(pupils.filter(|row| !homeroom(row)), |row| {
        place(row, people, classes, years, |(starts_on, ends_on)| intake::CourseMember {
            external_id: row.sourced_id.clone(),
            course: row.class.clone(),
            student: row.user.clone(),
            starts_on,
            ends_on: Some(ends_on),
        })
    })?;
    others(door, bundle, people, classes);
    Ok(())
}

/// What to do with a pupil's enrollment, given its days.
fn place<I>(
    row: &Enrollment,
    people: &People<'_>,
    classes: &Classes<'_>,
    years: &Years<'_>,
    item: impl FnOnce(Span) -> I,
) -> Plan<I> {
    let span = match classes.find(&row.class) {
        Found::Foreign => return Plan::Skip,
        Found::Rejected => return Plan::Refuse(lost("classSourcedId", &row.class, File::Classes)),
        Found::Unknown => return Plan::Refuse(unknown("classSourcedId", &row.class, File::Classes)),
        Found::Here(class) => years.span(class),
        Found::Held(_, year) => years.year(year),
    };
    if !people.pupils.contains(row.user.as_str()) {
        return Plan::Refuse(no_student(row));
    }
    Plan::Write(item(within(row.begin, row.end, span)))
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
    // Of classes that stand in the diary alone, the teachers are counted where they are written.
    let counted = |row: &Enrollment| classes.is_teacher(row) && matches!(classes.find(&row.class), Found::Held(..));
    for row in bundle.enrollments.iter().filter(|row| row.role != Role::Student && !counted(row)) {
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
