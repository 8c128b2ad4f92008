//! Grades, attendance and the report card: what one student got or did, where and when.

use chrono::NaiveDate;
use domain::types::{AttendanceStatus, GradeKind, GradeStatus};

use super::book::{At, Book, Index, Marked, get};
use super::cells::Cells;
use super::columns::Field;
use super::people::once;
use super::teaching::{LESSON_MAX, POINTS_MAX};
use super::words::{Period, Word, key};
use crate::report::Flaw;

/// The longest value of a grade in characters: «9.5», «зачёт».
const VALUE_MAX: usize = 40;
/// Nobody is later than a school day is long.
const MINUTES_MAX: i32 = 600;

/// What a student got; points in hundredths.
#[derive(Debug)]
pub(crate) struct Grade {
    pub(crate) line: u32,
    pub(crate) student: At,
    pub(crate) course: At,
    pub(crate) work: Option<At>,
    /// The number of the lesson it was given in.
    pub(crate) lesson: Option<i32>,
    pub(crate) kind: GradeKind,
    pub(crate) status: GradeStatus,
    pub(crate) value: Option<Box<str>>,
    pub(crate) points: Option<i64>,
    pub(crate) comment: Option<Box<str>>,
    pub(crate) date: NaiveDate,
}

/// How a student was at a lesson, at all lessons of a subject on a day, or on a whole day.
#[derive(Debug)]
pub(crate) struct Presence {
    pub(crate) line: u32,
    pub(crate) student: At,
    pub(crate) date: NaiveDate,
    pub(crate) lesson: Option<i32>,
    pub(crate) subject: Option<At>,
    pub(crate) status: AttendanceStatus,
    pub(crate) minutes: Option<i32>,
    pub(crate) comment: Option<Box<str>>,
}

/// A line of the report card; percent in hundredths.
#[derive(Debug)]
pub(crate) struct PeriodGrade {
    pub(crate) line: u32,
    pub(crate) student: At,
    pub(crate) subject: At,
    pub(crate) period: Period,
    pub(crate) status: GradeStatus,
    pub(crate) value: Option<Box<str>>,
    pub(crate) percent: Option<i64>,
}

pub(crate) fn grade(cells: &Cells<'_>, book: &mut Book, index: &mut Index) -> Result<(), Flaw> {
    let student = index.student(cells, &book.log)?;
    let course = index.course_of_student(cells, student, book)?;
    let (date, lesson) = (cells.day(Field::Date)?, cells.maybe_whole(Field::Lesson, 0, LESSON_MAX)?);
    let at = work(cells, course, date, book, index)?;
    let work = at.and_then(|at| get(&book.works, at));
    let kind = cells.maybe_word(Field::Kind)?.or(work.map(|work| work.kind)).unwrap_or(GradeKind::Formative);
    let (status, value) = value(cells)?;
    let points = points(cells, status, value.as_deref(), work.and_then(|work| work.max))?;
    let marked = at.map_or(Marked::Day(course, date, lesson, kind), Marked::Work);
    if index.knows(cells, (student, marked)) {
        let reason = "the student has a grade for this in a row above";
        return Err(cells.flaw(Field::Grade, reason, "Keep one of the rows, or name the work, the lesson or the kind"));
    }
    let value = value.or_else(|| points.map(shown)).filter(|_| status == GradeStatus::Graded);
    let comment = cells.comment(Field::Comment)?.map(String::into_boxed_str);
    index.note(cells, (student, marked));
    let value = value.map(String::into_boxed_str);
    book.grades.push(Grade {
        line: cells.line,
        student,
        course,
        work: at,
        lesson,
        kind,
        status,
        value,
        points,
        comment,
        date,
    });
    Ok(())
}

/// The work a grade names by its title; where several are called so, the one of that day.
fn work(cells: &Cells<'_>, course: At, date: NaiveDate, book: &Book, index: &Index) -> Result<Option<At>, Flaw> {
    let Some(title) = cells.maybe_text(Field::Work)? else { return Ok(None) };
    let alike = index.works.get(&(course, key(&title))).map_or(&[][..], Vec::as_slice);
    let of_day = || alike.iter().find(|at| get(&book.works, **at).is_some_and(|work| work.date == date));
    match (alike, of_day()) {
        ([one], _) | (_, Some(one)) => Ok(Some(*one)),
        ([], None) => {
            let sheet = book.log.name(super::Sheet::Works);
            let reason = "the subject has no such work for this class";
            Err(cells.flaw(Field::Work, reason, format!("Add it to «{sheet}», or write it as it stands there")))
        }
        (_, None) => {
            Err(cells.flaw(Field::Date, "several works are called so, none on this day", "Write the day of the work"))
        }
    }
}

