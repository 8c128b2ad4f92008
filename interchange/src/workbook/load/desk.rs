//! The door with the account of a workbook, whose rows make several things each: lessons of a year, attendance of a day.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use domain::db::Db;
use domain::intake::{BATCH, Item, Ward, Writer};

use crate::door::{self, Door, Leaving, Mark, Place, Plan, Progress, Tally};
use crate::report::{FileCount, Flaw, Report, cut};
use crate::workbook::book::At;
use crate::workbook::log::Log;
use crate::workbook::{Book, Sheet};

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

/// One thing a row makes, on its way through the door.
struct Piece<I> {
    place: Place,
    origin: Origin,
    item: Cell<Option<I>>,
}

impl<I> door::Origin for Piece<I> {
    fn place(&self) -> Place {
        self.place
    }

    fn line(&self) -> u64 {
        self.origin.line.into()
    }
}

pub(super) struct Desk<'a> {
    door: Door<'a>,
    pub(super) log: &'a Log,
    /// The greatest thing that became of each row, by sheet.
    marks: HashMap<Sheet, Vec<Mark>>,
    /// What was passed over without harm while writing.
    notes: Vec<String>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(db: &'a Db, writer: Writer, book: &'a Book, progress: Option<Progress<'a>>) -> Self {
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
        let marks = Sheet::ALL.into_iter().map(|sheet| (sheet, vec![Mark::Unchanged; rows(sheet)])).collect();
        let door = Door::new(db, writer, tally(&book.log)).watched(progress);
        Self { door, log: &book.log, marks, notes: book.log.notes.clone() }
    }

    /// Writes items, never more than a batch of them in memory.
    pub(super) fn put<I: Item>(
        &mut self,
        sheet: Sheet,
        items: impl IntoIterator<Item = (Origin, I)>,
    ) -> domain::Result<()> {
        let place = place(self.log, sheet);
        let mut items = items.into_iter().map(|(origin, item)| Piece { place, origin, item: Cell::new(Some(item)) });
        loop {
            let batch: Vec<Piece<I>> = items.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                return Ok(());
            }
            let marks = self.door.put(&batch, |piece| piece.item.take().map_or(Plan::Skip, Plan::Write))?;
            for (piece, mark) in marks {
                self.mark(sheet, piece.origin, mark);
            }
        }
    }

    fn mark(&mut self, sheet: Sheet, origin: Origin, mark: Mark) {
        if let Some(known) = self.marks.get_mut(&sheet).and_then(|marks| marks.get_mut(origin.at)) {
            *known = (*known).max(mark);
        }
    }

    /// Lists a row that is left out.
    pub(super) fn refuse(&mut self, sheet: Sheet, origin: Origin, flaw: Flaw) {
        self.door.tally.refuse(place(self.log, sheet), origin.line.into(), flaw);
        self.mark(sheet, origin, Mark::Rejected);
    }

    /// The live guardianships of the school as they are now.
    pub(super) fn links(&self) -> domain::Result<Vec<(String, Ward)>> {
        self.door.links()
    }

    /// Where a sheet stands in the report, if the workbook has it.
    pub(super) fn place_of(&self, sheet: Sheet) -> Option<Place> {
        Some(place(self.log, sheet)).filter(|place| *place != Place::MAX)
    }

    /// The same if what the sheet no longer holds may leave: if it holds anything, and nothing of it or of the sheets its rows
    /// hang on was left out.
    pub(super) fn taking_back(&mut self, sheet: Sheet) -> Option<Place> {
        let place = self.place_of(sheet)?;
        if self.marks.get(&sheet).is_none_or(Vec::is_empty) {
            return None;
        }
        let above = match sheet {
            Sheet::Courses => Some(Sheet::Students),
            Sheet::Timetable => Some(Sheet::Courses),
            _ => None,
        };
        if above.into_iter().chain([sheet]).any(|sheet| self.is_doubtful(sheet)) {
            let name = cut(self.log.name(sheet));
            self.notes.push(format!(
                "«{name}»: something was left out, so nothing was taken back; mend it and import the workbook again."
            ));
            return None;
        }
        Some(place)
    }

    fn is_doubtful(&self, sheet: Sheet) -> bool {
        let read = self.log.sheets.iter().any(|read| read.sheet == sheet && read.doubtful);
        read || self.marks.get(&sheet).is_some_and(|marks| marks.contains(&Mark::Rejected))
    }

    /// Takes back what was found, in small steps.
    pub(super) fn take(&mut self, leaving: Leaving, today: NaiveDate) -> domain::Result<()> {
        leaving.take(&mut self.door, today)
    }

    pub(super) fn report(mut self) -> Report {
        for (sheet, marks) in &self.marks {
            for mark in marks {
                self.door.tally.count(place(self.log, *sheet), *mark);
            }
        }
        tracing::info!(rows = self.door.tally.read(), rejected = self.door.tally.rejected(), "workbook imported");
        Report { notes: self.notes, ..self.door.tally.report() }
    }
}

/// Sheets stand in the report as they stand in the file.
fn place(log: &Log, sheet: Sheet) -> Place {
    log.sheets.iter().position(|read| read.sheet == sheet).unwrap_or(Place::MAX)
}

/// What the reader counted and left out already.
fn tally(log: &Log) -> Tally {
    let count = |read: &crate::workbook::log::SheetRead| FileCount {
        name: read.name.clone(),
        read: read.read,
        skipped: read.skipped,
        rejected: read.rejected,
        ..FileCount::default()
    };
    let counts: BTreeMap<Place, FileCount> = log.sheets.iter().map(count).enumerate().collect();
    Tally::new(counts, log.rejections.clone())
}
