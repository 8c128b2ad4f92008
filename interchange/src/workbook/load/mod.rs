//! From a checked workbook into the diary: each row through the same door a school's journal writes through.

mod desk;
mod ids;
mod kin;
mod leaving;
mod marks;
mod meetings;
mod people;
mod teaching;
mod terms;

use chrono::NaiveDateTime;
use domain::db::Db;
use domain::intake::Writer;
use domain::types::SchoolId;

use self::desk::Desk;
use self::kin::Kin;
use self::meetings::Meetings;
use self::terms::Terms;
use super::Book;
use crate::door::{LoadError, Options, alone, today};
use crate::report::Report;

/// Writes what `book` says of the school, then takes back what an earlier workbook said and this one no longer does. Whatever
/// contradicts the school's calendar is found before anything is written. A second import of the same workbook changes
/// nothing. One import of a school at a time.
pub fn load(
    db: &Db,
    school: SchoolId,
    book: &Book,
    now: NaiveDateTime,
    options: Options<'_>,
) -> Result<Report, LoadError> {
    let _alone = alone(db, school)?;
    let writer = Writer { school, staff: None, client: None, now, reopen: true, baseline: true };
    let calendar = terms::calendar(db, school, book.year)?;
    let terms = Terms::new(book.year, &calendar);
    let today = today(db, school, now)?;
    let mut desk = Desk::new(db, writer, book, options.progress);
    let kin = Kin::new(book, desk.links()?);
    let meetings = Meetings::lay_out(book, &calendar, &terms, &mut desk);
    let presences = marks::presences(book, &meetings, &mut desk)?;
    let periods = marks::periods(book, &terms, &mut desk);
    let found = (&terms, &meetings, &kin);
    let leaving = leaving::find(db, (school, today), book, found, &mut desk, options.allow_shrink)?;

    terms::write(db, writer, &calendar)?;
    teaching::subjects(book, &mut desk)?;
    people::staff(book, &mut desk)?;
    people::classes(book, &mut desk)?;
    people::students(book, &terms, &kin, &mut desk)?;
    teaching::courses(book, &terms, &mut desk)?;
    teaching::lessons(book, &meetings, &mut desk)?;
    teaching::works(book, &mut desk)?;
    marks::grades(book, &meetings, &mut desk)?;
    marks::attendance(book, &presences, &mut desk)?;
    marks::period_grades(book, &periods, &mut desk)?;
    desk.take(leaving, today)?;
    Ok(desk.report())
}
