//! Subjects, courses and who is in them, lessons, works.

use std::collections::HashMap;

use domain::intake;
use domain::types::{LessonStatus, Names};

use super::desk::{Desk, Origin};
use super::ids;
use super::meetings::Meetings;
use super::terms::Terms;
use crate::workbook::book::{At, at, get};
use crate::workbook::teaching::Course;
use crate::workbook::{Book, Sheet};

/// What becomes of a subject counts for the first row of a course in it.
pub(super) fn subjects(book: &Book, desk: &mut Desk<'_>) -> domain::Result<()> {
    let items = book.subjects.iter().enumerate().filter_map(|(place, row)| {
        let course = book.courses.iter().position(|course| course.line == row.line)?;
        let item = intake::Subject { external_id: ids::subject(book, at(place)), names: Names::same(&row.name) };
        Some((Origin { at: course, line: row.line }, item))
    });
    desk.put(Sheet::Courses, items)
}

pub(super) fn courses(book: &Book, terms: &Terms<'_>, desk: &mut Desk<'_>) -> domain::Result<()> {
    let items = book.courses.iter().enumerate().map(|(place, row)| {
        let item = intake::Course {
            external_id: ids::course(book, at(place)),
            school_year: book.year,
            subject: ids::subject(book, row.subject),
            class_group: Some(ids::class(book, row.class)),
            teacher: row.teacher.and_then(|teacher| ids::staff(book, teacher)),
            name: name(book, row),
            subgroup: row.subgroup.clone(),
        };
        (Origin { at: place, line: row.line }, item)
    });
    desk.put(Sheet::Courses, items)?;
    desk.put(Sheet::Courses, members(book, terms))
}

/// «Алгебра 7 Ә», «Ағылшын тілі 7 Ә (1)».
fn name(book: &Book, row: &Course) -> String {
    let subject = get(&book.subjects, row.subject).map_or("", |subject| &subject.name);
    let class = get(&book.classes, row.class).map_or("", |class| &class.name);
    match &row.subgroup {
        Some(subgroup) => format!("{subject} {class} ({subgroup})"),
        None => format!("{subject} {class}"),
    }
}

/// Who is in which course. The membership is called after the student, the subject and which of the student's courses in it
/// this is: a student who moves to another class moves to its courses.
pub(super) fn members<'b>(
    book: &'b Book,
    terms: &Terms<'_>,
) -> impl Iterator<Item = (Origin, intake::CourseMember)> + use<'b> {
    let first_day = terms.first_day();
    let mut nth: HashMap<(At, At), u32> = HashMap::new();
    let mut rows: Vec<(usize, &'b Course, At, u32)> = Vec::new();
    for (place, course) in book.courses.iter().enumerate() {
        for student in &course.members {
            let nth = nth.entry((*student, course.subject)).and_modify(|nth| *nth += 1).or_insert(1);
            rows.push((place, course, *student, *nth));
        }
    }
    rows.into_iter().filter_map(move |(place, course, at_student, nth)| {
        let student = get(&book.students, at_student)?;
        let subject = ids::subject(book, course.subject);
        let suffix = if nth > 1 { format!(":{nth}") } else { String::new() };
        let item = intake::CourseMember {
            external_id: format!("{}:{}:{subject}{suffix}", book.year, student.number),
            course: ids::course(book, at(place)),
            student: student.number.clone(),
            starts_on: student.since.unwrap_or(first_day),
            ends_on: student.until,
        };
        Some((Origin { at: place, line: course.line }, item))
    })
}

pub(super) fn lessons(book: &Book, meetings: &Meetings, desk: &mut Desk<'_>) -> domain::Result<()> {
    let items = meetings.all.iter().filter_map(|meeting| {
        let slot = get(&book.slots, meeting.slot)?;
        let course = get(&book.courses, slot.course)?;
        let item = intake::Lesson {
            external_id: ids::lesson(book, slot.course, meeting.date, slot.number),
            course: ids::course(book, slot.course),
            date: meeting.date,
            number: slot.number,
            starts_at: meeting.starts_at,
            ends_at: meeting.ends_at,
            teacher: slot.teacher.or(course.teacher).and_then(|teacher| ids::staff(book, teacher)),
            room: slot.room.clone(),
            topic: None,
            status: LessonStatus::Planned,
            change: None,
        };
        Some((Origin::new(meeting.slot, slot.line), item))
    });
    desk.put(Sheet::Timetable, items)
}

pub(super) fn works(book: &Book, desk: &mut Desk<'_>) -> domain::Result<()> {
    let items = book.works.iter().enumerate().map(|(place, row)| {
        let item = intake::Assessment {
            external_id: ids::work(book, at(place)),
            course: ids::course(book, row.course),
            lesson: None,
            period: None,
            kind: row.kind,
            title: row.title.clone(),
            date: row.date,
            max_points: row.max,
            weight: row.weight,
        };
        (Origin { at: place, line: row.line }, item)
    });
    desk.put(Sheet::Works, items)
}
