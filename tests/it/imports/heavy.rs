//! The real program under files made to exhaust it: it says so and never takes more than 256 MiB.

use std::fmt::Write as _;
use std::fs::File as Disk;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde_json::Value;
use support::database::{Database, Kind};
use support::process::{Ended, Process};
use tempfile::TempDir;

use super::files::Files;

const MEMORY_MAX: u64 = 256;

/// Runs `apta` on a path and holds its memory against the limit.
fn run(arguments: &[&str], path: &Path) -> Ended {
    let database = Database::empty(Kind::Sqlite);
    let arguments = [arguments, &[path.to_str().unwrap()]].concat();
    let ended = Process::start(&arguments, &[("DATABASE__URL", database.url())]).ended();
    let peak = ended.peak.unwrap_or_default();
    assert!(peak <= MEMORY_MAX, "{peak} MiB for {arguments:?}: {}", ended.stderr);
    ended
}

const ONEROSTER: [&str; 5] = ["import", "oneroster", "--json", "--school", "Мектеп 7"];
const WORKBOOK: [&str; 5] = ["import", "workbook", "--json", "--school", "Мектеп 7"];

fn refused(arguments: &[&str], path: &Path, part: &str) {
    let ended = run(arguments, path);
    let told: Value = serde_json::from_str(ended.stdout.trim()).unwrap_or_else(|_| panic!("{ended:?}"));
    assert_eq!((ended.code(), told["ok"].as_bool()), (Some(1), Some(false)), "{ended:?}");
    assert!(told["refusal"].as_str().unwrap().contains(part), "{told}");
}

/// The small bundle with so many more rows in a file.
fn bundle(name: &str, rows: usize, row: impl Fn(usize, &mut String)) -> TempDir {
    let home = Files::small().folder();
    append(&home.path().join(name), rows, row);
    home
}

fn append(path: &Path, rows: usize, row: impl Fn(usize, &mut String)) {
    let mut file = BufWriter::new(Disk::options().append(true).create(true).open(path).unwrap());
    let mut line = String::new();
    for number in 0..rows {
        line.clear();
        row(number, &mut line);
        file.write_all(line.as_bytes()).unwrap();
    }
}

/// CSV files of a school whose class and students are given.
fn tables(students: usize, row: impl Fn(usize, &mut String)) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("classes.csv"), "Class,Shift\n7,1\n").unwrap();
    let headings = "Student no.,Class,Full name,Guardian 1: full name,Guardian 1: phone,Guardian 1: e-mail,\
                    Guardian 2: full name,Guardian 2: phone,Guardian 2: e-mail\n";
    std::fs::write(home.path().join("students.csv"), headings).unwrap();
    append(&home.path().join("students.csv"), students, row);
    home
}

#[test]
fn more_people_than_one_import_takes_are_refused_in_time() {
    let home = bundle("users.csv", 600_000, |number, row| {
        let _ = writeln!(row, "{number},,o-1,parent,,A,B,u-a");
    });
    refused(&ONEROSTER, home.path(), "larger than one import takes");
}

#[test]
fn lists_of_thousands_in_short_cells_are_refused_in_time() {
    let agents = (0..4_000).map(|number| format!("{number:x}")).collect::<Vec<_>>().join(",");
    for list in ["1,".repeat(5_000), agents[..9_000].to_owned()] {
        let home = bundle("users.csv", 20_000, |number, row| {
            let _ = writeln!(row, "{number:x},,o-1,student,,A,B,\"{list}\"");
        });
        refused(&ONEROSTER, home.path(), "larger than one import takes");
    }
}

#[test]
fn more_works_than_one_import_takes_are_refused_in_time() {
    let home = bundle("lineItems.csv", 600_000, |number, row| {
        let _ = writeln!(row, "{number:0200},T,,2026-11-09,2026-11-10,k-alg,g-f,,,");
    });
    refused(&ONEROSTER, home.path(), "larger than one import takes");
}

#[test]
fn more_guardians_than_one_import_takes_are_refused_in_time() {
    let home = tables(100_000, |number, row| {
        let _ = writeln!(row, "{number},7,A B,C D,{number:010},a{number}@b.c,E F,1{number:09},b{number}@b.c");
    });
    refused(&WORKBOOK, home.path(), "larger than one import takes");
}

#[test]
fn a_class_in_thousands_of_courses_is_refused_in_time() {
    let home = tables(5_000, |number, row| {
        let _ = writeln!(row, "{number},7,A B,,,,,,");
    });
    std::fs::write(home.path().join("courses.csv"), "Class,Subject\n").unwrap();
    append(&home.path().join("courses.csv"), 5_000, |number, row| {
        let _ = writeln!(row, "7,S{number}");
    });
    refused(&WORKBOOK, home.path(), "larger than one import takes");
}

#[test]
fn a_timetable_of_tens_of_thousands_of_rows_is_refused_in_time() {
    let home = tables(1, |_, row| row.push_str("1,7,A B,,,,,,\n"));
    std::fs::write(home.path().join("courses.csv"), "Class,Subject\n7,S\n").unwrap();
    std::fs::write(home.path().join("timetable.csv"), "Weekday,Lesson no.,Class,Subject,Begins,Ends\n").unwrap();
    append(&home.path().join("timetable.csv"), 40_000, |number, row| {
        let _ = writeln!(row, "Monday,{},7,S,08:00,08:45", number % 20);
    });
    refused(&WORKBOOK, home.path(), "larger than one import takes");
}

#[test]
fn attendance_at_more_lessons_than_one_import_takes_is_refused_in_time() {
    let home = tables(200, |number, row| {
        let _ = writeln!(row, "{number},7,A B,,,,,,");
    });
    let (courses, rows) = (150, 60);
    std::fs::write(home.path().join("courses.csv"), "Class,Subject\n").unwrap();
    append(&home.path().join("courses.csv"), courses, |number, row| {
        let _ = writeln!(row, "7,S{number}");
    });
    std::fs::write(home.path().join("timetable.csv"), "Weekday,Lesson no.,Class,Subject,Begins,Ends\n").unwrap();
    append(&home.path().join("timetable.csv"), courses * 12, |number, row| {
        let _ = writeln!(row, "Wednesday,{},7,S{},08:00,08:45", number / courses + 1, number % courses);
    });
    std::fs::write(home.path().join("attendance.csv"), "Student no.,Date,Status\n").unwrap();
    append(&home.path().join("attendance.csv"), 200 * rows / 10, |number, row| {
        let wednesday = ["09.09.2026", "16.09.2026", "23.09.2026", "30.09.2026", "07.10.2026", "14.10.2026"];
        let _ = writeln!(row, "{},{},absent", number % 200, wednesday[number / 200]);
    });
    refused(&WORKBOOK, home.path(), "more lessons than one import takes");
}
