//! Each row against the others: ids used twice, references to nothing, and what is left out because of them.

use std::hash::BuildHasher;

use super::files::{File, Version};
use super::known::{Fate, Known};
use super::manifest::Told;
use super::table::{Cells, each};
use crate::report::{Flaw, LISTED_MAX, Refusal, Rejection};
use crate::untrusted::source::Source;

/// What one import may keep in memory, in bytes by estimate: about 250,000 enrollments beside 3 million results.
const HELD_MAX: usize = 200 << 20;
/// What the id of a row weighs in a set of hashes while the set grows.
const ID_WEIGHT: usize = 32;
/// The same for a row that is left out: its line is remembered too.
const LOST_WEIGHT: usize = 48;

/// A kind of row.
pub(crate) trait Row: Sized {
    const FILE: File;
    /// Looks at the row alone.
    fn parse(cells: &Cells<'_>) -> Result<Self, Flaw>;
    /// What may stand in the file only once.
    fn key(&self) -> Option<&str>;
    /// Looks at what the row refers to, in files read before.
    fn link(&mut self, links: &mut Links<'_, '_>) -> Result<(), Loss>;
}

/// Why a row is not taken.
pub(crate) enum Loss {
    /// It is wrong: reported.
    Flaw(Flaw),
    /// It hangs on something the exporter marked as deleted: counted.
    Gone,
}

impl From<Flaw> for Loss {
    fn from(flaw: Flaw) -> Self {
        Self::Flaw(flaw)
    }
}

/// How many data rows of a file were read and what became of them: `read = kept + skipped + rejected`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileRead {
    pub file: File,
    pub read: u64,
    pub kept: u64,
    /// Marked as deleted, or hanging on something that is.
    pub skipped: u64,
    pub rejected: u64,
}

/// What was left out, listed up to a limit.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) listed: Vec<Rejection>,
    pub(crate) unlisted: u64,
}

impl Log {
    pub(crate) fn add(&mut self, file: File, line: u64, flaw: Flaw) {
        if self.listed.len() < LISTED_MAX {
            self.listed.push(flaw.at(file.name(), line));
        } else {
            self.unlisted += 1;
        }
    }
}

/// The references of one row.
pub(crate) struct Links<'a, 'c> {
    cells: &'a Cells<'c>,
    file: File,
    known: &'a Known,
    log: &'a mut Log,
}

impl Links<'_, '_> {
    pub(crate) fn version(&self) -> Version {
        self.cells.version()
    }

    fn dangling(&self, into: File, column: &'static str, id: &str, fate: &Fate) -> Flaw {
        let rejected = matches!(fate, Fate::Rejected);
        Flaw {
            column: self.cells.shown(column).into(),
            value: crate::report::cut(id),
            reason: if rejected {
                format!("the row of {into} it refers to was left out").into()
            } else {
                format!("it refers to nothing in {into}").into()
            },
            mend: if rejected {
                format!("Mend that row of {into}").into()
            } else {
                format!("Add the row to {into} or correct the id").into()
            },
        }
    }

    /// A reference the row cannot do without: if it dangles, the row is rejected.
    pub(crate) fn must(&mut self, into: File, column: &'static str, id: &str) -> Result<(), Loss> {
        match self.known.fate(into, id) {
            Fate::Kept => Ok(()),
            Fate::Gone => Err(Loss::Gone),
            fate => Err(Loss::Flaw(self.dangling(into, column, id, &fate))),
        }
    }

    /// A reference the row can do without: if it dangles, the reference alone is dropped and reported.
    pub(crate) fn may(&mut self, into: File, column: &'static str, id: &mut Option<String>) {
        if id.as_ref().is_some_and(|id| !self.stands(into, column, id)) {
            *id = None;
        }
    }

    /// Several references: those that dangle are dropped and reported; a row that needs one and has none is rejected.
    pub(crate) fn some(
        &mut self,
        into: File,
        column: &'static str,
        ids: &mut Vec<String>,
        needed: bool,
    ) -> Result<(), Loss> {
        let Some(first) = ids.first().cloned() else {
            let flaw = || self.cells.flaw(column, "the cell is empty", "Fill it in");
            return if needed { Err(Loss::Flaw(flaw())) } else { Ok(()) };
        };
        if needed && !ids.iter().any(|id| self.known.is_kept(into, id)) {
            let gone = ids.iter().any(|id| self.known.is_gone(into, id));
            return if gone { Err(Loss::Gone) } else { self.must(into, column, &first) };
        }
        ids.retain(|id| self.stands(into, column, id));
        Ok(())
    }

