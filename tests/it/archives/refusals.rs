//! Archives that are not taken: each with its sentence, and nothing is changed.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::*;

type Files = BTreeMap<String, Vec<u8>>;

/// Replaces text in a file of the archive, and in the manifest what the file is now.
fn edited(files: &Files, name: &str, from: &str, to: &str) -> Files {
    let mut files = changed(files, name, from, to);
    let mut manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    let bytes = &files[name];
    let hash = Sha256::digest(bytes).iter().fold(String::new(), |hash, byte| format!("{hash}{byte:02x}"));
    for file in manifest["files"].as_array_mut().unwrap() {
        if file["name"] == name {
            file["sha256"] = json!(hash);
        }
    }
    files.insert("manifest.json".to_owned(), serde_json::to_vec(&manifest).unwrap());
    files
}

/// Replaces text in a file, and leaves the manifest as it was.
fn changed(files: &Files, name: &str, from: &str, to: &str) -> Files {
    let mut files = files.clone();
    let text = String::from_utf8(files[name].clone()).unwrap();
    assert!(text.contains(from), "{name} has no {from}: {text}");
    files.insert(name.to_owned(), text.replacen(from, to, 1).into_bytes());
    files
}

fn without(files: &Files, name: &str) -> Files {
    let mut files = files.clone();
    files.remove(name).unwrap();
    files
}

fn with(files: &Files, name: &str) -> Files {
    let mut files = files.clone();
    files.insert(name.to_owned(), Vec::new());
    files
}

fn cases(good: &Files) -> Vec<(Files, &'static str)> {
    let manifest = |from: &str, to: &str| changed(good, "manifest.json", from, to);
    vec![
        (changed(good, "grades.csv", "=1+1", "=2+1"), "grades.csv is not what was exported"),
        (changed(good, "grades.csv", ",formative,", ",five,"), "grades.csv is not what was exported"),
        (without(good, "bells.csv"), "bells.csv is missing"),
        (without(good, "manifest.json"), "it has no manifest.json"),
        (with(good, "clients.csv"), "holds clients.csv, which is no part of it"),
        (manifest("apta-school-archive", "apta-photo-album"), "is of the format"),
        (manifest("\"version\": 4", "\"version\": 5"), "made by a newer version of apta"),
        (manifest("\"version\": 4", "\"version\": 1"), "holds grading_schemes.csv, which is no part of it"),
        (without(good, "results.csv"), "results.csv is missing"),
        (
            edited(good, "results.csv", "{\"\"value", "[\"\"value"),
            "results.csv, line 2, detail: detail must say as JSON",
        ),
        (
            edited(good, "grading_schemes.csv", "\"\"weight\"\":25", "\"\"weight\"\":26"),
            "grading_schemes.csv, line 2, body: body must be",
        ),
        (manifest("\"schema\": \"2026", "\"schema\": \"2999"), "made by a newer version of apta"),
        (manifest("\"rows\": 15", "\"rows\": 13"), "lessons.csv has 15 rows where the manifest says 13"),
        (manifest("Asia/Almaty", "Asia/Atlantis"), "manifest.json cannot be read"),
        (edited(good, "grades.csv", ",p1,alg7,", ",p9,alg7,"), "studentExternalId: there is no row with this id"),
        (edited(good, "grades.csv", "e2,p2", "e1,p2"), "grades.csv, line 3: another row has the same id"),
        (edited(good, "enrolments.csv", "0-p1,p1", "p2,p1"), "enrolments.csv, line 2: another row has the same id"),
        (edited(good, "attendance.csv", "n2,p2", "n2,p1"), "another row has the same student and lesson"),
        (edited(good, "grades.csv", ",formative,", ",five,"), "grades.csv, line 2, kind: "),
        (edited(good, "lessons.csv", "2026-11-16", "16.11.2026"), "lessons.csv, line 2, date: "),
        (
            edited(good, "subjects.csv", "{\"\"en", "[\"\"en"),
            "subjects.csv, line 2, names: names must be a JSON object",
        ),
        (edited(good, "staff.csv", "t1,Гүлнәр", "t1,"), "staff.csv, line 2, firstName: the cell is empty"),
        (edited(good, "staff.csv", "lastName", "surname"), "staff.csv does not have the columns externalId,firstName"),
        (edited(good, "settle_windows.csv", "3600", "3601"), "settle_windows.csv, line 3, seconds: a window is 0 to"),
        (
            edited(good, "settle_windows.csv", "grade,0", "account,0"),
            "settle_windows.csv, line 2, kind: no window holds",
        ),
        (edited(good, "homework.csv", "\"one\r", "one\r"), "homework.csv, line "),
    ]
}

