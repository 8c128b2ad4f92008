//! Staff, classes, students with their guardians.

use domain::intake::{self, Ward};

use super::desk::{Desk, Origin};
use super::ids;
use super::kin::Kin;
use super::terms::Terms;
use crate::workbook::book::at;
use crate::workbook::{Book, Sheet};

pub(super) fn staff(book: &Book, desk: &mut Desk<'_>) -> domain::Result<()> {
    let items = book.staff.iter().enumerate().filter_map(|(place, row)| {
        let item = intake::Staff { external_id: ids::staff(book, at(place))?, name: row.name.clone() };
        Some((Origin { at: place, line: row.line }, item))
    });
    desk.put(Sheet::Staff, items)
}

pub(super) fn classes(book: &Book, desk: &mut Desk<'_>) -> domain::Result<()> {
    let items = book.classes.iter().enumerate().map(|(place, row)| {
        let item = intake::ClassGroup {
            external_id: ids::class(book, at(place)),
            school_year: book.year,
            level: row.level,
            name: row.name.clone(),
            shift: row.shift,
            language: row.language,
            homeroom_teacher: row.teacher.and_then(|teacher| ids::staff(book, teacher)),
        };
        (Origin { at: place, line: row.line }, item)
    });
    desk.put(Sheet::Classes, items)
}

/// A student is in one class a year, so the membership is called after the student: another class on the row moves it.
pub(super) fn students(book: &Book, terms: &Terms<'_>, kin: &Kin<'_>, desk: &mut Desk<'_>) -> domain::Result<()> {
    let rows = || book.students.iter().enumerate().map(|(place, row)| (Origin { at: place, line: row.line }, row));
    let students = rows().map(|(origin, row)| {
        let item = intake::Student {
            external_id: row.number.clone(),
            name: row.name.clone(),
            birth_date: row.birth_date,
            sex: row.sex,
            starts_on: row.since.unwrap_or_else(|| terms.first_day()),
        };
        (origin, item)
    });
    desk.put(Sheet::Students, students)?;
    let members = rows().map(|(origin, row)| {
        let item = intake::ClassMember {
            external_id: ids::class_member(book, &row.number),
            class_group: ids::class(book, row.class),
            student: row.number.clone(),
            starts_on: row.since.unwrap_or_else(|| terms.first_day()),
            ends_on: row.until,
        };
        (origin, item)
    });
    desk.put(Sheet::Students, members)?;
    desk.put(Sheet::Students, guardians(book, kin))
}

/// What becomes of a guardian counts for the row of her first child.
fn guardians<'b>(book: &'b Book, kin: &'b Kin<'_>) -> impl Iterator<Item = (Origin, intake::Guardian)> + 'b {
    kin.families().filter_map(|(id, family)| {
        let (first, _) = family.wards.first()?;
        let ward = |(student, relation): &(_, crate::workbook::words::Relation)| Ward {
            student: ids::student(book, *student),
            relation: relation.as_str().to_owned(),
        };
        let item = intake::Guardian {
            external_id: id.to_owned(),
            name: family.name.clone(),
            email: family.email.clone(),
            wards: family.wards.iter().map(ward).chain(kin.others(id, family)).collect(),
        };
        Some((Origin::new(*first, family.line), item))
    })
}