/// What the cell of a grade says: a value, or the word of a status.
fn value(cells: &Cells<'_>) -> Result<(GradeStatus, Option<String>), Flaw> {
    let text = cells.maybe_text(Field::Grade)?;
    let spoken = text.as_deref().and_then(GradeStatus::read);
    let value = text.filter(|_| spoken.is_none());
    let told = cells.maybe_word(Field::Status)?.or(spoken);
    if let Some(value) = &value {
        if ["Н", "Ж"].contains(&key(value).as_str()) {
            let mend = "Write it on the sheet of attendance, or «н/а» where nothing was assessed";
            return Err(cells.flaw(Field::Grade, "this says that the student was absent", mend));
        }
        if value.chars().count() > VALUE_MAX {
            return Err(cells.flaw(Field::Grade, "the grade is too long", "Write a number or one word"));
        }
    }
    let status = told.unwrap_or(GradeStatus::Graded);
    if status != GradeStatus::Graded && value.is_some() {
        return Err(cells.flaw(
            Field::Grade,
            "there is a grade, but the status says there is none",
            "Clear one of the two",
        ));
    }
    if status == GradeStatus::Graded && value.is_none() && !cells.has(Field::Points) {
        return Err(cells.flaw(Field::Grade, "the cell is empty", "Write the grade, or the status"));
    }
    Ok((status, value.map(|value| plain(&value))))
}

/// A number as the diary shows it: «9,50» is 9.5; anything else as it is.
fn plain(value: &str) -> String {
    let dotted = value.replace(',', ".");
    let signed = dotted.starts_with(['-', '+']);
    let read = crate::oneroster::Hundredths::read(&dotted).filter(|_| !signed);
    read.map_or_else(|| value.to_owned(), |read| shown(read.0))
}

/// Hundredths without trailing zeros: 9.5, 18.
fn shown(hundredths: i64) -> String {
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The points of a grade; where the work has a maximum, a grade that is a number is its points.
fn points(cells: &Cells<'_>, status: GradeStatus, value: Option<&str>, max: Option<i64>) -> Result<Option<i64>, Flaw> {
    let written = cells.maybe_hundredths(Field::Points, POINTS_MAX)?;
    let field = if written.is_some() { Field::Points } else { Field::Grade };
    let number = || value.and_then(crate::oneroster::Hundredths::read).map(|read| read.0).filter(|_| max.is_some());
    let points = written.or_else(number).filter(|_| status == GradeStatus::Graded);
    if points.zip(max).is_some_and(|(points, max)| points > max || points < 0) {
        return Err(cells.flaw(field, "there are more points than the work has", "Correct the grade, or the work"));
    }
    Ok(points)
}

pub(crate) fn presence(cells: &Cells<'_>, book: &mut Book, index: &mut Index) -> Result<(), Flaw> {
    let student = index.student(cells, &book.log)?;
    let (date, lesson) = (cells.day(Field::Date)?, cells.maybe_whole(Field::Lesson, 0, LESSON_MAX)?);
    let subject = if cells.has(Field::Subject) { Some(index.subject(cells, &book.log)?) } else { None };
    let status = cells.word(Field::Status)?;
    let minutes = cells.maybe_whole(Field::Minutes, 1, MINUTES_MAX)?;
    if minutes.is_some() != (status == AttendanceStatus::Late) {
        let reason = "minutes go with being late, and only with it";
        return Err(cells.flaw(Field::Minutes, reason, "Write how many minutes late, or clear the cell"));
    }
    once(cells, Field::Status, index.knows(cells, (student, date, lesson, subject)))?;
    let comment = cells.comment(Field::Comment)?.map(String::into_boxed_str);
    index.note(cells, (student, date, lesson, subject));
    book.presences.push(Presence { line: cells.line, student, date, lesson, subject, status, minutes, comment });
    Ok(())
}

pub(crate) fn period_grade(cells: &Cells<'_>, book: &mut Book, index: &mut Index) -> Result<(), Flaw> {
    let student = index.student(cells, &book.log)?;
    let subject = index.subject(cells, &book.log)?;
    let period = cells.word(Field::Period)?;
    let (status, value) = value(cells)?;
    let percent = cells.maybe_hundredths(Field::Percent, 10_000)?;
    if percent.is_some_and(|percent| (1..=100).contains(&percent)) {
        return Err(cells.flaw(Field::Percent, "this is one percent or less", "Write 85 for 85 percent, not 0.85"));
    }
    once(cells, Field::Period, index.knows(cells, (student, subject, period)))?;
    index.note(cells, (student, subject, period));
    let value = value.map(String::into_boxed_str);
    book.period_grades.push(PeriodGrade { line: cells.line, student, subject, period, status, value, percent });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grade_is_shown_with_a_point_and_no_zeros_behind() {
        for (written, expected) in [
            ("9,50", "9.5"),
            ("8", "8"),
            ("10.00", "10"),
            ("зачёт", "зачёт"),
            ("A-", "A-"),
            ("-5", "-5"),
            ("5/4", "5/4"),
        ] {
            assert_eq!(plain(written), expected);
        }
    }
}
