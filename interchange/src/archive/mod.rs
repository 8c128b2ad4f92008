//! A school's archive: its whole history in one file that it takes along, and that any Apta restores. See `FORMAT.md`.

mod apply;
mod check;
mod manifest;
mod stream;
mod write;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use csv::StringRecord;
use domain::archive::{self, Row, Visit};

pub use self::apply::restore;
pub use self::manifest::{File, Manifest, VERSION};
use self::stream::Hashing;
pub use self::write::{Options, export};
use crate::report::Refusal;
use crate::untrusted::records::records;
use crate::untrusted::source::unreadable;
use crate::untrusted::zips;
/// Copies a school straight into another database, for trying things out on the copy.
pub use domain::archive::copy;

/// Why an export or a restore stopped.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// Nothing was changed; the sentence says what to mend.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database gave up. A restore goes on where it stopped when it is run again.
    #[error(transparent)]
    Diary(#[from] domain::Error),
    /// The archive could not be written.
    #[error("{0} cannot be written: {1}")]
    Disk(String, io::Error),
}

/// Called as the work goes on, with the file and how many of its rows are done.
pub type Progress<'a> = &'a dyn Fn(&'static str, u64);

/// An archive that was checked to the last row.
#[derive(Debug)]
pub struct Archive {
    path: PathBuf,
    entries: BTreeMap<String, usize>,
    pub manifest: Manifest,
    /// Hash of the manifest, which holds the hashes of all files: two archives with one hash hold the same.
    hash: String,
}

impl Archive {
    /// Opens an archive and checks everything that can be wrong with it, or says in one sentence why it is not taken.
    pub fn open(path: &Path) -> Result<Self, Refusal> {
        let entries = zips::entries(path, &zips::ARCHIVE)?;
        let (manifest, hash) = manifest::read(path, &entries)?;
        let archive = Self { path: path.to_owned(), entries, manifest, hash };
        archive.has_its_files()?;
        check::all(&archive)?;
        Ok(archive)
    }

    /// Whether the archive holds accounts.
    pub fn has_accounts(&self) -> bool {
        self.manifest.file(archive::Account::FILE).is_some()
    }

    /// The zip holds the files that its manifest names, and they are those of the format.
    fn has_its_files(&self) -> Result<(), Refusal> {
        let mut expected = Names(Vec::new(), &self.manifest);
        let Ok(()) = archive::each(&mut expected, self.has_accounts());
        let named: Vec<&str> = self.manifest.files.iter().map(|file| file.name.as_str()).collect();
        for name in &expected.0 {
            if !named.contains(name) || !self.entries.contains_key(*name) {
                return Err(Refusal::new(format!("{name} is missing from the archive; export the school again.")));
            }
        }
        let known = |name: &str| name == manifest::NAME || expected.0.contains(&name);
        if let Some(other) =
            named.iter().copied().chain(self.entries.keys().map(String::as_str)).find(|one| !known(one))
        {
            let other = crate::report::cut(other);
            return Err(Refusal::new(format!(
                "the archive holds {other}, which is no part of it; export the school again."
            )));
        }
        Ok(())
    }

    /// Reads a file row by row, each with its place; one that came after the archive's version has no rows. Refuses it when the hash, the count or the columns are not what the
    /// manifest says.
    fn rows<R: Row, E: From<Refusal>>(&self, mut visit: impl FnMut(R, Place) -> Result<(), E>) -> Result<u64, E> {
        let name = R::FILE;
        if !self.manifest.knows::<R>() {
            return Ok(0);
        }
        let gone = || Refusal::new(format!("{name} is missing from the archive; export the school again."));
        let (Some(index), Some(told)) = (self.entries.get(name), self.manifest.file(name)) else {
            return Err(gone().into());
        };
        zips::with(&self.path, *index, name, |bytes| {
            let mut hashing = Hashing::new(bytes);
            let mut count = 0;
            let read: Result<(), E> = records(&mut hashing, name, |titles, next| {
                has_columns::<R>(titles)?;
                let mut record = StringRecord::new();
                while let Some(line) = next(&mut record)? {
                    count += 1;
                    visit(row(&record, line)?, Place { line, bytes: record.as_slice().len() })?;
                }
                Ok(())
            });
            // A file that was changed is said to be so before what became wrong in it.
            if !matches!(&read, Ok(())) {
                io::copy(&mut hashing, &mut io::sink()).map_err(|error| unreadable(name, &error))?;
            }
            if hashing.finish() != told.sha256 {
                return Err(Refusal::new(format!(
                    "{name} is not what was exported: its hash differs from the manifest; use the archive as it was exported."
                ))
                .into());
            }
            read?;
            if count != told.rows {
                return Err(Refusal::new(format!(
                    "{name} has {count} rows where the manifest says {}; export the school again.",
                    told.rows
                ))
                .into());
            }
            Ok(count)
        })
    }
}

/// Where a row stands, and how much it weighs.
#[derive(Debug, Clone, Copy)]
struct Place {
    line: u64,
    bytes: usize,
}

/// The files an archive of this version has.
struct Names<'a>(Vec<&'static str>, &'a Manifest);

impl Visit for Names<'_> {
    type Error = std::convert::Infallible;

    fn file<R: Row>(&mut self) -> Result<(), Self::Error> {
        if self.1.knows::<R>() {
            self.0.push(R::FILE);
        }
        Ok(())
    }
}