both!(an_archive_with_a_fault_is_refused_with_a_sentence_and_changes_nothing, async |kind: Kind| {
    let (from, to, shelf) = (Home::new(kind), Home::new(kind), Shelf::new());
    let school = eventful(&from.db, "bir");
    let good = unzip(&shelf.export(&from.db, school.id, "good.zip", false));
    let path = shelf.place("bad.zip");
    let refused = |part: &str| {
        let sentence = restore(&to.db, &path, None).unwrap_err();
        assert!(sentence.contains(part) && sentence.ends_with('.'), "{part}: {sentence}");
        assert!(to.db.read_here(schools::all).unwrap().is_empty(), "{part}");
    };
    for (files, part) in cases(&good) {
        zipped(&path, &files);
        refused(part);
    }

    zipped(&path, &good);
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    refused("bad.zip is not a zip file or is damaged");
    // The writer mends names that lead outside, so an innocent one is changed in its bytes.
    zipped(&path, &with(&good, "aa/grades.csv"));
    let mut slip = std::fs::read(&path).unwrap();
    let spots: Vec<usize> =
        slip.windows(4).enumerate().filter(|(_, four)| four == b"aa/g").map(|(spot, _)| spot).collect();
    assert_eq!(spots.len(), 2);
    for spot in spots {
        slip[spot..spot + 2].copy_from_slice(b"..");
    }
    std::fs::write(&path, slip).unwrap();
    refused("points outside the zip");
    let mut zip = ZipWriter::new(std::fs::File::create(&path).unwrap());
    zip.add_symlink("grades.csv", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    zip.finish().unwrap();
    refused("symbolic link");

    zipped(&path, &good);
    assert_eq!(restore(&to.db, &path, None).unwrap().exit_code(), 0, "the good one is taken");
});

both!(a_school_that_came_from_elsewhere_is_not_touched, async |kind: Kind| {
    let (home, shelf) = (Home::new(kind), Shelf::new());
    let school = eventful(&home.db, "bir");
    let path = shelf.export(&home.db, school.id, "one.zip", false);
    let sentence = restore(&home.db, &path, None).unwrap_err();
    assert!(sentence.contains("did not come from this archive") && sentence.contains("--as NAME"), "{sentence}");
    let report = restore(&home.db, &path, Some("Екінші")).unwrap();
    assert_eq!((report.exit_code(), created(&report) > 50), (0, true));
    let copy = shelf.export(&home.db, named(&home.db, "Екінші"), "two.zip", false);
    assert_same(&path, &copy);
    assert_same(&path, &shelf.export(&home.db, school.id, "three.zip", false));
    assert_eq!(created(&restore(&home.db, &path, Some("Екінші")).unwrap()), 0);
    assert!(restore(&home.db, &copy, Some("Екінші")).unwrap_err().contains("did not come from this archive"));

    // The same school exported again is the same archive, as long as nothing changed.
    let later = archive::export(
        &home.db,
        school.id,
        &shelf.place("4.zip"),
        Options::default(),
        noon() + chrono::Duration::days(1),
        &|_, _| (),
    );
    later.unwrap();
    assert_eq!(created(&restore(&home.db, &shelf.place("4.zip"), Some("Екінші")).unwrap()), 0);
    execute(&home.db, "UPDATE restores SET finished_at = NULL");
    assert_eq!(restore(&home.db, &path, Some("Екінші")).unwrap().exit_code(), 0, "cut off, and finished now");
    execute(&home.db, "UPDATE restores SET finished_at = NULL");
    let sentence = restore(&home.db, &copy, Some("Екінші")).unwrap_err();
    assert!(sentence.contains("the restore of another archive to it was cut off"), "{sentence}");
});
