//! A workbook as typed rows that name each other by their places, and the ways a row finds another.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

use chrono::NaiveDate;

use super::Sheet;
use super::cells::Cells;
use super::columns::Field;
use super::families::{Family, Guardian};
use super::log::Log;
use super::marks::{Grade, PeriodGrade, Presence};
use super::people::{Class, Staff, Student};
use super::teaching::{Course, Slot, Subject, Work};
use super::words::key;
use crate::report::{Flaw, Rejection};

/// The place of a row among those of its kind.
pub(crate) type At = u32;

/// A workbook that was read to the end. Rows that broke a rule are not in it; everything a row names is.
#[derive(Debug, Default)]
pub struct Book {
    /// The year its school year starts in.
    pub(crate) year: i32,
    pub(crate) staff: Vec<Staff>,
    pub(crate) classes: Vec<Class>,
    pub(crate) students: Vec<Student>,
    pub(crate) families: Vec<Family>,
    /// Students of whose guardians something could not be read.
    pub(crate) in_doubt: HashSet<At>,
    pub(crate) subjects: Vec<Subject>,
    pub(crate) courses: Vec<Course>,
    pub(crate) slots: Vec<Slot>,
    pub(crate) works: Vec<Work>,
    pub(crate) grades: Vec<Grade>,
    pub(crate) presences: Vec<Presence>,
    pub(crate) period_grades: Vec<PeriodGrade>,
    pub(crate) log: Log,
}

impl Book {
    /// What was left out: rows, and what single cells of rows that were taken named.
    pub fn rejections(&self) -> &[Rejection] {
        &self.log.rejections
    }

    /// What was passed over without harm, in whole sentences.
    pub fn notes(&self) -> &[String] {
        &self.log.notes
    }

    /// How many rows of a sheet were read, how many of them were examples, and how many are left out; nothing if there is no
    /// such sheet.
    pub fn count(&self, sheet: Sheet) -> Option<(u64, u64, u64)> {
        let read = self.log.sheets.iter().find(|read| read.sheet == sheet)?;
        Some((read.read, read.skipped, read.rejected))
    }
}

/// What is known of the sheets read so far, by what other rows call it.
#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(crate) staff_numbers: HashMap<String, At>,
    /// None where two people are called so.
    pub(crate) staff_names: HashMap<String, Option<At>>,
    /// The names of those without a number.
    pub(crate) unnumbered: HashSet<String>,
    pub(crate) classes: HashMap<String, At>,
    pub(crate) students: HashMap<String, At>,
    pub(crate) subjects: HashMap<String, At>,
    /// The students of each class.
    pub(crate) pupils: HashMap<At, Vec<At>>,
    /// How many students all courses together have.
    pub(crate) seats: usize,
    /// By class and subject.
    pub(crate) courses: HashMap<(At, At), Vec<At>>,
    /// By student and subject.
    pub(crate) taken: HashMap<(At, At), Vec<At>>,
    /// By course and title.
    pub(crate) works: HashMap<(At, String), Vec<At>>,
    /// What grades, attendance and lines of the report card are about. Only keyed hashes are held: of a million, two meet by
    /// chance once in forty million runs.
    about: HashSet<u64>,
    hasher: RandomState,
    /// What the rows of students say of guardians.
    pub(crate) guardians: Vec<Guardian>,
    /// What rows that were left out were called.
    lost: HashSet<(Sheet, String)>,
    /// None until a row tells it.
    pub(crate) year: Option<i32>,
}

/// What a grade is for: a work, or a day with the number of the lesson and the kind of grade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Marked {
    Work(At),
    Day(At, NaiveDate, Option<i32>, domain::types::GradeKind),
}

