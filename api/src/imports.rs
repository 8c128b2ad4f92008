//! The desk where files sent in over the API are carried out, one after the other. A file lies in the data folder until it is
//! done, so what a stopped server left is taken up by the next one.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::clock::{Clock, local_day};
use domain::db::Db;
use domain::imports::{self, Import};
use domain::schools;
use domain::types::{ImportId, ImportKind, SchoolId};
use interchange::rehearsal::Rehearsal;
use interchange::report::{Refusal, Report};
use interchange::{Options, archive, oneroster, workbook};

/// Carries imports out on a thread of its own, which ends when nothing is left to do.
#[derive(Clone)]
pub struct Imports {
    db: Db,
    clock: Clock,
    folder: PathBuf,
    desk: Arc<Mutex<Desk>>,
}

#[derive(Default)]
struct Desk {
    waiting: VecDeque<ImportId>,
    is_busy: bool,
    /// Rows done and rows there are, of the import at hand.
    progress: HashMap<ImportId, (u64, u64)>,
}

impl Imports {
    pub fn new(db: Db, clock: Clock, data: &Path) -> Self {
        Self { db, clock, folder: data.join("imports"), desk: Arc::default() }
    }

    /// Where the file of an import lies. The folder is made, for its owner alone.
    pub fn folder(&self) -> std::io::Result<&Path> {
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(&self.folder)?;
        Ok(&self.folder)
    }

    /// The file of an import.
    pub fn file(&self, id: ImportId) -> PathBuf {
        self.folder.join(format!("{}.import", id.0))
    }

    /// How far an import is that this process is carrying out.
    pub fn progress(&self, id: ImportId) -> Option<(u64, u64)> {
        self.desk().progress.get(&id).copied()
    }

    /// Puts an import at the end of the line; its file lies in its place.
    pub fn submit(&self, id: ImportId) {
        let mut desk = self.desk();
        desk.waiting.push_back(id);
        if !std::mem::replace(&mut desk.is_busy, true) {
            let own = self.clone();
            std::thread::spawn(move || own.work());
        }
    }

    /// Takes up what an earlier process did not finish and whose file lies here.
    pub fn resume(&self) -> domain::Result<()> {
        for id in self.db.read_here(imports::unfinished)? {
            if self.file(id).exists() {
                self.submit(id);
            }
        }
        Ok(())
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<ImportId> {
        let mut desk = self.desk();
        let next = desk.waiting.pop_front();
        desk.is_busy = next.is_some();
        next
    }

    fn work(&self) {
        while let Some(id) = self.next() {
            if let Err(error) = self.carry_out(id) {
                // It stays unfinished and is taken up when the server starts again.
                tracing::error!(import.id = id.0, error = %error, "an import was not finished");
            }
            self.desk().progress.remove(&id);
        }
    }

    fn carry_out(&self, id: ImportId) -> anyhow::Result<()> {
        let import = self.db.read_here(|conn| imports::one(conn, id))?;
        self.db.write_here(|conn| imports::start(conn, id))?;
        let report = match self.import(&import) {
            Ok(report) => Report { dry_run: import.dry_run, ..report },
            Err(error) => Report::refused(&Refusal::new(format!("{error:#}"))),
        };
        let (json, now) = (report.json()?, self.clock.now());
        self.db.write_here(|conn| imports::finish(conn, id, report.ok, &json, now))?;
        std::fs::remove_file(self.file(id))?;
        tracing::info!(import.id = id.0, import.taken = report.ok, "an import is done");
        Ok(())
    }

    /// Into the school, or into a copy that is thrown away: by the same code as on the command line.
    fn import(&self, import: &Import) -> anyhow::Result<Report> {
        if !import.dry_run {
            return self.load(&self.db, import.school_id, import);
        }
        let copy = Rehearsal::new()?;
        let school = archive::copy(&self.db, import.school_id, &copy.db)?;
        self.load(&copy.db, school, import)
    }

    fn load(&self, db: &Db, id: SchoolId, import: &Import) -> anyhow::Result<Report> {
        let school = db.read_here(|conn| schools::one(conn, id))?;
        let watch = |done, total| {
            self.desk().progress.insert(import.id, (done, total));
        };
        let options = Options { allow_shrink: import.allow_shrink, progress: Some(&watch) };
        let (path, now) = (self.file(import.id), self.clock.now());
        Ok(match import.kind {
            ImportKind::Oneroster => {
                let bundle = oneroster::read(&path)?;
                let choice = oneroster::choose(&bundle, &school.name)?;
                oneroster::load(db, id, &bundle, &choice, now, options)?
            }
            ImportKind::Workbook => {
                let zone = school.time_zone.parse().unwrap_or(chrono_tz::Tz::UTC);
                let book = workbook::read(&path, local_day(now, zone))?;
                workbook::load(db, id, &book, now, options)?
            }
        })
    }
}
