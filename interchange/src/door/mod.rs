//! The way into the diary for rows of any source: in batches, each with what became of it.

mod leaving;
mod refused;
mod tally;

use chrono::{NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use domain::clock::local_day;
use domain::db::Db;
use domain::error::Flaw as Fault;
use domain::intake::{self, Item, Kind, Outcome, Ward, Writer};
use domain::schools;
use domain::types::SchoolId;

pub(crate) use self::leaving::{Fate, Leaving};
pub use self::refused::LoadError;
pub(crate) use self::refused::alone;
pub(crate) use self::tally::{Mark, Place, Tally};
use crate::report::Flaw;

/// How many rows are on their way at once; the diary writes a thousand in a transaction.
pub(crate) const BATCH: usize = 4000;
/// How many bytes of long texts: each stands several times in memory on its way.
pub(crate) const WEIGHT_MAX: usize = 4 << 20;

/// What is to be done with a row.
pub(crate) enum Plan<I> {
    Write(I),
    Skip,
    Refuse(Flaw),
}

/// A row something in the diary is made of.
pub(crate) trait Origin {
    /// The file or sheet it stands in.
    fn place(&self) -> Place;
    /// Its line there, as a person counts.
    fn line(&self) -> u64;
    /// The column and cell behind a field the diary found at fault, by the field's JSON pointer.
    fn cell(&self, _field: &str) -> (&str, &str) {
        ("", "")
    }
}

/// Called as rows go in, with how many are done and how many there are.
pub type Progress<'a> = &'a dyn Fn(u64, u64);

/// What the person at the keyboard allows and sees.
#[derive(Clone, Copy, Default)]
pub struct Options<'a> {
    /// Take more than a fifth of something out of the diary.
    pub allow_shrink: bool,
    /// Who watches the rows go in.
    pub progress: Option<Progress<'a>>,
}

/// The day it is at the school.
pub(crate) fn today(db: &Db, school: SchoolId, now: NaiveDateTime) -> domain::Result<NaiveDate> {
    let zone = db.read_here(|conn| schools::one(conn, school))?.time_zone;
    Ok(local_day(now, zone.parse().unwrap_or(Tz::UTC)))
}

/// The diary's intake and the account of what went in.
pub(crate) struct Door<'a> {
    db: &'a Db,
    writer: Writer,
    progress: Option<Progress<'a>>,
    pub(crate) tally: Tally,
}

impl<'a> Door<'a> {
    pub(crate) fn new(db: &'a Db, writer: Writer, tally: Tally) -> Self {
        Self { db, writer, progress: None, tally }
    }

    /// The door with somebody who watches.
    pub(crate) fn watched(self, progress: Option<Progress<'a>>) -> Self {
        Self { progress, ..self }
    }

    /// Writes what `plan` makes of each row and tells what became of it, in the order of the rows. Rejections are listed, but
    /// nothing is counted.
    pub(crate) fn put<'r, R: Origin + 'r, I: Item>(
        &mut self,
        rows: impl IntoIterator<Item = &'r R>,
        plan: impl Fn(&'r R) -> Plan<I>,
    ) -> domain::Result<Vec<(&'r R, Mark)>> {
        let mut marks = Vec::new();
        let (mut waiting, mut items) = (Vec::new(), Vec::new());
        for row in rows {
            match plan(row) {
                Plan::Skip => marks.push((row, Mark::Skipped)),
                Plan::Refuse(flaw) => marks.push((row, self.refuse(row, flaw))),
                Plan::Write(item) => {
                    waiting.push(marks.len());
                    marks.push((row, Mark::Unchanged));
                    items.push(item);
                }
            }
            if items.len() == BATCH {
                self.flush(&mut marks, &mut waiting, &mut items)?;
            }
        }
        self.flush(&mut marks, &mut waiting, &mut items)?;
        Ok(marks)
    }

    /// The same, counted: for files whose rows make one thing each.
    pub(crate) fn put_counted<'r, R: Origin + 'r, I: Item>(
        &mut self,
        rows: impl IntoIterator<Item = &'r R>,
        plan: impl Fn(&'r R) -> Plan<I>,
    ) -> domain::Result<Vec<(&'r R, Mark)>> {
        let marks = self.put(rows, plan)?;
        for (row, mark) in &marks {
            self.tally.count(row.place(), *mark);
        }
        if let Some((row, _)) = marks.first() {
            tracing::debug!(file = self.tally.name(row.place()), rows = marks.len(), "rows written");
        }
        if let Some(progress) = self.progress {
            progress(self.tally.done(), self.tally.read());
        }
        Ok(marks)
    }

    /// The live guardianships of the school as they are now.
    pub(crate) fn links(&self) -> domain::Result<Vec<(String, Ward)>> {
        self.db.read_here(|conn| intake::live_links(conn, self.writer.school))
    }

    /// The works with these ids that the diary holds.
    pub(crate) fn works(&self, ids: &[&str]) -> domain::Result<Vec<intake::Assessment>> {
        let mut works = Vec::new();
        for ids in ids.chunks(intake::BATCH) {
            works.extend(self.db.read_here(|conn| intake::held::works(conn, self.writer.school, ids))?);
        }
        Ok(works)
    }

    /// Takes things of one kind out of the diary and counts them where the rows about them stand.
    pub(crate) fn remove(&mut self, place: Place, kind: Kind, today: NaiveDate, ids: &[String]) -> domain::Result<()> {
        let removed = intake::remove(self.db, self.writer, kind, today, ids)?;
        self.tally.removed(place, removed);
        Ok(())
    }

    /// Ends rights of guardians to single children and counts them where the rows about them stand.
    pub(crate) fn end_rights(&mut self, place: Place, pairs: &[(String, String)]) -> domain::Result<()> {
        let ended = intake::end_rights(self.db, self.writer, pairs)?;
        self.tally.removed(place, ended);
        Ok(())
    }

    /// Lists a row that is left out.
    pub(crate) fn refuse<R: Origin>(&mut self, row: &R, flaw: Flaw) -> Mark {
        self.tally.refuse(row.place(), row.line(), flaw);
        Mark::Rejected
    }

    fn flush<R: Origin, I: Item>(
        &mut self,
        marks: &mut [(&R, Mark)],
        waiting: &mut Vec<usize>,
        items: &mut Vec<I>,
    ) -> domain::Result<()> {
        let outcomes = intake::put(self.db, self.writer, items)?;
        for (place, outcome) in waiting.drain(..).zip(outcomes) {
            let Some((row, mark)) = marks.get_mut(place) else { continue };
            *mark = match outcome {
                Outcome::Created(_) => Mark::Created,
                Outcome::Updated(_) => Mark::Updated,
                Outcome::Unchanged(_) | Outcome::Deleted(_) | Outcome::Absent => Mark::Unchanged,
                Outcome::Rejected(fault) => self.refuse(*row, blame(*row, &fault)),
            };
        }
        items.clear();
        Ok(())
    }
}

/// What the diary says of an item, in the words of the file it came from.
fn blame<R: Origin>(row: &R, fault: &Fault) -> Flaw {
    let (column, value) = row.cell(&fault.pointer);
    let detail = fault.detail.trim_end_matches('.');
    Flaw::new(column.to_owned(), value, format!("the diary refuses it: {detail}"), "Correct the row")
}
