//! Which ids the files of a bundle hold, and what became of their rows.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::BuildHasher;

use super::files::File;

/// The ids of one file. Only their keyed hashes are held: of three million, two meet by chance once in four million runs.
#[derive(Debug, Default)]
pub(super) struct Ids {
    pub(super) kept: HashSet<u64>,
    pub(super) gone: HashSet<u64>,
    pub(super) rejected: HashSet<u64>,
}

/// What became of the row that a reference names.
pub(super) enum Fate {
    Kept,
    Gone,
    Rejected,
    Unknown,
}

/// The ids of every file that was read.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(super) hasher: RandomState,
    files: BTreeMap<File, Ids>,
    /// The files that hold only what changed: what they do not name may stand in the diary.
    deltas: BTreeSet<File>,
    /// People of whom a row about their role or their family was rejected.
    pub(super) in_doubt: HashSet<u64>,
}

impl Known {
    pub(super) fn new(deltas: BTreeSet<File>) -> Self {
        Self { deltas, ..Self::default() }
    }

    pub(super) fn of(&mut self, file: File) -> &mut Ids {
        self.files.entry(file).or_default()
    }

    /// A file that is not there cannot contradict: references into it are taken as they are.
    pub(super) fn fate(&self, file: File, id: &str) -> Fate {
        let Some(ids) = self.files.get(&file) else {
            // A diary keeps no scales by themselves.
            return if file == File::ScoreScales { Fate::Unknown } else { Fate::Kept };
        };
        let hash = self.hasher.hash_one(id);
        if ids.kept.contains(&hash) {
            Fate::Kept
        } else if ids.gone.contains(&hash) {
            Fate::Gone
        } else if ids.rejected.contains(&hash) {
            Fate::Rejected
        } else if self.deltas.contains(&file) && file != File::ScoreScales {
            Fate::Kept
        } else {
            Fate::Unknown
        }
    }

    /// Whether the row stands in the file itself.
    pub(crate) fn holds(&self, file: File, id: &str) -> bool {
        self.files.get(&file).is_some_and(|ids| ids.kept.contains(&self.hasher.hash_one(id)))
    }

    pub(crate) fn is_delta(&self, file: File) -> bool {
        self.deltas.contains(&file)
    }

    /// Whether the bundle tells changes only, if of one file.
    pub(crate) fn has_deltas(&self) -> bool {
        !self.deltas.is_empty()
    }

    pub(crate) fn is_kept(&self, file: File, id: &str) -> bool {
        matches!(self.fate(file, id), Fate::Kept)
    }

    pub(crate) fn is_gone(&self, file: File, id: &str) -> bool {
        matches!(self.fate(file, id), Fate::Gone)
    }

    /// Whether a row about a role or the family of this person was rejected.
    pub(crate) fn is_in_doubt(&self, user: &str) -> bool {
        self.in_doubt.contains(&self.hasher.hash_one(user))
    }

    /// Whether a row with this id was rejected and none was taken.
    pub(crate) fn was_rejected(&self, file: File, id: &str) -> bool {
        self.files.contains_key(&file) && matches!(self.fate(file, id), Fate::Rejected)
    }
}
