//! `manifest.json`: which format, which school, which files with how many rows and which hashes.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use chrono::NaiveDateTime;
use chrono_tz::Tz;
use domain::archive::{Card, Row};
use domain::types::{DayOff, Language};
use serde::{Deserialize, Serialize};

use super::stream;
use crate::report::{Refusal, cut};
use crate::untrusted::source::{shown, unreadable};
use crate::untrusted::zips;

/// The file itself.
pub(super) const NAME: &str = "manifest.json";
/// What the format calls itself.
const FORMAT: &str = "apta-school-archive";
/// The version of the format; it moves when a file or a column changes. Older ones are read: they lack the files that came later.
pub const VERSION: u32 = 4;
/// A manifest is small: days off are the longest part of it.
const BYTES_MAX: u64 = 4 << 20;
/// Counters are JSON numbers, and there must be room above them.
const REVISION_MAX: i64 = 1 << 52;

/// What an archive says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifest {
    format: String,
    version: u32,
    /// The newest migration of the database it came from.
    schema: String,
    /// When it was made, UTC.
    made_at: NaiveDateTime,
    pub school: School,
    /// The greatest counter of the school and its pupils; restored counters begin above it.
    greatest_revision: i64,
    /// The files in the order in which they are restored.
    pub files: Vec<File>,
}

/// The school's own row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct School {
    pub name: String,
    time_zone: Tz,
    languages: Vec<Language>,
    days_off: Vec<DayOff>,
    created_at: NaiveDateTime,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct File {
    pub name: String,
    pub rows: u64,
    columns: Vec<String>,
    pub(super) sha256: String,
}

impl File {
    pub(super) fn new(name: &str, rows: u64, columns: &[&str], sha256: String) -> Self {
        let columns = columns.iter().map(|column| (*column).to_owned()).collect();
        Self { name: name.to_owned(), rows, columns, sha256 }
    }
}

/// What can be read of a manifest of any version.
#[derive(Deserialize)]
struct Head {
    format: Option<String>,
    version: Option<u32>,
    schema: Option<String>,
}

impl Manifest {
    pub(super) fn new(card: &Card, files: Vec<File>, now: NaiveDateTime) -> domain::Result<Self> {
        Ok(Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            schema: domain::db::latest()?,
            made_at: now,
            school: School {
                name: card.name.clone(),
                time_zone: card.time_zone,
                languages: card.languages.clone(),
                days_off: card.days_off.clone(),
                created_at: card.created_at,
            },
            greatest_revision: card.revision,
            files,
        })
    }

    /// Whether the format had this file when the archive was written.
    pub(super) fn knows<R: Row>(&self) -> bool {
        R::SINCE <= self.version
    }

    /// What it says of this file.
    pub fn file(&self, name: &str) -> Option<&File> {
        self.files.iter().find(|file| file.name == name)
    }

    /// The rows of all files.
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    /// The school as the diary takes it, under another name if one is given.
    pub(super) fn card(&self, name: Option<&str>) -> Card {
        Card {
            name: name.unwrap_or(&self.school.name).to_owned(),
            time_zone: self.school.time_zone,
            languages: self.school.languages.clone(),
            days_off: self.school.days_off.clone(),
            created_at: self.school.created_at,
            revision: self.greatest_revision,
        }
    }

    /// The hash of everything but the moment it was made: a school exported twice without a change is one archive.
    fn identity(&self) -> serde_json::Result<String> {
        let timeless = Self { made_at: NaiveDateTime::default(), ..self.clone() };
        Ok(stream::hash(&serde_json::to_vec(&timeless)?))
    }

    fn check(&self) -> Result<(), Refusal> {
        let wrong = |what: &str| Err(Refusal::new(format!("{NAME}: {what}; export the school again.")));
        if self.school.name.trim().is_empty() || self.school.name.contains('\0') {
            return wrong("the school has no name");
        }
        if self.school.languages.is_empty() {
            return wrong("the school speaks no language");
        }
        if !(0..=REVISION_MAX).contains(&self.greatest_revision) {
            return wrong("greatestRevision is out of range");
        }
        if self.school.days_off.iter().any(|day| day.to < day.from) {
            return wrong("days off end before they begin");
        }
        Ok(())
    }
}

/// Reads the manifest of a zip, with its hash.
pub(super) fn read(path: &Path, entries: &BTreeMap<String, usize>) -> Result<(Manifest, String), Refusal> {
    let Some(index) = entries.get(NAME) else {
        let name = shown(path);
        return Err(Refusal::new(format!(
            "{name} is no school archive: it has no {NAME}; give what `apta export school` wrote."
        )));
    };
    let bytes = zips::with(path, *index, NAME, |reader| {
        let mut bytes = Vec::new();
        reader.take(BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| unreadable(NAME, &error))?;
        Ok::<_, Refusal>(bytes)
    })?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > BYTES_MAX {
        return Err(Refusal::new(format!("{NAME} is longer than 4 MiB; export the school again.")));
    }
    let broken =
        |error: serde_json::Error| Refusal::new(format!("{NAME} cannot be read: {error}; export the school again."));
    let head: Head = serde_json::from_slice(&bytes).map_err(broken)?;
    known(&head)?;
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(broken)?;
    manifest.check()?;
    let hash = manifest.identity().map_err(broken)?;
    Ok((manifest, hash))
}

/// Whether this program can read it: of this format, and no newer than itself.
fn known(head: &Head) -> Result<(), Refusal> {
    if head.format.as_deref() != Some(FORMAT) {
        let found = cut(head.format.as_deref().unwrap_or_default());
        return Err(Refusal::new(format!(
            "{NAME} is of the format {found:?} and not {FORMAT:?}; give what `apta export school` wrote."
        )));
    }
    let newer = "was made by a newer version of apta; restore it with that version or a newer one.";
    match head.version {
        Some(1..=VERSION) => {}
        Some(version) if version > VERSION => {
            return Err(Refusal::new(format!("The archive has version {version} of the format: it {newer}")));
        }
        _ => return Err(Refusal::new(format!("{NAME} names no version of the format; export the school again."))),
    }
    let ours = domain::db::latest().map_err(|error| Refusal::new(error.to_string()))?;
    match head.schema.as_deref() {
        Some(theirs) if !theirs.is_empty() && theirs.bytes().all(|byte| byte.is_ascii_digit()) => {
            if theirs > ours.as_str() {
                let theirs = cut(theirs);
                return Err(Refusal::new(format!("The archive has schema {theirs}, this program {ours}: it {newer}")));
            }
            Ok(())
        }
        _ => Err(Refusal::new(format!("{NAME} names no schema version; export the school again."))),
    }
}
