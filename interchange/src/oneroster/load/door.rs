//! The way into the diary: rows in batches, each with what became of it.

use domain::db::Db;
use domain::error::Flaw as Fault;
use domain::intake::{self, Item, Outcome, Writer};

use super::LoadError;
use super::tally::{Mark, Tally};
use crate::oneroster::table::Flaw;
use crate::oneroster::{
    AcademicSession, Category, Class, Course, Demographics, Enrollment, File, LineItem, ResultRow, User,
};

/// How many rows are on their way at once; the diary writes a thousand in a transaction.
pub(super) const BATCH: usize = 4000;

/// What is to be done with a row.
pub(super) enum Plan<I> {
    Write(I),
    Skip,
    Refuse(Flaw),
}

/// A row something in the diary is made of.
pub(super) trait Origin {
    const FILE: File;
    fn line(&self) -> u64;
    /// The column and cell behind a field the diary found at fault.
    fn cell(&self, _field: &str) -> (&'static str, &str) {
        ("", "")
    }
}

/// The diary's intake and the account of what went in.
pub(super) struct Door<'a> {
    db: &'a Db,
    writer: Writer,
    pub(super) tally: Tally,
}

impl<'a> Door<'a> {
    pub(super) fn new(db: &'a Db, writer: Writer, tally: Tally) -> Self {
        Self { db, writer, tally }
    }

    /// Writes what `plan` makes of each row and tells what became of it, in the order of the rows. Rejections are listed, but
    /// nothing is counted.
    pub(super) fn put<'r, R: Origin + 'r, I: Item>(
        &mut self,
        rows: impl IntoIterator<Item = &'r R>,
        plan: impl Fn(&'r R) -> Plan<I>,
    ) -> Result<Vec<(&'r R, Mark)>, LoadError> {
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
    pub(super) fn put_counted<'r, R: Origin + 'r, I: Item>(
        &mut self,
        rows: impl IntoIterator<Item = &'r R>,
        plan: impl Fn(&'r R) -> Plan<I>,
    ) -> Result<Vec<(&'r R, Mark)>, LoadError> {
        let marks = self.put(rows, plan)?;
        for (_, mark) in &marks {
            self.tally.count(R::FILE, *mark);
        }
        Ok(marks)
    }

    /// Lists a row that is left out.
    pub(super) fn refuse<R: Origin>(&mut self, row: &R, flaw: Flaw) -> Mark {
        self.tally.refuse(R::FILE, row.line(), flaw);
        Mark::Rejected
    }

    fn flush<R: Origin, I: Item>(
        &mut self,
        marks: &mut [(&R, Mark)],
        waiting: &mut Vec<usize>,
        items: &mut Vec<I>,
    ) -> Result<(), LoadError> {
        let outcomes = intake::put(self.db, self.writer, items)?;
        for (place, outcome) in waiting.drain(..).zip(outcomes) {
            let Some((row, mark)) = marks.get_mut(place) else { continue };
            *mark = match outcome {
                Outcome::Created(_) => Mark::Created,
                Outcome::Updated(_) => Mark::Updated,
                Outcome::Unchanged(_) => Mark::Unchanged,
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
    flaw(column, value, format!("the diary refuses it: {detail}"), "Correct the row")
}

/// A flaw whose value is cut.
pub(super) fn flaw(column: &'static str, value: &str, reason: impl Into<String>, mend: impl Into<String>) -> Flaw {
    Flaw { column, value: crate::report::cut(value), reason: reason.into().into(), mend: mend.into().into() }
}

/// A reference to a row that did not make it into the diary.
pub(super) fn lost(column: &'static str, value: &str, into: File) -> Flaw {
    flaw(column, value, format!("the row of {into} it refers to was left out"), format!("Mend that row of {into}"))
}

macro_rules! origins {
    ($($row:ident => $file:ident),* $(,)?) => {$(
        impl Origin for $row {
            const FILE: File = File::$file;
            fn line(&self) -> u64 {
                self.line
            }
        }
    )*};
}

origins! {
    AcademicSession => AcademicSessions, Category => Categories, Class => Classes, Course => Courses,
    Demographics => Demographics, Enrollment => Enrollments, LineItem => LineItems, User => Users,
}

impl Origin for ResultRow {
    const FILE: File = File::Results;

    fn line(&self) -> u64 {
        self.line
    }

    fn cell(&self, field: &str) -> (&'static str, &str) {
        match field {
            "/studentExternalId" => ("studentSourcedId", &self.student),
            "/courseExternalId" | "/assessmentExternalId" => ("lineItemSourcedId", &self.line_item),
            _ => ("", ""),
        }
    }
}
