//! A school moves: its archive, from the first byte to a parent's phone.

mod accounts;
mod killed;
mod refusals;
mod scene;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

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

/// A database with the handle to it.
struct Home {
    db: Db,
    // Last: the handle lets go of its connections first.
    database: Database,
}

impl Home {
    fn new(kind: Kind) -> Self {
        let database = Database::new(kind, &DIARY);
        let settings = Settings { url: database.url().to_owned(), connections: 2, patience_ms: 5000 };
        Self { db: Db::open(&settings).unwrap(), database }
    }
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
        let differs = text.lines().zip(other[name].lines()).find(|(one, other)| one != other);
        let cut = differs.map(|(one, other)| [one, other].map(|line| line.chars().take(500).collect::<String>()));
        assert!(text == &other[name], "{name}: {cut:?}");
    }
}

fn created(report: &Report) -> u64 {
    report.files.iter().map(|file| file.created).sum()
}

fn manifest(path: &Path) -> Value {
    serde_json::from_slice(&unzip(path)["manifest.json"]).unwrap()
}

both!(a_school_moves_to_the_other_database_and_back_without_losing_a_byte, async |kind: Kind| {
    let (first, second, third) = (Home::new(kind), Home::new(other(kind)), Home::new(kind));
    let shelf = Shelf::new();
    // Numbers of the database differ from one to the other.
    School::make(&second.db, "eki");
    let school = eventful(&first.db, "bir");
    let one = shelf.export(&first.db, school.id, "one.zip", false);
    let report = restore(&second.db, &one, None).unwrap();
    assert_eq!(report.exit_code(), 0, "{report:?}");
    assert!(report.files.iter().all(|file| file.created == file.read), "{report:?}");
    let two = shelf.export(&second.db, named(&second.db, "bir мектебі"), "two.zip", false);
    assert_same(&one, &two);
    restore(&third.db, &two, None).unwrap();
    let three = shelf.export(&third.db, named(&third.db, "bir мектебі"), "three.zip", false);
    assert_same(&two, &three);

    let rows = |name: &str| report.files.iter().find(|file| file.name == name).unwrap().read;
    assert_eq!((rows("enrolments.csv"), rows("homework_done.csv")), (1, 4));
    assert_eq!((rows("guardianships.csv"), rows("grades.csv"), rows("grade_revisions.csv")), (6, 15, 19));
    for file in &report.files {
        assert!(file.read > 0, "{} is empty and proves nothing", file.name);
    }
    for (path, home) in [(&one, &second), (&two, &third)] {
        let again = restore(&home.db, path, None).unwrap();
        assert_eq!((again.exit_code(), created(&again)), (0, 0));
        assert!(again.files.iter().all(|file| file.unchanged == file.read), "{again:?}");
    }
});

both!(the_demo_school_comes_back_as_it_was, async |kind: Kind| {
    let (from, to) = (Home::new(kind), Home::new(other(kind)));
    let options = api::demo::Options { pupils: None, year: false, seed: 1 };
    let demo = api::demo::build(&from.db, &options, noon(), &|_| ()).unwrap().credentials;
    let shelf = Shelf::new();
    let one = shelf.export(&from.db, SchoolId(demo.school_id), "one.zip", true);
    let name = manifest(&one)["school"]["name"].as_str().unwrap().to_owned();
    let report = restore(&to.db, &one, None).unwrap();
    assert_eq!((report.exit_code(), created(&report) > 5000), (0, true), "{}", created(&report));
    let two = shelf.export(&to.db, named(&to.db, &name), "two.zip", true);
    assert_same(&one, &two);
    let (mut one, mut two) = (manifest(&one), manifest(&two));
    // Counters go on, moments pass; all else is the same.
    assert!(two["greatestRevision"].as_i64() > one["greatestRevision"].as_i64());
    for manifest in [&mut one, &mut two] {
        manifest["greatestRevision"] = Value::Null;
        manifest["madeAt"] = Value::Null;
    }
    assert_eq!(one, two);
});

/// Numbers of the database and tags are others in another database; everything else must be the same.
fn without_ids(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| name != "id" && !name.ends_with("Id") && name != "revision");
            fields.values_mut().for_each(without_ids);
        }
        Value::Array(items) => items.iter_mut().for_each(without_ids),
        _ => {}
    }
}

