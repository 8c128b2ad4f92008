//! The way through a workbook: sheet by sheet, row by row, each row typed and checked against those before it.

use std::path::Path;

use chrono::NaiveDate;

use super::book::{Book, Index, at};
use super::cells::{Cells, Heading};
use super::log::SheetRead;
use super::source::Source;
use super::values::Value;
use super::{Sheet, examples, families, marks, people, teaching};
use crate::report::{Flaw, Refusal, cut};

/// The headings stand in one of the first rows that are not blank.
const HEADING_ROWS: usize = 20;
/// So many headings make a row the one with the headings.
const HEADINGS_MIN: usize = 2;
/// What one import may keep in memory, in bytes by estimate: about 450,000 grades.
const HELD_MAX: usize = 90 << 20;
/// What a row weighs beside its texts: itself and its place in the index.
const ROW_WEIGHT: usize = 200;
/// What a guardian of a row weighs while rows are put together to people, a way to name a member of staff, a student in a
/// course, and a row of the timetable laid out over a year.
const GUARDIAN_WEIGHT: usize = 1_000;
const NAME_WEIGHT: usize = 100;
const SEAT_WEIGHT: usize = 80;
const SLOT_WEIGHT: usize = 4_000;
/// No workbook of a school can do without these.
const ESSENTIAL: [Sheet; 2] = [Sheet::Classes, Sheet::Students];

/// Reads a workbook (`.xlsx`), or a folder or zip of CSV files of the same shape. One sentence says why it cannot be taken;
/// otherwise every good row is in the book and every bad one among its rejections. `today` tells the school year where the
/// workbook does not.
pub fn read(path: &Path, today: NaiveDate) -> Result<Book, Refusal> {
    let mut source = Source::open(path)?;
    let mut reading = Reading::new(today);
    let sheets = source.sheets(&mut reading.book.log.notes)?;
    for needed in ESSENTIAL {
        if !sheets.iter().any(|(sheet, _)| *sheet == needed) {
            let titles = needed.titles().join("», «");
            return Err(Refusal::new(format!("The sheet of {} is missing: name it «{titles}».", noun(needed))));
        }
    }
    let named = |(sheet, name): &(Sheet, String)| SheetRead {
        sheet: *sheet,
        name: name.clone(),
        read: 0,
        skipped: 0,
        rejected: 0,
        doubtful: false,
    };
    reading.book.log.sheets = sheets.iter().map(named).collect();
    for sheet in Sheet::ALL {
        if let Some((_, name)) = sheets.iter().find(|(known, _)| *known == sheet) {
            reading.sheet(&mut source, sheet, name)?;
        }
    }
    reading.finish()
}

fn noun(sheet: Sheet) -> &'static str {
    if sheet == Sheet::Classes { "classes" } else { "students" }
}

struct Reading {
    book: Book,
    index: Index,
    held: usize,
}

impl Reading {
    fn new(today: NaiveDate) -> Self {
        let year = domain::periods::school_year_of(today);
        Self { book: Book { year, ..Book::default() }, index: Index::default(), held: 0 }
    }

    fn sheet(&mut self, source: &mut Source, sheet: Sheet, name: &str) -> Result<(), Refusal> {
        let (mut heading, mut before) = (None, 0);
        source.each(name, &mut |line, values| {
            if values.iter().all(Value::is_blank) {
                return Ok(());
            }
            match &heading {
                Some(heading) => self.row(&Cells { heading, values, line }),
                None if Heading::known(sheet, values) >= HEADINGS_MIN => {
                    heading = Some(self.heading(sheet, name, values)?);
                    Ok(())
                }
                None if before == HEADING_ROWS => Err(Refusal::new(format!(
                    "«{name}» has no row of headings among its first {HEADING_ROWS}; take those of the template."
                ))),
                None => {
                    before += 1;
                    Ok(())
                }
            }
        })?;
        if heading.is_none() && before > 0 {
            return Err(Refusal::new(format!("«{name}» has no row of headings; take those of the template.")));
        }
        Ok(())
    }