fn has_columns<R: Row>(titles: &StringRecord) -> Result<(), Refusal> {
    if titles.iter().eq(R::COLUMNS.iter().copied()) {
        return Ok(());
    }
    let expected = R::COLUMNS.join(",");
    Err(Refusal::new(format!("{} does not have the columns {expected}; export the school again.", R::FILE)))
}

fn row<R: Row>(record: &StringRecord, line: u64) -> Result<R, Refusal> {
    if record.len() != R::COLUMNS.len() {
        let (found, expected) = (record.len(), R::COLUMNS.len());
        return Err(Refusal::new(format!(
            "{}, line {line}: {found} cells where there are {expected} columns.",
            R::FILE
        )));
    }
    record.deserialize(None).map_err(|error| {
        let column = column_at_fault::<R>(record);
        Refusal::new(format!("{}, line {line}, {column}: {}.", R::FILE, reason(&error)))
    })
}

fn reason(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Deserialize { err, .. } => err.kind().to_string(),
        _ => error.to_string(),
    }
}

/// The column whose cell cannot be read: a row cut off before it is only too short. The error itself does not always tell.
fn column_at_fault<R: Row>(record: &StringRecord) -> &'static str {
    let fault = (1..=record.len()).find(|length| {
        let cut: StringRecord = record.iter().take(*length).collect();
        cut.deserialize::<R>(None).is_err_and(|error| !reason(&error).starts_with("invalid length"))
    });
    fault.and_then(|length| R::COLUMNS.get(length - 1)).copied().unwrap_or("?")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
mod tests {
    use domain::archive::Cell;
    use proptest::prelude::*;

    use super::*;

    /// Texts of the letters that are easily lost.
    fn awkward() -> impl Strategy<Value = Option<String>> {
        proptest::option::of("['=+@\"\\-,;\t\r\n aә\u{feff}]{0,6}|\\PC{0,6}")
    }

    proptest! {
        #[test]
        fn any_text_comes_back_from_a_cell_and_nothing_stays_nothing(row in proptest::collection::vec(awkward(), 2..5)) {
            let cells: Vec<Option<Cell>> = row.into_iter().map(|text| text.map(Cell)).collect();
            let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
            csv.write_record(vec!["title"; cells.len()]).unwrap();
            csv.serialize(&cells).unwrap();
            let bytes = csv.into_inner().unwrap();
            let read = records(&mut bytes.as_slice(), "x.csv", |_, next| {
                let mut record = StringRecord::new();
                next(&mut record)?;
                Ok::<_, Refusal>(record.deserialize::<Vec<Option<Cell>>>(None).unwrap())
            });
            prop_assert_eq!(read.unwrap(), cells);
        }
    }
}
