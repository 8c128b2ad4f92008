//! The way into the diary and the account of what went in: what became of each row of each sheet.

use std::collections::HashMap;

use domain::db::Db;
use domain::intake::{self, BATCH, Item, Outcome, Writer};

use crate::report::{FileCount, Report};
use crate::workbook::book::At;
use crate::workbook::cells::Flaw;
use crate::workbook::log::Log;
use crate::workbook::{Book, Sheet};

/// What became of a row; the greatest counts if a row made several things.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    #[default]
    Unchanged,
    Updated,
    Created,
    Rejected,
}

/// Where something comes from: the place of its row among those of the sheet, and the row as a spreadsheet counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin {
    pub(super) at: usize,
    pub(super) line: u32,
}

impl Origin {
    pub(super) fn new(at: At, line: u32) -> Self {
        Self { at: usize::try_from(at).unwrap_or(usize::MAX), line }
    }
}

pub(super) struct Desk<'a> {
    db: &'a Db,
    writer: Writer,
    pub(super) log: Log,
    marks: HashMap<Sheet, Vec<Mark>>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(db: &'a Db, writer: Writer, book: &Book) -> Self {
        let rows = |sheet| match sheet {
            Sheet::Staff => book.staff.len(),
            Sheet::Classes => book.classes.len(),
            Sheet::Students => book.students.len(),
            Sheet::Courses => book.courses.len(),
            Sheet::Timetable => book.slots.len(),
            Sheet::Works => book.works.len(),
            Sheet::Grades => book.grades.len(),
            Sheet::Attendance => book.presences.len(),
            Sheet::PeriodGrades => book.period_grades.len(),
        };
        let marks = Sheet::ALL.into_iter().map(|sheet| (sheet, vec![Mark::default(); rows(sheet)])).collect();
        Self { db, writer, log: book.log.clone(), marks }
    }

    /// Writes items, never more than a batch of them in memory.
    pub(super) fn put<I: Item>(
        &mut self,
        sheet: Sheet,
        items: impl IntoIterator<Item = (Origin, I)>,
    ) -> domain::Result<()> {
        let (mut origins, mut batch) = (Vec::with_capacity(BATCH), Vec::with_capacity(BATCH));
        for (origin, item) in items {
            origins.push(origin);
            batch.push(item);
            if batch.len() == BATCH {
                self.flush(sheet, &mut origins, &mut batch)?;
            }
        }
        self.flush(sheet, &mut origins, &mut batch)
    }

    fn flush<I: Item>(&mut self, sheet: Sheet, origins: &mut Vec<Origin>, batch: &mut Vec<I>) -> domain::Result<()> {
        let outcomes = intake::put(self.db, self.writer, batch)?;
        batch.clear();
        for (origin, outcome) in origins.drain(..).zip(outcomes) {
            match outcome {
                Outcome::Created(_) => self.mark(sheet, origin, Mark::Created),
                Outcome::Updated(_) => self.mark(sheet, origin, Mark::Updated),
                Outcome::Unchanged(_) => {}
                Outcome::Rejected(fault) => {
                    let detail = fault.detail.trim_end_matches('.');
                    let reason = format!("the diary refuses it: {detail}");
                    let flaw = Flaw { column: String::new(), value: String::new(), reason, mend: "Correct the row".to_owned() };
                    self.refuse(sheet, origin, flaw);
                }
            }
        }
        Ok(())
    }

    fn mark(&mut self, sheet: Sheet, origin: Origin, mark: Mark) {
        if let Some(known) = self.marks.get_mut(&sheet).and_then(|marks| marks.get_mut(origin.at)) {
            *known = (*known).max(mark);
        }
    }

    /// Lists a row that is left out.
    pub(super) fn refuse(&mut self, sheet: Sheet, origin: Origin, flaw: Flaw) {
        self.log.list(sheet, origin.line, flaw);
        self.mark(sheet, origin, Mark::Rejected);
    }

    /// The rejections in the order of the sheets and their rows, whichever pass found them.
    pub(super) fn report(self) -> Report {
        let Self { log: Log { sheets, mut rejections, notes, .. }, marks, .. } = self;
        let place = |name: &str| sheets.iter().position(|read| read.name == name);
        rejections.sort_by_key(|rejection| (place(&rejection.file), rejection.line));
        let count = |mark: Mark, sheet: Sheet| {
            let of_sheet = marks.get(&sheet).map_or(&[][..], Vec::as_slice);
            u64::try_from(of_sheet.iter().filter(|one| **one == mark).count()).unwrap_or(u64::MAX)
        };
        let file = |read: &crate::workbook::log::SheetRead| FileCount {
            name: read.name.clone(),
            read: read.read,
            created: count(Mark::Created, read.sheet),
            updated: count(Mark::Updated, read.sheet),
            unchanged: count(Mark::Unchanged, read.sheet),
            removed: 0,
            skipped: read.skipped,
            rejected: read.rejected + count(Mark::Rejected, read.sheet),
        };
        Report { notes, ..Report::taken(sheets.iter().map(file).collect(), rejections) }
    }
}
