//! The real program as an administrator runs it: rehearsed, killed, run twice at once.

use std::process::{Command, Stdio};

use domain::db::{Alone, Db, Settings};
use domain::schools;
use serde_json::{Value, json};
use support::both;
use support::database::{Database, Kind};
use support::process::{Ended, Process, program};
use tempfile::TempDir;

use super::files::Files;

/// Enough for several steps.
const PUPILS: usize = 300;
const WORKS: usize = 30;

/// A school whose gradebook takes a while.
fn crowded() -> TempDir {
    let mut files = Files::small();
    for pupil in 0..PUPILS {
        files = files
            .with_rows("users.csv", &format!("p-{pupil},true,o-1,student,p{pupil},Аты{pupil},Тегі,\n"))
            .with_rows("enrollments.csv", &format!("m-{pupil},k-alg,o-1,p-{pupil},student,,,\n"));
    }
    for work in 0..WORKS {
        let row = format!("w-{work},Жұмыс {work},,2026-11-09,2026-11-10,k-alg,g-f,q-2,0,10\n");
        let score = |pupil| format!("s-{work}-{pupil},w-{work},p-{pupil},fully graded,{},2026-11-10,\n", work % 10 + 1);
        let scores: String = (0..PUPILS).map(score).collect();
        files = files.with_rows("lineItems.csv", &row).with_rows("results.csv", &scores);
    }
    files.folder()
}

fn start(database: &Database, home: &TempDir, more: &[&str]) -> Process {
    let arguments = [&["import", "oneroster", home.path().to_str().unwrap(), "--school", "Мектеп 7", "--json"], more];
    let settings = [("DATABASE__URL", database.url()), ("LOG__FILTER", "info,interchange=debug")];
    Process::start(&arguments.concat(), &settings)
}

fn report(ended: &Ended) -> Value {
    serde_json::from_str(ended.stdout.trim()).unwrap_or_else(|_| panic!("{ended:?}"))
}

fn sum(report: &Value, field: &str) -> u64 {
    report["files"].as_array().unwrap().iter().map(|file| file[field].as_u64().unwrap()).sum()
}

fn open(database: &Database) -> Db {
    let url = database.url().to_owned();
    Db::open(&Settings { url, connections: 2, patience_ms: 1000 }).unwrap()
}

both!(a_rehearsal_tells_what_an_import_would_do_and_changes_nothing, async |kind: Kind| {
    let (database, home) = (Database::empty(kind), Files::small().folder());
    let first = start(&database, &home, &["--dry-run"]).ended();
    assert_eq!((first.code(), &report(&first)["dryRun"]), (Some(0), &json!(true)), "{first:?}");
    assert_eq!(open(&database).read_here(schools::all).unwrap().len(), 0, "no school was made");
    let real = start(&database, &home, &[]).ended();
    assert_eq!(report(&first)["files"], report(&real)["files"]);
    assert!(report(&real).get("dryRun").is_none());

    let next = Files::small().edited("results.csv", "9.50", "8.50").edited("users.csv", "Тимур", "Темір").folder();
    let second = start(&database, &next, &["--dry-run"]).ended();
    assert_eq!(sum(&report(&second), "updated"), 2, "{second:?}");
    let again = start(&database, &home, &[]).ended();
    assert_eq!((sum(&report(&again), "updated"), sum(&report(&again), "created")), (0, 0), "{again:?}");

    let real = start(&database, &next, &[]).ended();
    assert_eq!(report(&second)["files"], report(&real)["files"]);
});

both!(an_import_that_was_killed_and_run_again_ends_as_if_nothing_had_happened, async |kind: Kind| {
    let (database, home) = (Database::empty(kind), crowded());
    for file in ["academicSessions.csv", "classes.csv", "enrollments.csv", "lineItems.csv", "results.csv"] {
        let mut process = start(&database, &home, &[]);
        process.await_log(&format!("\"file\":\"{file}\""));
        process.kill();
    }
    let ended = start(&database, &home, &[]).ended();
    let last = report(&ended);
    assert!(sum(&last, "created") > 0 && sum(&last, "unchanged") > 0, "the runs were cut off: {last}");
    let whole = report(&start(&Database::empty(kind), &home, &[]).ended());
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    let third = report(&start(&database, &home, &[]).ended());
    for (file, done) in third["files"].as_array().unwrap().iter().zip(whole["files"].as_array().unwrap()) {
        assert_eq!((file["created"].as_u64(), file["updated"].as_u64()), (Some(0), Some(0)), "{file}");
        let held = |file: &Value| file["created"].as_u64().unwrap() + file["unchanged"].as_u64().unwrap();
        assert_eq!(held(file), held(done), "{file}");
    }
});

both!(the_second_of_two_imports_is_refused_with_a_sentence, async |kind: Kind| {
    let (database, home) = (Database::empty(kind), Files::small().folder());
    start(&database, &home, &[]).ended();
    let db = open(&database);
    let school = db.read_here(schools::all).unwrap()[0].id;
    let running = db.alone(Alone::Import(school)).unwrap();
    let refused = start(&database, &home, &[]).ended();
    assert_eq!(refused.code(), Some(1));
    assert!(report(&refused)["refusal"].as_str().unwrap().contains("Another import"), "{refused:?}");
    drop(running);
    assert_eq!(start(&database, &home, &[]).ended().code(), Some(0));
});

both!(a_reader_who_has_seen_enough_is_no_failure, async |kind: Kind| {
    let (database, home) = (Database::empty(kind), Files::small().folder());
    let import = ["import", "oneroster", home.path().to_str().unwrap(), "--school", "Мектеп 7"];
    for arguments in [&import[..], &["school", "list"]] {
        let mut command = Command::new(program());
        command.args(arguments).env("APTA__DATABASE__URL", database.url()).current_dir(home.path());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&ended.stderr));
    }
});
