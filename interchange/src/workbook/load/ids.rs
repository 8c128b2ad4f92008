//! What the diary calls the rows of a workbook: derived from what a row is about, so that an edited workbook finds it again.
//! Nothing a school writes as a number holds a colon.

use chrono::NaiveDate;
use domain::types::Word;

use crate::workbook::Book;
use crate::workbook::book::{At, get};
use crate::workbook::marks::Grade;
use crate::workbook::words::{Period, key};

pub(super) fn staff(book: &Book, at: At) -> Option<String> {
    let row = get(&book.staff, at)?;
    Some(row.number.clone().unwrap_or_else(|| format!("name:{}", key(&row.name.formal()))))
}

pub(super) fn student(book: &Book, at: At) -> String {
    get(&book.students, at).map(|row| row.number.clone()).unwrap_or_default()
}

/// A student is in one class a year.
pub(super) fn class_member(book: &Book, student: &str) -> String {
    format!("{}:{student}", book.year)
}

/// The student of whose membership in a class this is the id.
pub(super) fn of_class_member(id: &str) -> Option<String> {
    id.split_once(':').map(|(_, student)| student.to_owned())
}

pub(super) fn class(book: &Book, at: At) -> String {
    let name = get(&book.classes, at).map(|row| key(&row.name)).unwrap_or_default();
    format!("{}:{name}", book.year)
}

pub(super) fn subject(book: &Book, at: At) -> String {
    get(&book.subjects, at).map(|row| key(&row.name)).unwrap_or_default()
}

pub(super) fn course(book: &Book, at: At) -> String {
    let Some(row) = get(&book.courses, at) else { return String::new() };
    let whole = format!("{}:{}", class(book, row.class), subject(book, row.subject));
    row.subgroup.as_ref().map_or(whole.clone(), |subgroup| format!("{whole}:{}", key(subgroup)))
}

pub(super) fn lesson(book: &Book, at: At, date: NaiveDate, number: i32) -> String {
    format!("{}:{date}:{number}", course(book, at))
}

pub(super) fn work(book: &Book, at: At) -> String {
    let Some(row) = get(&book.works, at) else { return String::new() };
    format!("{}:{}:{}", course(book, row.course), row.date, key(&row.title))
}

/// A grade for a work, or for a day: its lesson and kind are as the row says, whatever the timetable holds.
pub(super) fn grade(book: &Book, row: &Grade) -> String {
    let student = student(book, row.student);
    if let Some(at) = row.work {
        return format!("{}:{student}", work(book, at));
    }
    let lesson = row.lesson.map_or_else(|| "-".to_owned(), |number| number.to_string());
    format!("{}:{}:{lesson}:{}:{student}", course(book, row.course), row.date, row.kind.as_str())
}

pub(super) fn period_grade(book: &Book, at: At, subject_at: At, period: Period) -> String {
    let period = match period {
        Period::Quarter(number) => format!("quarter-{number}"),
        Period::Semester(number) => format!("semester-{number}"),
        Period::Whole(kind) => kind.as_str().to_owned(),
    };
    format!("{}:{period}:{}:{}", book.year, subject(book, subject_at), student(book, at))
}
