//! From the diary into a zip, as a stream: one snapshot, one page of rows at a time.

use std::fs::File as Disk;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use chrono::NaiveDateTime;
use domain::alerts::plan::exports;
use domain::archive::{self, Row, Visit};
use domain::db::{Conn, Db};
use domain::types::SchoolId;
use tempfile::NamedTempFile;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::manifest::{self, File, Manifest};
use super::stream::Hashing;
use super::{ArchiveError, Progress};
use crate::report::Refusal;
use crate::untrusted::source::shown;

/// What an archive is called while it is written.
const PREFIX: &str = ".apta-";
const SUFFIX: &str = ".part";
/// So long after it began, an export surely holds its lock.
const YOUNG: Duration = Duration::from_secs(60);

/// How a school is exported.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// With the accounts of its people: log-ins, password hashes, addresses, telephone numbers, birth dates.
    pub accounts: bool,
    /// Whether a file that is there already may be replaced.
    pub force: bool,
}

/// Writes a school's archive to `out`, readable by its owner alone. It is written under another name beside it first, so
/// that a half-written file is never taken for an archive.
pub fn export(
    db: &Db,
    school: SchoolId,
    out: &Path,
    options: Options,
    now: NaiveDateTime,
    progress: Progress<'_>,
) -> Result<Manifest, ArchiveError> {
    let disk = |error: std::io::Error| ArchiveError::Disk(out.display().to_string(), error);
    if !options.force && out.symlink_metadata().is_ok() {
        return Err(there_already(out).into());
    }
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = tempfile::Builder::new().prefix(PREFIX).suffix(SUFFIX).tempfile_in(folder).map_err(disk)?;
    file.as_file().lock().map_err(disk)?;
    clear(folder, file.as_file()).map_err(disk)?;
    let mut zip = ZipWriter::new(BufWriter::new(file.as_file()));
    let manifest = db.snapshot_here(|conn| {
        let writing = Writing { conn, school, zip: &mut zip, files: Vec::new(), out, progress };
        // A lost connection is the database's business, everything else ours.
        match writing.all(options.accounts, now) {
            Err(ArchiveError::Diary(error)) => Err(error),
            other => Ok(other),
        }
    })??;
    let mut written = zip.finish().map_err(|error| disk(error.into()))?;
    written.flush().map_err(disk)?;
    drop(written);
    db.write_here(|conn| exports::note(conn, school, now))?;
    settle(file, out, options.force)?;
    Ok(manifest)
}

/// Removes what exports that were killed left in the folder: files nobody holds the lock of, begun a while before this one.
/// One that cannot be removed is somebody else's.
fn clear(folder: &Path, own: &Disk) -> std::io::Result<()> {
    let begun = own.metadata()?.modified()?;
    for entry in std::fs::read_dir(folder)?.flatten() {
        let is_part = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        if !is_part || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let Ok(part) = Disk::open(entry.path()) else { continue };
        let touched = part.metadata().and_then(|known| known.modified());
        let old = touched.is_ok_and(|touched| begun.duration_since(touched).is_ok_and(|age| age > YOUNG));
        if old && part.try_lock().is_ok() {
            let _ = std::fs::remove_file(entry.path());
        }
    }
    Ok(())
}

fn there_already(out: &Path) -> Refusal {
    Refusal::new(format!("{} is there already; choose another name, or replace it with --force.", shown(out)))
}

fn settle(file: NamedTempFile, out: &Path, force: bool) -> Result<(), ArchiveError> {
    let disk = |error: std::io::Error| ArchiveError::Disk(out.display().to_string(), error);
    file.as_file().sync_all().map_err(disk)?;
    if force {
        return file.persist(out).map(drop).map_err(|error| disk(error.error));
    }
    file.persist_noclobber(out).map(drop).map_err(|error| match error.error.kind() {
        std::io::ErrorKind::AlreadyExists => there_already(out).into(),
        _ => disk(error.error),
    })
}

type Zip<'f> = ZipWriter<BufWriter<&'f Disk>>;

struct Writing<'a, 'f> {
    conn: &'a mut Conn,
    school: SchoolId,
    zip: &'a mut Zip<'f>,
    files: Vec<File>,
    out: &'a Path,
    progress: Progress<'a>,
}

impl Writing<'_, '_> {
    fn all(mut self, accounts: bool, now: NaiveDateTime) -> Result<Manifest, ArchiveError> {
        let card = archive::card(self.conn, self.school)?;
        archive::each(&mut self, accounts)?;
        let manifest = Manifest::new(&card, std::mem::take(&mut self.files), now)?;
        self.begin(manifest::NAME, true)?;
        let text = serde_json::to_vec_pretty(&manifest).map_err(|error| self.disk(error))?;
        self.zip.write_all(&text).map_err(|error| self.disk(error))?;
        Ok(manifest)
    }

    fn begin(&mut self, name: &str, packed: bool) -> Result<(), ArchiveError> {
        let method = if packed { CompressionMethod::Deflated } else { CompressionMethod::Stored };
        let options = SimpleFileOptions::default().compression_method(method).large_file(true).unix_permissions(0o600);
        self.zip.start_file(name, options).map_err(|error| self.disk(error))
    }

    fn disk(&self, error: impl Into<std::io::Error>) -> ArchiveError {
        ArchiveError::Disk(self.out.display().to_string(), error.into())
    }
}

impl Visit for Writing<'_, '_> {
    type Error = ArchiveError;

    fn file<R: Row>(&mut self) -> Result<(), ArchiveError> {
        self.begin(R::FILE, R::PACKED)?;
        let name = self.out.display().to_string();
        let disk = |error: csv::Error| ArchiveError::Disk(name.clone(), error.into());
        let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(Hashing::new(&mut *self.zip));
        csv.write_record(R::COLUMNS).map_err(disk)?;
        let (mut rows, mut after) = (0, Some(0));
        while let Some(last) = after {
            let page = archive::page::<R>(self.conn, self.school, last)?;
            for row in &page.rows {
                csv.serialize(row).map_err(disk)?;
            }
            rows += u64::try_from(page.rows.len()).unwrap_or(0);
            (self.progress)(R::FILE, rows);
            after = page.next;
        }
        let hashing = csv.into_inner().map_err(|error| disk(error.into_error().into()))?;
        let sha256 = hashing.finish();
        self.files.push(File::new(R::FILE, rows, R::COLUMNS, sha256));
        Ok(())
    }
}