    fn heading(&mut self, sheet: Sheet, name: &str, values: &[Value]) -> Result<Heading, Refusal> {
        let lacks =
            |title| Refusal::new(format!("«{name}» lacks the column «{title}»; add it, as it is in the template."));
        let heading = Heading::bind(sheet, values).map_err(lacks)?;
        if !heading.ignored.is_empty() {
            let columns = heading.ignored.join("», «");
            self.book.log.notes.push(format!("«{name}»: these columns were not read: «{columns}»."));
        }
        let titles = heading.titles().map(|(field, title)| ((sheet, field), cut(title)));
        self.book.log.titles.extend(titles);
        Ok(heading)
    }

    fn row(&mut self, cells: &Cells<'_>) -> Result<(), Refusal> {
        let sheet = cells.heading.sheet;
        let is_example = examples::is_example(cells);
        if let Some(read) = self.book.log.of(sheet) {
            read.read += 1;
            read.skipped += u64::from(matches!(is_example, Ok(true)));
        }
        let done = match is_example {
            Ok(true) => return Ok(()),
            Ok(false) => self.typed(cells),
            Err(flaw) => Err(flaw),
        };
        if let Err(flaw) = done {
            self.index.lose(cells);
            if sheet == Sheet::Students {
                let number = cells.raw(super::columns::Field::Number).unwrap_or_default();
                families::of_student(cells, None, &number, &mut self.book, &mut self.index);
            }
            self.book.log.reject(sheet, cells.line, flaw);
        }
        self.held += ROW_WEIGHT + cells.weight();
        if self.held + self.made() <= HELD_MAX {
            return Ok(());
        }
        Err(Refusal::new(
            "The workbook is larger than one import takes; put fewer grades into it, half a year at a time.",
        ))
    }

    /// What the rows made beside themselves weighs: a short row may put a whole class into a course.
    fn made(&self) -> usize {
        let Self { book, index, .. } = self;
        index.guardians.len() * GUARDIAN_WEIGHT
            + index.staff_names.len() * NAME_WEIGHT
            + index.seats * SEAT_WEIGHT
            + book.slots.len() * SLOT_WEIGHT
    }

    fn typed(&mut self, cells: &Cells<'_>) -> Result<(), Flaw> {
        let (book, index) = (&mut self.book, &mut self.index);
        match cells.heading.sheet {
            Sheet::Staff => people::staff(cells, book, index),
            Sheet::Classes => people::class(cells, book, index),
            Sheet::Students => people::student(cells, book, index),
            Sheet::Courses => teaching::course(cells, book, index),
            Sheet::Timetable => teaching::slot(cells, book, index),
            Sheet::Works => teaching::work(cells, book, index),
            Sheet::Grades => marks::grade(cells, book, index),
            Sheet::Attendance => marks::presence(cells, book, index),
            Sheet::PeriodGrades => marks::period_grade(cells, book, index),
        }
    }

    fn finish(self) -> Result<Book, Refusal> {
        let Self { mut book, mut index, .. } = self;
        let empty = |read: &&SheetRead| ESSENTIAL.contains(&read.sheet) && read.read == read.skipped;
        if let Some(read) = book.log.sheets.iter().find(empty) {
            let name = cut(&read.name);
            return Err(Refusal::new(format!("«{name}» holds no {} but examples; fill it in.", noun(read.sheet))));
        }
        book.year = index.year.unwrap_or(book.year);
        let (families, in_doubt) = families::settle(std::mem::take(&mut index.guardians), &mut book.log);
        book.families = families;
        book.in_doubt.extend(in_doubt);
        let lost = book.students.iter().enumerate().filter(|(_, row)| index.was_lost(Sheet::Students, &row.number));
        book.in_doubt.extend(lost.map(|(place, _)| at(place)));
        Ok(book)
    }
}
