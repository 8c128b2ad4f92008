//! Grades, attendance and the report card.

use std::collections::{HashMap, HashSet};

use domain::intake;
use domain::types::PeriodGradeKind;

use super::desk::{Desk, Origin};
use super::ids;
use super::meetings::Meetings;
use super::terms::Terms;
use crate::door::LoadError;
use crate::report::Refusal;
use crate::workbook::book::{At, at, get};
use crate::workbook::columns::Field;
use crate::workbook::marks::Presence;
use crate::workbook::teaching::USUAL_WEIGHT;
use crate::workbook::words::Period;
use crate::workbook::{Book, Sheet, dates};

pub(super) fn grades(book: &Book, meetings: &Meetings, desk: &mut Desk<'_>) -> domain::Result<()> {
    let items = book.grades.iter().enumerate().map(|(place, row)| {
        let work = row.work.and_then(|at| get(&book.works, at));
        // Without a number the only lesson of the day is meant.
        let number = match (row.work, row.lesson, meetings.numbers(row.course, row.date)) {
            (None, Some(number), numbers) if numbers.contains(&number) => Some(number),
            (None, None, [only]) => Some(*only),
            _ => None,
        };
        let item = intake::Grade {
            external_id: ids::grade(book, row),
            student: ids::student(book, row.student),
            course: ids::course(book, row.course),
            lesson: number.map(|number| ids::lesson(book, row.course, row.date, number)),
            assessment: row.work.map(|at| ids::work(book, at)),
            kind: row.kind,
            status: row.status,
            value: row.value.as_deref().map(str::to_owned),
            points: row.points,
            max_points: work.and_then(|work| work.max),
            weight: work.map_or(USUAL_WEIGHT, |work| work.weight),
            comment: row.comment.as_deref().map(str::to_owned),
            graded_on: row.date,
            removed: false,
        };
        (Origin { at: place, line: row.line }, item)
    });
    desk.put(Sheet::Grades, items)
}

/// As many lessons as rows of attendance may be about: a row of a whole day is about all a pupil has on it. A school of 1,400
/// that notes everybody at everything has as many in a year.
const NOTED_MAX: usize = 2_000_000;

/// A row of attendance at one lesson.
#[derive(Debug, Clone, Copy)]
pub(super) struct Noted {
    row: At,
    course: At,
    number: i32,
}

/// The lessons each row of attendance is about. What is said of one lesson counts more than what is said of a subject's, and
/// that more than what is said of the whole day. A row about no lesson is refused; rows about more lessons than [`NOTED_MAX`]
/// refuse the whole.
pub(super) fn presences(book: &Book, meetings: &Meetings, desk: &mut Desk<'_>) -> Result<Vec<Noted>, LoadError> {
    let mut courses: HashMap<At, Vec<At>> = HashMap::new();
    for (place, course) in book.courses.iter().enumerate() {
        for student in &course.members {
            courses.entry(*student).or_default().push(at(place));
        }
    }
    let mut order: Vec<(usize, &Presence)> = book.presences.iter().enumerate().collect();
    order.sort_by_key(|(_, row)| (row.lesson.is_none(), row.subject.is_none()));
    let (mut noted, mut taken) = (Vec::new(), HashSet::new());
    for (place, row) in order {
        let own = courses.get(&row.student).map_or(&[][..], Vec::as_slice);
        let of_subject = |course: &At| {
            row.subject.is_none_or(|subject| get(&book.courses, *course).is_some_and(|one| one.subject == subject))
        };
        let mut found = false;
        for course in own.iter().copied().filter(of_subject) {
            let numbers = meetings.numbers(course, row.date).iter().copied();
            for number in numbers.filter(|number| row.lesson.is_none_or(|wanted| wanted == *number)) {
                found = true;
                if noted.len() == NOTED_MAX {
                    let told =
                        "The rows of attendance are about more lessons than one import takes; put half a year into it.";
                    return Err(LoadError::Refused(Refusal::new(told)));
                }
                if taken.insert((row.student, course, row.date, number)) {
                    noted.push(Noted { row: at(place), course, number });
                }
            }
        }
        if !found {
            let name = desk.log.name(Sheet::Timetable).to_owned();
            let (reason, mend) = if name.is_empty() {
                ("there is no timetable in the workbook".to_owned(), "Add its sheet".to_owned())
            } else {
                let mend = format!("Correct the row, or add the lesson to «{name}»");
                ("the student has no such lesson on this day".to_owned(), mend)
            };
            let flaw = desk.log.flaw(Sheet::Attendance, Field::Date, &dates::shown(row.date), reason, mend);
            desk.refuse(Sheet::Attendance, Origin { at: place, line: row.line }, flaw);
        }
    }
    noted.sort_by_key(|one| one.row);
    Ok(noted)
}

pub(super) fn attendance(book: &Book, noted: &[Noted], desk: &mut Desk<'_>) -> domain::Result<()> {
    let items = noted.iter().filter_map(|one| {
        let row = get(&book.presences, one.row)?;
        let (lesson, student) = (ids::lesson(book, one.course, row.date, one.number), ids::student(book, row.student));
        let item = intake::Attendance {
            external_id: format!("{lesson}:{student}"),
            student,
            lesson,
            status: row.status,
            minutes_late: row.minutes,
            comment: row.comment.as_deref().map(str::to_owned),
        };
        Some((Origin::new(one.row, row.line), item))
    });
    desk.put(Sheet::Attendance, items)
}

/// The school's own ids of the periods that rows of the report card name. A row of a period the school has not is refused.
pub(super) fn periods(book: &Book, terms: &Terms<'_>, desk: &mut Desk<'_>) -> HashMap<Period, String> {
    let mut ids = HashMap::new();
    for (place, row) in book.period_grades.iter().enumerate() {
        if let Some(id) = terms.id(row.period) {
            ids.insert(row.period, id.to_owned());
            continue;
        }
        let reason = format!("the school has no such period in the school year {}", book.year);
        let flaw = desk.log.flaw(Sheet::PeriodGrades, Field::Period, "", reason, "Write a period the school has");
        desk.refuse(Sheet::PeriodGrades, Origin { at: place, line: row.line }, flaw);
    }
    ids
}

pub(super) fn period_grades(book: &Book, periods: &HashMap<Period, String>, desk: &mut Desk<'_>) -> domain::Result<()> {
    let items = book.period_grades.iter().enumerate().filter_map(|(place, row)| {
        let item = intake::PeriodGrade {
            external_id: ids::period_grade(book, row.student, row.subject, row.period),
            student: ids::student(book, row.student),
            subject: ids::subject(book, row.subject),
            period: periods.get(&row.period)?.clone(),
            kind: match row.period {
                Period::Whole(kind) => kind,
                Period::Quarter(_) | Period::Semester(_) => PeriodGradeKind::Period,
            },
            status: row.status,
            value: row.value.as_deref().map(str::to_owned),
            percent: row.percent,
        };
        Some((Origin { at: place, line: row.line }, item))
    });
    desk.put(Sheet::PeriodGrades, items)
}