/// All that a parent sees of her children.
async fn seen(app: &App, login: &str) -> Vec<Value> {
    let token = app.sign_in(login, PASSWORD).await["accessToken"].as_str().unwrap().to_owned();
    let children = app.get("/v1/children", &token).await.body;
    let mut views = vec![children.clone()];
    for child in children["items"].as_array().unwrap() {
        let at = format!("/v1/children/{}", child["id"]);
        let paths = [
            "/diary?from=2026-11-16&to=2026-11-22",
            "/grades",
            "/subjects",
            "/report-card",
            "/homework?from=2026-11-16&to=2026-11-22",
            "/attendance",
            "/assessments?from=2026-11-16&to=2026-11-22",
            "/periods",
            "/teachers",
        ];
        for path in paths {
            let answer = app.get(&format!("{at}{path}"), &token).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            views.push(answer.body);
        }
        let grades = app.get(&format!("{at}/grades"), &token).await.body;
        for grade in grades["items"].as_array().unwrap() {
            views.push(app.get(&format!("{at}/grades/{}/history", grade["id"]), &token).await.body);
        }
    }
    views.iter_mut().for_each(without_ids);
    views
}

both!(a_parent_signs_in_as_before_and_sees_the_same_diary, async |app: App| {
    let school = eventful(&app.state.db, "bir");
    let (guardian, shelf) = (school.guardian(&app.state.db, "g1"), Shelf::new());
    let path = shelf.export(&app.state.db, school.id, "moves.zip", true);
    let there = App::start(other(app.database.kind()), |_| ());
    School::make(&there.state.db, "eki");
    let report = restore(&there.state.db, &path, None).unwrap();
    assert_eq!(report.exit_code(), 0, "{report:?}");
    let (before, after) = (seen(&app, &guardian.login).await, seen(&there, &guardian.login).await);
    assert!(before.len() > 30, "{}", before.len());
    for (one, other) in before.iter().zip(&after) {
        assert_eq!(one, other);
    }
    assert_eq!(before.len(), after.len());
});

both!(an_archive_of_the_first_version_is_restored, async |kind: Kind| {
    let (home, shelf) = (Home::new(kind), Shelf::new());
    // Written by the program as it was before there were results.
    let old = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/archives/version-1.zip");
    assert_eq!(manifest(&old)["version"], 1);
    let report = restore(&home.db, &old, None).unwrap();
    assert_eq!((report.exit_code(), created(&report)), (0, 25), "{report:?}");
    assert_eq!(created(&restore(&home.db, &old, None).unwrap()), 0);
    let new = shelf.export(&home.db, named(&home.db, "Мектеп 7"), "new.zip", false);
    assert_eq!(manifest(&new)["version"], 4);
    let (before, mut after) = (texts(&old), texts(&new));
    let since = [
        "grading_schemes.csv",
        "scheme_choices.csv",
        "results.csv",
        "files.csv",
        "file_parts.csv",
        "homework_files.csv",
        "news.csv",
        "settle_windows.csv",
    ];
    for added in since {
        assert_eq!(after.remove(added).unwrap().lines().count(), 1, "{added} has its titles and no row");
    }
    assert_eq!(before, after);
});

both!(no_tag_of_the_old_diary_meets_the_new_one, async |kind: Kind| {
    let (from, to) = (Home::new(kind), Home::new(kind));
    let school = eventful(&from.db, "bir");
    let greatest = "SELECT max(revision) AS number FROM (SELECT revision FROM children UNION SELECT revision FROM schools) AS all_of_them";
    let before = number(&from.db, greatest);
    assert!(before > 3);
    restore(&to.db, &Shelf::new().export(&from.db, school.id, "one.zip", false), None).unwrap();
    assert!(number(&to.db, &greatest.replace("max(", "min(")) > before);
});

