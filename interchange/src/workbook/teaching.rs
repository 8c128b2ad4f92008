//! Subjects and courses, the timetable, and the works to be graded.

use std::collections::HashSet;

use chrono::{NaiveDate, NaiveTime};
use domain::types::GradeKind;

use super::Sheet;
use super::book::{At, Book, Index, at, get};
use super::cells::{Cells, is_number};
use super::columns::Field;
use super::people::once;
use super::words::{Weekday, key};
use crate::report::Flaw;

/// The most points a work has and the most it weighs, in hundredths.
pub(crate) const POINTS_MAX: i64 = 100_000_000;
const WEIGHT_MAX: i64 = 10_000;
/// What a work counts where the cell is empty: once.
pub(crate) const USUAL_WEIGHT: i64 = 100;
/// The last lesson of a day.
pub(crate) const LESSON_MAX: i32 = 20;

#[derive(Debug)]
pub(crate) struct Subject {
    /// The first row that names it.
    pub(crate) line: u32,
    pub(crate) name: String,
}

/// A subject taught to a class or a subgroup of it.
#[derive(Debug)]
pub(crate) struct Course {
    pub(crate) line: u32,
    pub(crate) subject: At,
    pub(crate) class: At,
    pub(crate) subgroup: Option<String>,
    pub(crate) teacher: Option<At>,
    pub(crate) members: Vec<At>,
}

/// A lesson of every week.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) line: u32,
    pub(crate) course: At,
    pub(crate) weekday: chrono::Weekday,
    pub(crate) number: i32,
    pub(crate) teacher: Option<At>,
    pub(crate) room: Option<String>,
    /// Both, or the bells of the school tell.
    pub(crate) times: Option<(NaiveTime, NaiveTime)>,
    pub(crate) since: Option<NaiveDate>,
    pub(crate) until: Option<NaiveDate>,
}

/// A piece of work to be graded; points and weight in hundredths.
#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) line: u32,
    pub(crate) course: At,
    pub(crate) title: String,
    pub(crate) kind: GradeKind,
    pub(crate) date: NaiveDate,
    pub(crate) max: Option<i64>,
    pub(crate) weight: i64,
}

pub(crate) fn course(cells: &Cells<'_>, book: &mut Book, index: &mut Index) -> Result<(), Flaw> {
    let class = index.class(cells, &book.log)?;
    let name = cells.text(Field::Subject)?;
    let known = Some(key(&name)).filter(|key| !key.is_empty());
    let no_name = || cells.flaw(Field::Subject, "this is no name of a subject", "Write the subject in words");
    let known = known.ok_or_else(no_name)?;
    let subgroup = cells.maybe_text(Field::Subgroup)?;
    let subject = index.subjects.get(&known).copied().unwrap_or_else(|| at(book.subjects.len()));
    let siblings = index.courses.get(&(class, subject)).map_or(&[][..], Vec::as_slice);
    let same = |at: &At| {
        get(&book.courses, *at).is_some_and(|one| one.subgroup.as_deref().map(key) == subgroup.as_deref().map(key))
    };
    once(cells, Field::Subject, siblings.iter().any(same))?;
    let teacher = index.teacher(cells, &mut book.log)?;
    let members = members(cells, class, subgroup.is_some(), book, index)?;

    let place = at(book.courses.len());
    if index.subjects.insert(known, subject).is_none() {
        book.subjects.push(Subject { line: cells.line, name });
    }
    index.courses.entry((class, subject)).or_default().push(place);
    index.seats += members.len();
    for student in &members {
        index.taken.entry((*student, subject)).or_default().push(place);
    }
    book.courses.push(Course { line: cells.line, subject, class, subgroup, teacher, members });
    Ok(())
}

/// Who is in a course: the students a row names, else the whole class. A number that leads nowhere is reported and left out.
fn members(cells: &Cells<'_>, class: At, is_subgroup: bool, book: &mut Book, index: &Index) -> Result<Vec<At>, Flaw> {
    let Some(text) = cells.comment(Field::Members)? else {
        if is_subgroup {
            let reason = "a subgroup needs the numbers of its students";
            return Err(cells.flaw(Field::Subgroup, reason, "Write them on this row, separated by commas"));
        }
        return Ok(index.pupils.get(&class).cloned().unwrap_or_default());
    };
    let (mut members, mut known) = (Vec::new(), HashSet::new());
    for number in text.split([' ', ',', ';', '\n']).filter(|number| !number.is_empty()) {
        match index.students.get(number) {
            Some(student) if known.insert(*student) => members.push(*student),
            Some(_) => {}
            None => {
                let sheet = book.log.name(Sheet::Students);
                let reason = if is_number(number) {
                    format!("«{sheet}» has no student {number}; the subgroup was taken without")
                } else {
                    "something here is no number of a student; the subgroup was taken without".to_owned()
                };
                let flaw = cells.flaw(Field::Members, reason, "Write numbers of students, separated by commas");
                book.log.list(Sheet::Courses, cells.line, flaw);
            }
        }
    }
    Ok(members)
}

pub(crate) fn slot(cells: &Cells<'_>, book: &mut Book, index: &Index) -> Result<(), Flaw> {
    let Weekday(weekday) = cells.word(Field::Weekday)?;
    let number = cells.maybe_whole(Field::Lesson, 0, LESSON_MAX)?;
    let number =
        number.ok_or_else(|| cells.flaw(Field::Lesson, "the cell is empty", "Write the number of the lesson"))?;
    let course = index.course_of_class(cells, book)?;
    let times = match (cells.maybe_time(Field::Begins)?, cells.maybe_time(Field::Ends)?) {
        (None, None) => None,
        (Some(begins), Some(ends)) if begins < ends => Some((begins, ends)),
        (Some(_), Some(_)) => {
            return Err(cells.flaw(Field::Ends, "the lesson ends before it begins", "Correct one of the two"));
        }
        (None, Some(_)) => return Err(cells.flaw(Field::Begins, "the cell is empty", "Write when the lesson begins")),
        (Some(_), None) => return Err(cells.flaw(Field::Ends, "the cell is empty", "Write when the lesson ends")),
    };
    let (since, until) = (cells.maybe_day(Field::Since)?, cells.maybe_day(Field::Until)?);
    if until.zip(since).is_some_and(|(until, since)| until < since) {
        return Err(cells.flaw(Field::Until, "the last day lies before the first", "Correct one of the two"));
    }
    let room = cells.maybe_text(Field::Room)?;
    let teacher = index.teacher(cells, &mut book.log)?;
    book.slots.push(Slot { line: cells.line, course, weekday, number, teacher, room, times, since, until });
    Ok(())
}

pub(crate) fn work(cells: &Cells<'_>, book: &mut Book, index: &mut Index) -> Result<(), Flaw> {
    let course = index.course_of_class(cells, book)?;
    let work = Work {
        line: cells.line,
        course,
        title: cells.text(Field::Title)?,
        kind: cells.word(Field::Kind)?,
        date: cells.day(Field::Date)?,
        max: cells.maybe_hundredths(Field::MaxPoints, POINTS_MAX)?.filter(|most| *most > 0),
        weight: cells.maybe_hundredths(Field::Weight, WEIGHT_MAX)?.unwrap_or(USUAL_WEIGHT),
    };
    let alike = index.works.entry((course, key(&work.title))).or_default();
    let same_day = alike.iter().any(|one| get(&book.works, *one).is_some_and(|one| one.date == work.date));
    once(cells, Field::Title, same_day)?;
    alike.push(at(book.works.len()));
    book.works.push(work);
    Ok(())
}
