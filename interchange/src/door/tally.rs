//! The account of an import: what became of each row of each file.

use std::collections::BTreeMap;

use crate::report::{FileCount, Flaw, LISTED_MAX, Rejection, Report};

/// Which file or sheet of a source, in the order of reading.
pub(crate) type Place = usize;

/// What became of a row; the greatest counts if a row made several things.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
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
    pub(crate) fn shared(self) -> Self {
        if self == Self::Rejected { Self::Skipped } else { self }
    }
}

/// Counts of each file, and what was left out by the reader and by the diary.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    counts: BTreeMap<Place, FileCount>,
    rejections: Vec<Rejection>,
}

impl Tally {
    /// What the reader counted and left out already.
    pub(crate) fn new(counts: BTreeMap<Place, FileCount>, rejections: Vec<Rejection>) -> Self {
        Self { counts, rejections }
    }

    /// A file that is not part of the source is not counted.
    pub(crate) fn count(&mut self, place: Place, mark: Mark) {
        let Some(count) = self.counts.get_mut(&place) else { return };
        match mark {
            Mark::Skipped => count.skipped += 1,
            Mark::Unchanged => count.unchanged += 1,
            Mark::Updated => count.updated += 1,
            Mark::Created => count.created += 1,
            Mark::Rejected => count.rejected += 1,
        }
    }

    /// Counts what left the diary because the file no longer holds it.
    pub(crate) fn removed(&mut self, place: Place, removed: u64) {
        if let Some(count) = self.counts.get_mut(&place) {
            count.removed += removed;
        }
    }

    /// Lists a row that is left out; it is counted apart, for it may have been meant for several things.
    pub(crate) fn refuse(&mut self, place: Place, line: u64, flaw: Flaw) {
        let Some(count) = self.counts.get(&place) else { return };
        if self.rejections.len() < LISTED_MAX {
            self.rejections.push(flaw.at(&count.name, line));
        }
    }

    pub(crate) fn read(&self) -> u64 {
        self.counts.values().map(|count| count.read).sum()
    }

    pub(crate) fn name(&self, place: Place) -> &str {
        self.counts.get(&place).map_or("", |count| &count.name)
    }

    /// Rows whose fate is known.
    pub(crate) fn done(&self) -> u64 {
        let fates =
            |count: &FileCount| count.created + count.updated + count.unchanged + count.skipped + count.rejected;
        self.counts.values().map(fates).sum()
    }

    pub(crate) fn rejected(&self) -> u64 {
        self.counts.values().map(|count| count.rejected).sum()
    }

    /// The rejections in the order of the files and their lines, whichever pass found them.
    pub(crate) fn report(mut self) -> Report {
        let place = |name: &str| self.counts.values().position(|count| count.name == name);
        self.rejections.sort_by_key(|rejection| (place(&rejection.file), rejection.line));
        Report::taken(self.counts.into_values().collect(), self.rejections)
    }
}
