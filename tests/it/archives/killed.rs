//! The real program killed while it restores, and run again.

use support::process::Process;

use super::*;

/// Enough for a restore to be in the middle of them for a while.
const GRADES: usize = 4000;

fn run(home: &Home, path: &Path) -> Process {
    let path = path.to_str().unwrap();
    let settings = [("DATABASE__URL", home.database.url()), ("LOG__FILTER", "info,interchange=debug")];
    Process::start(&["restore", path, "--json"], &settings)
}

both!(a_restore_that_was_killed_and_run_again_ends_as_if_nothing_had_happened, async |kind: Kind| {
    let (from, shelf) = (Home::new(other(kind)), Shelf::new());
    let school = eventful(&from.db, "bir");
    crowded(&from.db, &school, GRADES);
    school.guardian(&from.db, "g1");
    let path = shelf.export(&from.db, school.id, "one.zip", true);
    let to = Home::new(kind);
    let mut unfinished = 0;
    // Each run is killed a little later than the one before; a file that was done before is passed over.
    for file in
        ["periods.csv", "students.csv", "guardianships.csv", "homework_done.csv", "assessments.csv", "grades.csv"]
    {
        let mut process = run(&to, &path);
        process.await_log(&format!("\"file\":\"{file}\""));
        process.kill();
        unfinished += number(&to.db, "SELECT count(*) AS number FROM restores WHERE finished_at IS NULL");
    }
    assert!(unfinished >= 4, "most runs are cut off, {unfinished} were");
    let ended = run(&to, &path).ended();
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    let report: Value = serde_json::from_str(ended.stdout.trim()).unwrap();
    let counts =
        |name: &str| report["files"].as_array().unwrap().iter().find(|file| file["name"] == name).unwrap().clone();
    assert_eq!(counts("students.csv")["unchanged"], json!(3), "{report}");
    assert_eq!(counts("accounts.csv")["read"], json!(1));
    assert_eq!(to.db.read_here(schools::all).unwrap().len(), 1);
    let again = shelf.export(&to.db, named(&to.db, "bir мектебі"), "two.zip", true);
    assert_same(&path, &again);

    let third = run(&to, &path).ended();
    let report: Value = serde_json::from_str(third.stdout.trim()).unwrap();
    let still = |file: &Value| file["created"] == json!(0) && file["unchanged"] == file["read"];
    assert!(report["files"].as_array().unwrap().iter().all(still), "{report}");
});

both!(the_command_line_says_what_it_did_and_what_it_did_not, async |kind: Kind| {
    let (home, shelf) = (Home::new(kind), Shelf::new());
    School::make(&home.db, "bir");
    let path = shelf.place("one.zip");
    let export = || {
        let arguments = ["export", "school", "bir мектебі", "--out", path.to_str().unwrap(), "--json"];
        Process::start(&arguments, &[("DATABASE__URL", home.database.url())]).ended()
    };
    let ended = export();
    let report: Value = serde_json::from_str(ended.stdout.trim()).unwrap();
    assert_eq!((ended.code(), &report["ok"]), (Some(0), &json!(true)), "{ended:?}");
    let ended = export();
    let report: Value = serde_json::from_str(ended.stdout.trim()).unwrap();
    assert_eq!((ended.code(), &report["ok"]), (Some(1), &json!(false)), "{ended:?}");
    assert!(report["refusal"].as_str().unwrap().contains("--force"), "{report}");

    let ended = run(&home, &path).ended();
    let report: Value = serde_json::from_str(ended.stdout.trim()).unwrap();
    assert_eq!(ended.code(), Some(1), "{ended:?}");
    assert!(report["refusal"].as_str().unwrap().contains("--as NAME"), "{report}");
    let ended = Process::start(
        &["restore", path.to_str().unwrap(), "--as", "Екінші"],
        &[("DATABASE__URL", home.database.url())],
    )
    .ended();
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert!(ended.stdout.contains("students.csv") && !ended.stderr.contains("Омарова"), "{ended:?}");
});
