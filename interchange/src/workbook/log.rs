//! What was read of each sheet and what was left out, while it is being read.

use std::borrow::Cow;
use std::collections::HashMap;

use super::Sheet;
use super::columns::Field;
use crate::report::{Flaw, LISTED_MAX, Rejection};

/// How many rows of a sheet were read and what became of them so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SheetRead {
    pub(crate) sheet: Sheet,
    /// As the file calls it.
    pub(crate) name: String,
    pub(crate) read: u64,
    /// Examples of the template.
    pub(crate) skipped: u64,
    pub(crate) rejected: u64,
    /// Whether something of it, if only a cell, was left out: what it lacks may be misspelt, not gone.
    pub(crate) doubtful: bool,
}

/// The account of one reading.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log {
    pub(crate) sheets: Vec<SheetRead>,
    pub(crate) rejections: Vec<Rejection>,
    /// Headings as the sheets spell them.
    pub(crate) titles: HashMap<(Sheet, Field), String>,
    /// What was passed over without harm, in whole sentences.
    pub(crate) notes: Vec<String>,
}

impl Log {
    /// The name the file gives a sheet.
    pub(crate) fn name(&self, sheet: Sheet) -> &str {
        self.sheets.iter().find(|read| read.sheet == sheet).map_or("", |read| &read.name)
    }

    pub(crate) fn of(&mut self, sheet: Sheet) -> Option<&mut SheetRead> {
        self.sheets.iter_mut().find(|read| read.sheet == sheet)
    }

    /// A flaw of a cell whose row is typed already.
    pub(crate) fn flaw(
        &self,
        sheet: Sheet,
        field: Field,
        value: &str,
        reason: impl Into<Cow<'static, str>>,
        mend: impl Into<Cow<'static, str>>,
    ) -> Flaw {
        let column = self.titles.get(&(sheet, field)).cloned().unwrap_or_default();
        Flaw::new(column, value, reason, mend)
    }

    /// Lists a row, or a reference of it, that is left out.
    pub(crate) fn list(&mut self, sheet: Sheet, line: u32, flaw: Flaw) {
        if let Some(read) = self.of(sheet) {
            read.doubtful = true;
        }
        if self.rejections.len() < LISTED_MAX {
            self.rejections.push(flaw.at(self.name(sheet), line.into()));
        }
    }

    /// The same of a whole row, counted.
    pub(crate) fn reject(&mut self, sheet: Sheet, line: u32, flaw: Flaw) {
        if let Some(read) = self.of(sheet) {
            read.rejected += 1;
        }
        self.list(sheet, line, flaw);
    }
}
