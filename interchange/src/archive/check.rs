//! Every row of an archive before the first one is written: ids used twice, references to nothing, broken texts.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashSet};
use std::hash::BuildHasher;

use domain::archive::{Row, Table, Visit, each};

use super::Archive;
use crate::report::Refusal;

/// What the hashes of ids may take, in bytes.
const HELD_MAX: usize = 200 << 20;
/// A hash in a set: eight bytes and one of the set's own, with an eighth of the places empty.
const PLACE_WEIGHT: usize = 11;

/// Checks all files, in the order in which they are restored.
pub(super) fn all(archive: &Archive) -> Result<(), Refusal> {
    let mut checking = Checking { archive, known: BTreeMap::new(), hasher: RandomState::new() };
    each(&mut checking, archive.has_accounts())
}

/// Ids are kept as hashes under a key of this run: eight bytes each, and nobody can make two of them meet.
struct Checking<'a> {
    archive: &'a Archive,
    known: BTreeMap<Table, HashSet<u64>>,
    hasher: RandomState,
}

impl Visit for Checking<'_> {
    type Error = Refusal;

    fn file<R: Row>(&mut self) -> Result<(), Refusal> {
        let (known, hasher) = (&self.known, &self.hasher);
        let mut taken: HashSet<u64> = HashSet::new();
        let earlier = R::GOES_ON.and_then(|table| known.get(&table));
        let held: usize = known.values().map(HashSet::capacity).sum();
        self.archive.rows(|mut row: R, place| {
            let line = place.line;
            let refuse = |what: String| Err(Refusal::new(format!("{}, line {line}{what}.", R::FILE)));
            if let Err(fault) = row.check() {
                return refuse(format!(", {}: {}", fault.column, fault.rule));
            }
            // A full set is copied into one of twice its size.
            if taken.len() == taken.capacity() && (held + 3 * taken.len()) * PLACE_WEIGHT > HELD_MAX {
                return Err(Refusal::new(format!("{} has more rows than one restore takes.", R::FILE)));
            }
            let mut twice = None;
            row.unique(&mut |parts| {
                let key = hasher.hash_one(parts);
                if earlier.is_some_and(|earlier| earlier.contains(&key)) || !taken.insert(key) {
                    twice.get_or_insert_with(|| parts.first().map_or_else(String::new, |kind| (*kind).to_owned()));
                }
            });
            if let Some(kind) = twice {
                return refuse(format!(": another row has the same {kind}"));
            }
            let mut lost = None;
            row.refs(&mut |column, table, one| {
                let key = hasher.hash_one(["id", one.key.as_str()].as_slice());
                if !known.get(&table).is_some_and(|ids| ids.contains(&key)) {
                    lost = Some(column);
                }
            });
            match lost {
                Some(column) => refuse(format!(", {column}: there is no row with this id in the archive")),
                None => Ok(()),
            }
        })?;
        if let Some(table) = R::TABLE {
            self.known.insert(table, taken);
        }
        Ok(())
    }
}
