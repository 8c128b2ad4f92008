//! Writes what the fuzzers begin with, made of the tests' data: `cargo run --example seeds`.

use std::fs::{self, File};
use std::io::{Cursor, Read, Seek};
use std::path::Path;

use domain::types::Language;
use interchange::workbook::template;
use interchange_fuzz::{Piece, joined};
use zip::ZipArchive;

#[path = "../../tests/common/mod.rs"]
mod common;

/// A school in the words of the template, as CSV files.
const TABLES: [(&str, &str); 9] = [
    ("staff.csv", "Staff no.;Full name\nT-1;Ким Ирина Сергеевна\n"),
    ("classes.csv", "Class;School year;Shift;Class teacher\n7 Ә;2026/27;1;T-1\n"),
    (
        "students.csv",
        "Student no.;Full name;Class;Birth date;Guardian 1: relation;Guardian 1: full name;Guardian 1: phone\n\
         1;Омарова Әлия;7 Ә;05.09.2013;мать;Омарова Сауле;87011234567\n",
    ),
    ("courses.csv", "Subject;Class;Subgroup;Teacher;Members\nАлгебра;7 Ә;1;T-1;1\n"),
    ("timetable.csv", "Weekday;Lesson no.;Class;Subject;Begins;Ends\nсреда;2;7 Ә;Алгебра;08:50;09:35\n"),
    ("assessments.csv", "Class;Subject;Title;Kind;Date;Maximum points\n7 Ә;Алгебра;СОР 1;СОР;16.11.2026;20\n"),
    ("grades.csv", "Student no.;Subject;Date;Assessment;Grade;Comment\n1;Алгебра;16.11.2026;СОР 1;17;\"a;b\"\n"),
    ("attendance.csv", "Student no.;Date;Lesson no.;Status\n1;18.11.2026;2;болел\n"),
    ("period grades.csv", "Student no.;Subject;Period;Grade\n1;Алгебра;1 четверть;5\n"),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let data = home.join("../../tests/data");
    let write = |target: &str, name: &str, bytes: &[u8]| {
        let corpus = home.join("corpus").join(target);
        fs::create_dir_all(&corpus).and_then(|()| fs::write(corpus.join(name), bytes))
    };
    for set in ["SDS-v2", "SDS-v2.1", "SDS-Format/25-Users"] {
        let mut files = Vec::new();
        for entry in fs::read_dir(data.join("microsoft-sds").join(set))? {
            let entry = entry?;
            files.push((entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path())?));
        }
        write("bundle", &set.replace('/', "-"), &joined(&files))?;
    }
    for (name, files) in [("1.1", common::Files::v1p1()), ("1.2", common::Files::v1p2())] {
        write("bundle", name, &joined(&files.0.into_iter().collect::<Vec<_>>()))?;
    }
    let tables = TABLES.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
    write("workbook", "tables", &[b"c".as_slice(), &joined(&tables)].concat())?;
    for (number, language) in [Language::Kk, Language::Ru, Language::En].into_iter().enumerate() {
        let bytes = template(language)?;
        write("workbook", &format!("raw-{number}"), &[b"r", bytes.as_slice()].concat())?;
        write(
            "workbook",
            &format!("parts-{number}"),
            &[b"x".as_slice(), &joined(&unzipped(Cursor::new(bytes))?)].concat(),
        )?;
    }
    let old = data.join("archives/version-1.zip");
    write("archive", "raw", &[b"r".as_slice(), &fs::read(&old)?].concat())?;
    write("archive", "files", &[b"a".as_slice(), &joined(&unzipped(File::open(&old)?)?)].concat())?;
    Ok(())
}

fn unzipped(zip: impl Read + Seek) -> Result<Vec<Piece>, Box<dyn std::error::Error>> {
    let mut zip = ZipArchive::new(zip)?;
    let mut files = Vec::new();
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index)?;
        let (name, mut bytes) = (entry.name()?.into_owned(), Vec::new());
        entry.read_to_end(&mut bytes)?;
        files.push((name, bytes));
    }
    Ok(files)
}