    fn stands(&mut self, into: File, column: &'static str, id: &str) -> bool {
        match self.known.fate(into, id) {
            Fate::Kept => true,
            Fate::Gone => false,
            fate => {
                let flaw = self.dangling(into, column, id, &fate);
                self.log.add(self.file, self.cells.line, flaw);
                false
            }
        }
    }
}

/// One reading of a bundle: what is known so far, what was left out, how much is held.
pub(crate) struct Reading<'a> {
    source: &'a Source,
    version: Version,
    pub(crate) known: Known,
    pub(crate) log: Log,
    pub(crate) files: Vec<FileRead>,
    held: usize,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(source: &'a Source, told: Told) -> Self {
        let known = Known::new(told.deltas);
        Self { source, version: told.version, known, log: Log::default(), files: Vec::new(), held: 0 }
    }

    /// Reads a file into memory. A file that is not there has no rows.
    pub(crate) fn hold<R: Row>(&mut self) -> Result<Vec<R>, Refusal> {
        let mut rows = Vec::new();
        self.pass(|row: Option<R>, cells| {
            let Some(row) = row else { return LOST_WEIGHT };
            rows.push(row);
            row_weight::<R>(cells)
        })?;
        Ok(rows)
    }

    /// The same with the rows that are marked as deleted, behind those that stand.
    pub(crate) fn hold_all<R: Row>(&mut self) -> Result<(Vec<R>, Vec<R>), Refusal> {
        let (mut rows, mut gone) = (Vec::new(), Vec::new());
        self.pass(|row: Option<R>, cells| {
            match row {
                Some(row) => rows.push(row),
                None if matches!(cells.is_gone(), Ok(true)) => gone.extend(R::parse(cells)),
                None => return LOST_WEIGHT,
            }
            row_weight::<R>(cells)
        })?;
        Ok((rows, gone))
    }

    /// Reads a file and gives each row that stands away, with the weight of what is kept of it.
    pub(crate) fn give<R: Row>(&mut self, mut take: impl FnMut(R), weight: usize) -> Result<(), Refusal> {
        self.pass(|row: Option<R>, _| {
            row.map_or(LOST_WEIGHT, |row| {
                take(row);
                ID_WEIGHT + weight
            })
        })
    }

    /// Checks a file without holding it; the lines that are left out come back in ascending order. `weight` tells what will be
    /// kept of a row when it is written.
    pub(crate) fn check<R: Row>(&mut self, weight: impl Fn(&R) -> usize) -> Result<Vec<u64>, Refusal> {
        let mut dropped = Vec::new();
        self.pass(|row: Option<R>, cells| {
            if let Some(row) = row {
                return ID_WEIGHT + weight(&row);
            }
            dropped.push(cells.line);
            LOST_WEIGHT
        })?;
        Ok(dropped)
    }

    /// Reads a file row by row; `visit` takes each row that stands and tells what it weighs.
    fn pass<R: Row>(&mut self, mut visit: impl FnMut(Option<R>, &Cells<'_>) -> usize) -> Result<(), Refusal> {
        if !self.source.has(R::FILE.name()) {
            return Ok(());
        }
        self.known.of(R::FILE);
        let mut tally = FileRead { file: R::FILE, read: 0, kept: 0, skipped: 0, rejected: 0 };
        let (source, version) = (self.source, self.version);
        each(source, R::FILE, version, |cells| {
            tally.read += 1;
            let row = self.admit(cells);
            match &row {
                Ok(_) => tally.kept += 1,
                Err(Loss::Gone) => tally.skipped += 1,
                Err(Loss::Flaw(flaw)) => {
                    tally.rejected += 1;
                    self.log.add(R::FILE, cells.line, flaw.clone());
                }
            }
            weigh(&mut self.held, visit(row.ok(), cells))
        })?;
        self.files.push(tally);
        Ok(())
    }

    /// Makes room for something that rows say together.
    pub(crate) fn make_room(&mut self, weight: usize) -> Result<(), Refusal> {
        weigh(&mut self.held, weight)
    }

    fn admit<R: Row>(&mut self, cells: &Cells<'_>) -> Result<R, Loss> {
        let is_delta = self.known.is_delta(R::FILE);
        let parsed = parse::<R>(cells, is_delta).and_then(|mut row| self.place(&mut row, cells).map(|()| row));
        if let (Err(Loss::Flaw(_)), File::Roles | File::Relationships) = (&parsed, R::FILE) {
            let people = ["userSourcedId", "relationshipUserSourcedId"].into_iter().filter_map(|name| cells.raw(name));
            let people: Vec<u64> = people.map(|id| self.known.hasher.hash_one(id)).collect();
            self.known.in_doubt.extend(people);
        }
        if let Err(loss) = &parsed
            && let Some(id) = key_of::<R>(cells)
        {
            let hash = self.known.hasher.hash_one(&id);
            let ids = self.known.of(R::FILE);
            match loss {
                Loss::Gone => ids.gone.insert(hash),
                Loss::Flaw(_) => ids.rejected.insert(hash),
            };
        }
        parsed
    }

    fn place<R: Row>(&mut self, row: &mut R, cells: &Cells<'_>) -> Result<(), Loss> {
        let hash = row.key().map(|key| self.known.hasher.hash_one(key));
        if hash.is_some_and(|hash| self.known.of(R::FILE).kept.contains(&hash)) {
            return Err(Loss::Flaw(repeated::<R>(cells)));
        }
        row.link(&mut Links { cells, file: R::FILE, known: &self.known, log: &mut self.log })?;
        if let Some(hash) = hash {
            self.known.of(R::FILE).kept.insert(hash);
        }
        Ok(())
    }
}