/// A place as an index.
pub(crate) fn at(place: usize) -> At {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// The row at a place.
pub(crate) fn get<T>(rows: &[T], at: At) -> Option<&T> {
    rows.get(usize::try_from(at).unwrap_or(usize::MAX))
}

impl Index {
    /// Whether a row of the sheet above is about the same.
    pub(crate) fn knows(&self, cells: &Cells<'_>, about: impl Hash) -> bool {
        self.about.contains(&self.hasher.hash_one((cells.heading.sheet, about)))
    }

    pub(crate) fn note(&mut self, cells: &Cells<'_>, about: impl Hash) {
        self.about.insert(self.hasher.hash_one((cells.heading.sheet, about)));
    }

    /// Remembers what a rejected row was called, so that those that name it are told the true reason.
    pub(crate) fn lose(&mut self, cells: &Cells<'_>) {
        let sheet = cells.heading.sheet;
        let field = match sheet {
            Sheet::Classes => Field::Class,
            Sheet::Students => Field::Number,
            Sheet::Staff => Field::FullName,
            Sheet::Works => Field::Title,
            _ => return,
        };
        if let Some(text) = cells.raw(field) {
            self.lost.insert((sheet, key(&text)));
        }
    }

    /// Whether a row that was called so was left out.
    pub(crate) fn was_lost(&self, sheet: Sheet, name: &str) -> bool {
        self.lost.contains(&(sheet, key(name)))
    }

    /// Why a name leads nowhere.
    fn dangling(&self, cells: &Cells<'_>, field: Field, into: Sheet, log: &Log) -> Flaw {
        let lost = cells.raw(field).is_some_and(|text| self.lost.contains(&(into, key(&text))));
        let sheet = Some(log.name(into)).filter(|name| !name.is_empty()).unwrap_or_else(|| into.titles()[1]);
        if lost {
            let reason = format!("the row of «{sheet}» it names was left out");
            return cells.flaw(field, reason, format!("Mend that row of «{sheet}»"));
        }
        let reason = format!("«{sheet}» has no such row");
        cells.flaw(field, reason, format!("Add it to «{sheet}», or write it as it stands there"))
    }

    pub(crate) fn class(&self, cells: &Cells<'_>, log: &Log) -> Result<At, Flaw> {
        let name = key(&cells.text(Field::Class)?);
        let flaw = || self.dangling(cells, Field::Class, Sheet::Classes, log);
        self.classes.get(&name).copied().ok_or_else(flaw)
    }

    pub(crate) fn student(&self, cells: &Cells<'_>, log: &Log) -> Result<At, Flaw> {
        let number = cells.number(Field::Student)?;
        let flaw = || self.dangling(cells, Field::Student, Sheet::Students, log);
        self.students.get(&number).copied().ok_or_else(flaw)
    }

    pub(crate) fn subject(&self, cells: &Cells<'_>, log: &Log) -> Result<At, Flaw> {
        let name = key(&cells.text(Field::Subject)?);
        let flaw = || self.dangling(cells, Field::Subject, Sheet::Courses, log);
        self.subjects.get(&name).copied().ok_or_else(flaw)
    }

    /// A teacher by number or name. A name that leads nowhere is reported and left out; the row stands.
    pub(crate) fn teacher(&self, cells: &Cells<'_>, log: &mut Log) -> Result<Option<At>, Flaw> {
        let Some(text) = cells.maybe_text(Field::Teacher)? else { return Ok(None) };
        if let Some(known) = self.staff_numbers.get(&text) {
            return Ok(Some(*known));
        }
        let flaw = match self.staff_names.get(&key(&text)) {
            Some(Some(known)) => return Ok(Some(*known)),
            Some(None) => {
                let reason = "several people are called so; the row was taken without the teacher";
                cells.flaw(Field::Teacher, reason, "Write the person's number")
            }
            None => {
                let flaw = self.dangling(cells, Field::Teacher, Sheet::Staff, log);
                Flaw { reason: format!("{}; the row was taken without the teacher", flaw.reason).into(), ..flaw }
            }
        };
        log.list(cells.heading.sheet, cells.line, flaw);
        Ok(None)
    }

    /// The course of a class that a row names by subject and, where there are several, by subgroup.
    pub(crate) fn course_of_class(&self, cells: &Cells<'_>, book: &Book) -> Result<At, Flaw> {
        let (class, subject) = (self.class(cells, &book.log)?, self.subject(cells, &book.log)?);
        let known = self.courses.get(&(class, subject)).map_or(&[][..], Vec::as_slice);
        Self::among(cells, known, book)
    }

    /// The course in which a student learns a subject.
    pub(crate) fn course_of_student(&self, cells: &Cells<'_>, student: At, book: &Book) -> Result<At, Flaw> {
        let subject = self.subject(cells, &book.log)?;
        let known = self.taken.get(&(student, subject)).map_or(&[][..], Vec::as_slice);
        Self::among(cells, known, book)
    }

    fn among(cells: &Cells<'_>, known: &[At], book: &Book) -> Result<At, Flaw> {
        let subgroup = |at: At| get(&book.courses, at).and_then(|course| course.subgroup.as_deref()).map(key);
        let wanted = cells.maybe_text(Field::Subgroup)?.map(|text| key(&text));
        let named: Vec<At> = known.iter().copied().filter(|at| subgroup(*at) == wanted).collect();
        match (named.as_slice(), known) {
            ([one], _) => Ok(*one),
            ([], [one]) if wanted.is_none() => Ok(*one),
            (_, []) => {
                let sheet = book.log.name(Sheet::Courses);
                let reason = format!("«{sheet}» has no such subject for this class");
                Err(cells.flaw(Field::Subject, reason, format!("Add the subject of the class to «{sheet}»")))
            }
            _ if wanted.is_some() => Err(cells.flaw(
                Field::Subgroup,
                "the class has no such subgroup in this subject",
                "Write it as on the sheet of subjects",
            )),
            _ => {
                let mend = "Add the column and write the subgroup";
                Err(cells.flaw(Field::Subject, "there are several subgroups in this subject", mend))
            }
        }
    }
}
