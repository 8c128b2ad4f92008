//! Staff, classes and students.

use chrono::NaiveDate;
use domain::types::{FullName, Language, Sex};

use super::Sheet;
use super::book::{At, Book, Index, at};
use super::cells::Cells;
use super::columns::Field;
use super::words::key;
use super::{dates, families, names};
use crate::report::Flaw;

/// The highest level a school has.
const LEVEL_MAX: i32 = 12;

#[derive(Debug)]
pub(crate) struct Staff {
    pub(crate) line: u32,
    /// The school's own number.
    pub(crate) number: Option<String>,
    pub(crate) name: FullName,
}

#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) line: u32,
    pub(crate) name: String,
    pub(crate) level: Option<i32>,
    pub(crate) language: Language,
    pub(crate) shift: i32,
    pub(crate) teacher: Option<At>,
}

#[derive(Debug)]
pub(crate) struct Student {
    pub(crate) line: u32,
    pub(crate) number: String,
    pub(crate) name: FullName,
    pub(crate) class: At,
    pub(crate) birth_date: Option<NaiveDate>,
    pub(crate) sex: Option<Sex>,
    /// The first day in the class; the first of the school year if there is none.
    pub(crate) since: Option<NaiveDate>,
    pub(crate) until: Option<NaiveDate>,
}

pub(crate) fn staff(cells: &Cells<'_>, book: &mut Book, index: &mut Index) -> Result<(), Flaw> {
    let (number, name) = (cells.maybe_number(Field::Number)?, names::of_row(cells)?);
    let place = at(book.staff.len());
    if let Some(number) = &number {
        once(cells, Field::Number, index.staff_numbers.contains_key(number))?;
        index.staff_numbers.insert(number.clone(), place);
    } else if !index.unnumbered.insert(key(&name.formal())) {
        let mend = "Give both a number, or keep one of the rows";
        return Err(cells.flaw(Field::FullName, "somebody without a number is called so in a row above", mend));
    }
    for name in names::keys(&name) {
        index.staff_names.entry(name).and_modify(|known| *known = None).or_insert(Some(place));
    }
    book.staff.push(Staff { line: cells.line, number, name });
    Ok(())
}

pub(crate) fn class(cells: &Cells<'_>, book: &mut Book, index: &mut Index) -> Result<(), Flaw> {
    let name = cells.text(Field::Class)?;
    let known = Some(key(&name)).filter(|key| !key.is_empty());
    let no_name = || cells.flaw(Field::Class, "this is no name of a class", "Write the class as 7 Ә");
    let known = known.ok_or_else(no_name)?;
    once(cells, Field::Class, index.classes.contains_key(&known))?;
    let year = year(cells, book, index)?;
    let class = Class {
        line: cells.line,
        level: level(&name),
        name,
        language: cells.maybe_word(Field::Language)?.unwrap_or(Language::Kk),
        shift: cells.maybe_whole(Field::Shift, 1, 3)?.unwrap_or(1),
        teacher: index.teacher(cells, &mut book.log)?,
    };
    if cells.has(Field::Year) {
        index.year = Some(year);
    }
    index.classes.insert(known, at(book.classes.len()));
    book.classes.push(class);
    Ok(())
}

/// The school year of a row. All rows are of one.
fn year(cells: &Cells<'_>, book: &Book, index: &Index) -> Result<i32, Flaw> {
    let Some(text) = cells.maybe_text(Field::Year)? else { return Ok(index.year.unwrap_or(book.year)) };
    let no_year = || cells.flaw(Field::Year, "this is no school year", "Write it as 2026/27");
    let year = dates::school_year(&text).ok_or_else(no_year)?;
    if index.year.is_some_and(|first| first != year) {
        let reason = "a workbook is of one school year, and a row above names another";
        return Err(cells.flaw(Field::Year, reason, "Put the other year into a workbook of its own"));
    }
    Ok(year)
}

/// The number a class name begins with: «7 Ә» is 7.
fn level(name: &str) -> Option<i32> {
    let digits: String = name.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok().filter(|level| (0..=LEVEL_MAX).contains(level))
}

pub(crate) fn student(cells: &Cells<'_>, book: &mut Book, index: &mut Index) -> Result<(), Flaw> {
    let number = cells.number(Field::Number)?;
    once(cells, Field::Number, index.students.contains_key(&number))?;
    let student = Student {
        line: cells.line,
        name: names::of_row(cells)?,
        class: index.class(cells, &book.log)?,
        birth_date: cells.maybe_day(Field::BirthDate)?,
        sex: cells.maybe_word(Field::Sex)?,
        since: cells.maybe_day(Field::Since)?,
        until: cells.maybe_day(Field::Until)?,
        number,
    };
    if let (Some(since), Some(until)) = (student.since, student.until)
        && until < since
    {
        return Err(cells.flaw(Field::Until, "the last day lies before the first", "Correct one of the two"));
    }
    let place = at(book.students.len());
    index.students.insert(student.number.clone(), place);
    index.pupils.entry(student.class).or_default().push(place);
    families::of_student(cells, Some(place), &student.number, book, index);
    book.students.push(student);
    Ok(())
}

/// What names a row may stand on its sheet only once.
pub(crate) fn once(cells: &Cells<'_>, field: Field, known: bool) -> Result<(), Flaw> {
    let mend = match cells.heading.sheet {
        Sheet::Students | Sheet::Staff => "Keep one of the rows, or give each person their own number",
        _ => "Keep one of the rows",
    };
    if known { Err(cells.flaw(field, "it stands in a row above", mend)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_name_begins_with_its_level() {
        assert_eq!(level("7 Ә"), Some(7));
        assert_eq!(level("11А"), Some(11));
        assert_eq!(level("0 Б"), Some(0));
        assert_eq!(level("2026"), None);
        assert_eq!(level("Мектепалды"), None);
    }
}