/// What a row weighs while it is held. A list that grows is copied: the row is there twice for a while.
fn row_weight<R>(cells: &Cells<'_>) -> usize {
    ID_WEIGHT + 2 * size_of::<R>() + cells.weight()
}

fn weigh(held: &mut usize, more: usize) -> Result<(), Refusal> {
    *held = held.saturating_add(more);
    if *held <= HELD_MAX {
        return Ok(());
    }
    Err(Refusal::new("The bundle is larger than one import takes; export fewer schools or years at a time."))
}

fn parse<R: Row>(cells: &Cells<'_>, is_delta: bool) -> Result<R, Loss> {
    cells.shape()?;
    if is_delta && cells.raw("status").is_none() {
        let reason = "a row of changes does not say whether it stands";
        return Err(Loss::Flaw(cells.flaw("status", reason, "Write active or tobedeleted")));
    }
    if cells.is_gone()? {
        return Err(Loss::Gone);
    }
    Ok(R::parse(cells)?)
}

/// The key of a row that may be too broken to become one.
fn key_of<R: Row>(cells: &Cells<'_>) -> Option<String> {
    if R::FILE == File::Enrollments && cells.version().is_sds() {
        return Some(format!("{}/{}", cells.raw("classSourcedId")?, cells.raw("userSourcedId")?));
    }
    cells.raw("sourcedId").map(str::to_owned)
}

fn repeated<R: Row>(cells: &Cells<'_>) -> Flaw {
    if R::FILE == File::Enrollments && cells.version().is_sds() {
        return cells.flaw("userSourcedId", "the person is in this class already", "Keep one of the rows");
    }
    match R::FILE {
        File::LineItemScoreScales => {
            return cells.flaw("lineItemSourcedId", "it has a scale in a row above", "Keep one of the rows");
        }
        File::ResultScoreScales => {
            return cells.flaw("resultSourcedId", "it has a scale in a row above", "Keep one of the rows");
        }
        _ => {}
    }
    cells.flaw("sourcedId", "the id was used in a row above", "Keep one of the rows or give each its own id")
}

/// Reads a checked file again and gives out the rows that were taken the first time.
pub(crate) fn again<R: Row, E: From<Refusal>>(
    source: &Source,
    version: Version,
    known: &Known,
    first: Option<&FileRead>,
    dropped: &[u64],
    mut visit: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let Some(first) = first else { return Ok(()) };
    let changed = || Refusal::new(format!("{} changed while it was being read; import it again.", R::FILE));
    let mut dropped = dropped.iter().peekable();
    let mut read = 0_u64;
    let mut mute = Log { listed: Vec::new(), unlisted: 0 };
    each(source, R::FILE, version, |cells| {
        read += 1;
        if dropped.next_if(|line| **line == cells.line).is_some() {
            return Ok(());
        }
        let Ok(mut row) = parse::<R>(cells, known.is_delta(R::FILE)) else { return Err(changed().into()) };
        mute.listed.clear();
        let mut links = Links { cells, file: R::FILE, known, log: &mut mute };
        if row.link(&mut links).is_err() {
            return Err(changed().into());
        }
        visit(row)
    })?;
    if read == first.read { Ok(()) } else { Err(changed().into()) }
}