both!(what_is_written_during_an_export_is_not_half_in_it, async |kind: Kind| {
    let (home, shelf) = (Home::new(kind), Shelf::new());
    let school = eventful(&home.db, "bir");
    let before = shelf.export(&home.db, school.id, "before.zip", false);
    // The journal writes while the first file is on its way: a new pupil, and another grade for an old one.
    let during = |file: &'static str, _: u64| {
        if file == "periods.csv" {
            crowded(&home.db, &school, 3);
            execute(&home.db, "UPDATE children SET first_name = 'Басқа'");
        }
    };
    let path = shelf.place("during.zip");
    archive::export(&home.db, school.id, &path, Options::default(), noon(), &during).unwrap();
    assert_same(&before, &path);
    let after = shelf.export(&home.db, school.id, "after.zip", false);
    assert_ne!(texts(&before)["grades.csv"], texts(&after)["grades.csv"]);
});

both!(a_copy_in_a_scratch_database_is_the_same_school, async |kind: Kind| {
    let (from, to, shelf) = (Home::new(kind), Home::new(Kind::Sqlite), Shelf::new());
    School::make(&from.db, "eki");
    let school = eventful(&from.db, "bir");
    let copied = archive::copy(&from.db, school.id, &to.db).unwrap();
    let one = shelf.export(&from.db, school.id, "one.zip", false);
    assert_same(&one, &shelf.export(&to.db, copied, "two.zip", false));
});

both!(nothing_of_another_school_and_no_account_is_in_an_archive, async |kind: Kind| {
    let (home, shelf) = (Home::new(kind), Shelf::new());
    let school = eventful(&home.db, "bir");
    let strange = eventful(&home.db, "eki");
    let id = strange.id.0;
    for table in ["staff", "guardians"] {
        execute(&home.db, &format!("UPDATE {table} SET last_name = 'Бөтен' WHERE school_id = {id}"));
    }
    for (table, column) in [("lessons", "topic"), ("homework", "text"), ("grades", "comment"), ("class_groups", "name")]
    {
        execute(&home.db, &format!("UPDATE {table} SET {column} = 'Бөтен' WHERE school_id = {id}"));
    }
    execute(&home.db, &format!("UPDATE children SET last_name = 'Бөтен' WHERE school_id = {id}"));
    school.guardian(&home.db, "g1");
    strange.guardian(&home.db, "g1");
    let path = shelf.export(&home.db, school.id, "one.zip", false);
    let whole: String = texts(&path).into_values().collect();
    assert!(!whole.contains("Бөтен") && !whole.contains("$argon2") && !whole.contains("bir-g1"), "{whole}");
    assert!(!texts(&path).contains_key("accounts.csv"));
    let alone = Home::new(kind);
    let same = eventful(&alone.db, "bir");
    assert_same(&path, &shelf.export(&alone.db, same.id, "alone.zip", false));
});

both!(an_archive_is_for_its_owner_alone_and_replaces_nothing_unasked, async |kind: Kind| {
    use std::os::unix::fs::PermissionsExt;
    let (home, shelf) = (Home::new(kind), Shelf::new());
    let school = School::make(&home.db, "bir");
    let path = shelf.place("one.zip");
    std::fs::write(&path, "mine").unwrap();
    let export = |force| {
        let options = Options { accounts: false, force };
        archive::export(&home.db, school.id, &path, options, noon(), &|_, _| ()).map_err(|error| error.to_string())
    };
    let sentence = export(false).unwrap_err();
    assert!(sentence.contains("one.zip is there already") && sentence.contains("--force"), "{sentence}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    export(true).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let left: Vec<_> = std::fs::read_dir(shelf.0.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["one.zip"], "nothing is left beside it");
});

both!(what_a_killed_export_left_is_cleared_by_the_next_and_what_another_writes_is_not, async |kind: Kind| {
    let (home, shelf) = (Home::new(kind), Shelf::new());
    let school = School::make(&home.db, "bir");
    let part = |name: &str, hours: u64| {
        let file = std::fs::File::create(shelf.place(name)).unwrap();
        file.set_modified(
            std::fs::metadata(shelf.0.path()).unwrap().modified().unwrap() - Duration::from_secs(3600 * hours),
        )
        .unwrap();
        file
    };
    drop(part(".apta-dead.part", 1));
    let living = part(".apta-busy.part", 1);
    living.lock().unwrap();
    drop(part(".apta-young.part", 0));
    drop(part("apta-mine.part", 1));
    shelf.export(&home.db, school.id, "one.zip", false);
    let mut left: Vec<_> = std::fs::read_dir(shelf.0.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, [".apta-busy.part", ".apta-young.part", "apta-mine.part", "one.zip"]);
});
