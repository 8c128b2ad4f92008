//! The account of an import: what became of each row of each file.

use std::collections::BTreeMap;

use crate::oneroster::table::Flaw;
use crate::oneroster::{Bundle, File, LISTED_MAX};
use crate::report::{FileCount, Rejection, Report};

/// What became of a row; the greatest counts if a row made several things.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    /// It says nothing of this school that a diary keeps.
    #[default]
    Skipped,
    Unchanged,
    Updated,
    Created,
    Rejected,
}

impl Mark {
    /// What a row counts as that only says more about another one, which is reported by itself.
    pub(super) fn shared(self) -> Self {
        if self == Self::Rejected { Self::Skipped } else { self }
    }
}

/// Counts of each file, and what was left out by the reader and by the diary.
#[derive(Debug, Default)]
pub(super) struct Tally {
    counts: BTreeMap<File, FileCount>,
    rejections: Vec<Rejection>,
}

impl Tally {
    /// What the reader left out already.
    pub(super) fn of(bundle: &Bundle) -> Self {
        let count = |file: &crate::oneroster::FileRead| FileCount {
            name: file.file.name().to_owned(),
            read: file.read,
            skipped: file.skipped,
            rejected: file.rejected,
            ..FileCount::default()
        };
        Self {
            counts: bundle.files.iter().map(|file| (file.file, count(file))).collect(),
            rejections: bundle.rejections.clone(),
        }
    }

    pub(super) fn count(&mut self, file: File, mark: Mark) {
        let Some(count) = self.counts.get_mut(&file) else { return };
        match mark {
            Mark::Skipped => count.skipped += 1,
            Mark::Unchanged => count.unchanged += 1,
            Mark::Updated => count.updated += 1,
            Mark::Created => count.created += 1,
            Mark::Rejected => count.rejected += 1,
        }
    }

    /// Lists a row that is left out; it is counted apart, for it may have been meant for several things.
    pub(super) fn refuse(&mut self, file: File, line: u64, flaw: Flaw) {
        if self.rejections.len() < LISTED_MAX {
            let Flaw { column, value, reason, mend } = flaw;
            self.rejections.push(Rejection::new(file.name(), line, column, &value, reason, mend));
        }
    }

    pub(super) fn read(&self) -> u64 {
        self.counts.values().map(|count| count.read).sum()
    }

    pub(super) fn rejected(&self) -> u64 {
        self.counts.values().map(|count| count.rejected).sum()
    }

    /// The rejections in the order of the files and their lines, whichever pass found them.
    pub(super) fn report(mut self) -> Report {
        let place = |name: &str| File::ALL.iter().position(|file| file.name() == name);
        self.rejections.sort_by_key(|rejection| (place(&rejection.file), rejection.line));
        Report::taken(self.counts.into_values().collect(), self.rejections)
    }
}
