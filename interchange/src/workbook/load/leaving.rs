//! Who and what a workbook no longer holds, found before anything is written.
//!
//! A workbook is of one school year and perhaps of some classes only, so it takes back what an import of a workbook wrote for
//! that year and those classes, and nothing else. Grades and works are covered by the quarters the sheet has any in: half a
//! year may stand in a workbook of its own. A sheet that is missing or empty takes nothing back, and neither does one of
//! which something was left out.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use chrono::NaiveDate;
use domain::db::Db;
use domain::intake::{Kind, Standing};
use domain::types::SchoolId;

use super::desk::Desk;
use super::kin::Kin;
use super::meetings::Meetings;
use super::terms::Terms;
use super::{ids, teaching};
use crate::door::{Fate, Leaving, LoadError};
use crate::workbook::book::at;
use crate::workbook::{Book, Sheet};

/// Ids as keyed hashes: of half a million grades, two meet by chance once in a hundred million runs.
#[derive(Default)]
struct Held {
    hasher: RandomState,
    ids: HashSet<u64>,
}

impl Held {
    fn new(ids: impl Iterator<Item = String>) -> Self {
        let hasher = RandomState::new();
        Self { ids: ids.map(|id| hasher.hash_one(id)).collect(), hasher }
    }

    fn has(&self, id: &str) -> bool {
        self.ids.contains(&self.hasher.hash_one(id))
    }
}

/// What a workbook is about.
struct Cover<'a> {
    book: &'a Book,
    terms: &'a Terms<'a>,
    classes: HashSet<String>,
    courses: HashSet<String>,
}

/// What of the school leaves.
pub(super) fn find(
    db: &Db,
    (school, today): (SchoolId, NaiveDate),
    book: &Book,
    (terms, meetings, kin): (&Terms<'_>, &Meetings, &Kin<'_>),
    desk: &mut Desk<'_>,
    allow_shrink: bool,
) -> Result<Leaving, LoadError> {
    let cover = Cover::new(book, terms);
    let mut leaving = Leaving::new(allow_shrink);
    let mut of = |kind, sheet, fate: &dyn Fn(&Standing) -> Fate| match desk.taking_back(sheet) {
        Some(place) => leaving.find(db, (school, today), kind, place, fate),
        None => Ok(()),
    };
    let (grades, works) = (Held::new(cover.grades()), Held::new(cover.works()));
    let (of_grades, of_works) =
        (cover.runs(book.grades.iter().map(|row| row.date)), cover.runs(book.works.iter().map(|row| row.date)));
    of(Kind::Grades, Sheet::Grades, &|one| cover.marked(one, &of_grades, &grades))?;
    of(Kind::Assessments, Sheet::Works, &|one| cover.marked(one, &of_works, &works))?;
    let lessons = Held::new(meetings.ids(book));
    of(Kind::Lessons, Sheet::Timetable, &|one| cover.lesson(one, &lessons))?;
    let members = Held::new(teaching::members(book, terms).map(|(_, member)| member.external_id));
    of(Kind::CourseMembers, Sheet::Courses, &|one| cover.member(one, &members))?;
    let pupils = Held::new(book.students.iter().map(|row| ids::class_member(book, &row.number)));
    of(Kind::ClassMembers, Sheet::Students, &|one| cover.member(one, &pupils))?;
    leaving.before(Kind::ClassMembers, Kind::Students, ids::of_class_member);
    if let Some(place) = desk.place_of(Sheet::Students) {
        let (ending, stood) = kin.ending();
        leaving.rights(place, ending, stood)?;
    }
    Ok(leaving)
}

impl<'a> Cover<'a> {
    fn new(book: &'a Book, terms: &'a Terms<'a>) -> Self {
        let classes = (0..book.classes.len()).map(|place| ids::class(book, at(place))).collect();
        let courses = (0..book.courses.len()).map(|place| ids::course(book, at(place))).collect();
        Self { book, terms, classes, courses }
    }

    fn grades(&self) -> impl Iterator<Item = String> {
        self.book.grades.iter().map(|row| ids::grade(self.book, row))
    }

    fn works(&self) -> impl Iterator<Item = String> {
        (0..self.book.works.len()).map(|place| ids::work(self.book, at(place)))
    }

    fn runs(&self, days: impl Iterator<Item = NaiveDate>) -> HashSet<usize> {
        days.map(|day| self.terms.run(day)).collect()
    }

    /// A grade or a work of a course that the workbook names, in a quarter it covers.
    fn marked(&self, one: &Standing, runs: &HashSet<usize>, held: &Held) -> Fate {
        let ours = one.of.as_ref().is_some_and(|course| self.courses.contains(course) && is_made_of(one, course));
        let covered = one.date.is_some_and(|day| runs.contains(&self.terms.run(day)));
        fate(ours && covered, held, one)
    }

    /// A lesson of a class that the workbook names.
    fn lesson(&self, one: &Standing, held: &Held) -> Fate {
        let ours = one.of.as_ref().is_some_and(|course| self.is_of_class(course) && is_made_of(one, course));
        fate(ours, held, one)
    }

    /// A membership in a class that the workbook names, or in a course of it.
    fn member(&self, one: &Standing, held: &Held) -> Fate {
        let year = one.external_id.split(':').next();
        let ours = year == Some(&self.book.year.to_string());
        fate(ours && one.of.as_ref().is_some_and(|of| self.is_of_class(of)), held, one)
    }

    /// A class itself, or a course, whose id begins with that of its class.
    fn is_of_class(&self, id: &str) -> bool {
        let class_end = id.match_indices(':').nth(1).map_or(id.len(), |(end, _)| end);
        id.get(..class_end).is_some_and(|class| self.classes.contains(class))
    }
}

/// Whether a workbook gave the id, which then begins with that of the course.
fn is_made_of(one: &Standing, course: &str) -> bool {
    one.external_id.strip_prefix(course).is_some_and(|rest| rest.starts_with(':'))
}

fn fate(ours: bool, held: &Held, one: &Standing) -> Fate {
    match (ours, held.has(&one.external_id)) {
        (false, _) => Fate::Foreign,
        (true, true) => Fate::Stays,
        (true, false) => Fate::Leaves,
    }
}
