//! A school moves: its archive, from the first byte to a parent's phone.

mod accounts;
mod killed;
mod refusals;
mod scene;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use domain::db::{Db, Settings};
use domain::schools;
use domain::types::SchoolId;
use interchange::archive::{self, Archive, Options};
use interchange::report::Report;
use serde_json::{Value, json};
use support::app::{App, DIARY, noon};
use support::both;
use support::database::{Database, Kind};
use support::school::{PASSWORD, School};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use self::scene::{crowded, eventful};
use crate::storage::{execute, number};

fn open(database: &Database) -> Db {
    Db::open(&Settings { url: database.url().to_owned(), connections: 2, patience_ms: 5000 }).unwrap()
}

fn other(kind: Kind) -> Kind {
    match kind {
        Kind::Sqlite => Kind::Postgres,
        Kind::Postgres => Kind::Sqlite,
    }
}

/// A folder for archives.
struct Shelf(TempDir);

impl Shelf {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn place(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// What `apta export school` does.
    fn export(&self, db: &Db, school: SchoolId, name: &str, accounts: bool) -> PathBuf {
        let options = Options { accounts, force: true };
        archive::export(db, school, &self.place(name), options, noon(), &|_, _| ()).unwrap();
        self.place(name)
    }
}

/// What `apta restore FILE [--as NAME]` does, or the sentence it says instead.
fn restore(db: &Db, path: &Path, name: Option<&str>) -> Result<Report, String> {
    let archive = Archive::open(path).map_err(|refusal| refusal.sentence)?;
    archive::restore(db, &archive, name, noon(), &|_, _| ()).map_err(|error| error.to_string())
}

fn named(db: &Db, name: &str) -> SchoolId {
    let found = db.read_here(|conn| schools::named(conn, name)).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].id
}

/// The files of a zip.
fn unzip(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut zip = ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut files = BTreeMap::new();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        files.insert(file.name().unwrap().into_owned(), bytes);
    }
    files
}

fn zipped(path: &Path, files: &BTreeMap<String, Vec<u8>>) {
    let mut zip = ZipWriter::new(std::fs::File::create(path).unwrap());
    for (name, bytes) in files {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
}

/// The CSV files of an archive as texts; a difference is then seen line by line.
fn texts(path: &Path) -> BTreeMap<String, String> {
    let csv = unzip(path).into_iter().filter(|(name, _)| name != "manifest.json");
    csv.map(|(name, bytes)| (name, String::from_utf8(bytes).unwrap())).collect()
}

fn assert_same(one: &Path, other: &Path) {
    let (one, other) = (texts(one), texts(other));
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (name, text) in &one {
        assert_eq!(text, &other[name], "{name}");
    }
}

fn created(report: &Report) -> u64 {
    report.files.iter().map(|file| file.created).sum()
}

fn manifest(path: &Path) -> Value {
    serde_json::from_slice(&unzip(path)["manifest.json"]).unwrap()
}

both!(a_school_moves_to_the_other_database_and_back_without_losing_a_byte, async |kind: Kind| {
    let (first, second, third) =
        (Database::new(kind, &DIARY), Database::new(other(kind), &DIARY), Database::new(kind, &DIARY));
    let (first, second, third) = (open(&first).keep(&first), open(&second).keep(&second), open(&third).keep(&third));
    let shelf = Shelf::new();
    // Numbers of the database differ from one to the other.
    School::make(second.db, "eki");
    let school = eventful(first.db, "bir");
    let one = shelf.export(first.db, school.id, "one.zip", false);
    let report = restore(second.db, &one, None).unwrap();
    assert_eq!(report.exit_code(), 0, "{report:?}");
    assert!(report.files.iter().all(|file| file.created == file.read), "{report:?}");
    let two = shelf.export(second.db, named(second.db, "bir мектебі"), "two.zip", false);
    assert_same(&one, &two);
    restore(third.db, &two, None).unwrap();
    let three = shelf.export(third.db, named(third.db, "bir мектебі"), "three.zip", false);
    assert_same(&two, &three);

    for (name, rows) in [("enrolments.csv", 1), ("guardianships.csv", 6), ("homework_done.csv", 4), ("grade_revisions.csv", 18)] {
        let told = manifest(&one)["files"].as_array().unwrap().iter().find(|file| file["name"] == name).unwrap()["rows"].clone();
        assert_eq!(told, json!(rows), "{name}");
    }
    for file in manifest(&one)["files"].as_array().unwrap() {
        let held = file["name"] != "accounts.csv";
        assert!(!held || file["rows"] != json!(0), "{} is empty, so it proves nothing", file["name"]);
    }
    for (path, db) in [(&one, second.db), (&two, third.db)] {
        let again = restore(db, path, None).unwrap();
        assert_eq!((again.exit_code(), created(&again)), (0, 0));
        assert!(again.files.iter().all(|file| file.unchanged == file.read));
    }
});

/// A database that stays while its handle is used.
struct Kept<'a> {
    db: &'a Db,
}

trait Keep {
    fn keep(self, database: &Database) -> Kept<'static>;
}
