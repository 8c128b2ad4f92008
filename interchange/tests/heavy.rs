//! Files made to exhaust a reader: bombs, endless cells and rows, a million columns. They are made here, never kept.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod common;

use std::collections::BTreeMap;
use std::fs::File as Disk;
use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use common::{Files, spots};
use interchange::archive::Archive;
use interchange::workbook;
use rust_xlsxwriter::Workbook;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

const CELL: u64 = 100 << 20;
const COLUMNS: usize = 1_000_000;

/// One line of a hundred megabytes with something before and behind them.
fn endless(path: &Path, before: &str, behind: &str) {
    let mut file = Disk::create(path).unwrap();
    file.write_all(before.as_bytes()).unwrap();
    io::copy(&mut io::repeat(b'x').take(CELL), &mut file).unwrap();
    file.write_all(behind.as_bytes()).unwrap();
}

fn read_workbook(path: &Path) -> Result<workbook::Book, String> {
    let today = NaiveDate::from_ymd_opt(2026, 11, 18).unwrap();
    workbook::read(path, today).map_err(|refusal| refusal.sentence)
}

fn refused(read: Result<workbook::Book, String>, part: &str) {
    let sentence = read.map(|_| ()).unwrap_err();
    assert!(sentence.contains(part) && sentence.ends_with('.') && !sentence.contains('\n'), "{part}: {sentence}");
}

/// CSV files of the smallest school.
fn tables() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("classes.csv"), "Class,Shift\n7 Ә,1\n").unwrap();
    std::fs::write(home.path().join("students.csv"), "Student no.,Full name,Class\n1,Омарова Әлия,7 Ә\n").unwrap();
    home
}

/// A spreadsheet of the smallest school whose sheet of students is what `xml` makes of it.
fn spreadsheet(xml: impl Fn(String) -> Vec<u8>) -> TempDir {
    let mut book = Workbook::new();
    let classes = book.add_worksheet();
    classes.set_name("Classes").unwrap();
    classes.write_string(0, 0, "Class").unwrap().write_string(0, 1, "Shift").unwrap();
    classes.write_string(1, 0, "7 Ә").unwrap();
    let students = book.add_worksheet();
    students.set_name("Students").unwrap();
    for (at, title) in (0..).zip(["Student no.", "Full name", "Class"]) {
        students.write_string(0, at, title).unwrap();
    }
    let mut old = ZipArchive::new(Cursor::new(book.save_to_buffer().unwrap())).unwrap();
    let home = tempfile::tempdir().unwrap();
    let mut new = ZipWriter::new(Disk::create(home.path().join("school.xlsx")).unwrap());
    for index in 0..old.len() {
        let mut part = old.by_index(index).unwrap();
        let (name, mut text) = (part.name().unwrap().into_owned(), String::new());
        part.read_to_string(&mut text).unwrap();
        let bytes = if name.ends_with("sheet2.xml") { xml(text) } else { text.into_bytes() };
        new.start_file(name, SimpleFileOptions::default()).unwrap();
        new.write_all(&bytes).unwrap();
    }
    new.finish().unwrap();
    home
}

fn with_rows(rows: &str) -> TempDir {
    spreadsheet(|xml| xml.replace("</sheetData>", &format!("{rows}</sheetData>")).into_bytes())
}

fn read_spreadsheet(home: &TempDir) -> Result<workbook::Book, String> {
    read_workbook(&home.path().join("school.xlsx"))
}

/// The files of an archive by name, to be changed and zipped again with a manifest that is true of them.
struct Parts(BTreeMap<String, Vec<u8>>);

impl Parts {
    fn old() -> Self {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/data/archives/version-1.zip");
        let mut zip = ZipArchive::new(Disk::open(path).unwrap()).unwrap();
        let mut files = BTreeMap::new();
        for index in 0..zip.len() {
            let mut entry = zip.by_index(index).unwrap();
            let (name, mut bytes) = (entry.name().unwrap().into_owned(), Vec::new());
            entry.read_to_end(&mut bytes).unwrap();
            files.insert(name, bytes);
        }
        Self(files)
    }

    fn with_line(mut self, name: &str, line: &[u8]) -> Self {
        let bytes = self.0.get_mut(name).unwrap();
        bytes.extend(line);
        let (hash, rows) = (Sha256::digest(&*bytes), bytes.split(|byte| *byte == b'\n').count() - 1);
        let mut manifest: serde_json::Value = serde_json::from_slice(&self.0["manifest.json"]).unwrap();
        let file = manifest["files"].as_array_mut().unwrap().iter_mut().find(|file| file["name"] == name).unwrap();
        file["sha256"] = hash.iter().fold(String::new(), |hash, byte| format!("{hash}{byte:02x}")).into();
        file["rows"] = rows.into();
        self.0.insert("manifest.json".to_owned(), serde_json::to_vec(&manifest).unwrap());
        self
    }

    /// What is said of the archive, stored unpacked so that nothing looks like a bomb.
    fn told(&self) -> Result<(), String> {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("school.zip");
        let mut zip = ZipWriter::new(Disk::create(&path).unwrap());
        let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        for (name, bytes) in &self.0 {
            zip.start_file(name.as_str(), stored).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap();
        Archive::open(&path).map(drop).map_err(|refusal| refusal.sentence)
    }

    fn refused(&self, part: &str) {
        let sentence = self.told().unwrap_err();
        assert!(sentence.contains(part) && sentence.ends_with('.') && !sentence.contains('\n'), "{part}: {sentence}");
    }
}

#[test]
fn a_cell_of_a_hundred_megabytes_is_refused_in_every_kind_of_file() {
    let home = tempfile::tempdir().unwrap();
    for (before, part) in [("o-2,,,", "a cell is longer than 1 MiB"), ("o-2,,,\"", "a quoted cell that begins here")] {
        Files::v1p1().write(home.path());
        let orgs = String::from_utf8(Files::v1p1().0["orgs.csv"].clone()).unwrap();
        endless(&home.path().join("orgs.csv"), &format!("{orgs}{before}"), ",school,,\n");
        let sentence = common::whole(home.path()).unwrap_err().sentence;
        assert!(sentence.contains("orgs.csv, line 3") && sentence.contains(part), "{sentence}");
    }
    let home = tables();
    endless(&home.path().join("classes.csv"), "Class,Shift\n7 Ә,1\n8 Ә", ",1\n");
    refused(read_workbook(home.path()), "classes.csv, line 3: a cell is longer than 1 MiB");
    let cell = [b"<row r=\"9\"><c r=\"A9\" t=\"inlineStr\"><is><t>".as_slice(), &vec![b'x'; 100 << 20]].concat();
    refused(read_spreadsheet(&spreadsheet(|_| cell.clone())), "holds a cell longer than 4 MiB");
    let staff = [b"t9,".as_slice(), &vec![b'x'; 100 << 20], b",x,\n"].concat();
    Parts::old().with_line("staff.csv", &staff).refused("staff.csv, line ");
}

#[test]
fn a_million_columns_are_refused_in_every_kind_of_file() {
    let commas = ",".repeat(COLUMNS);
    for name in ["users.csv", "results.csv", "manifest.csv"] {
        assert!(Files::v1p1().with_row(name, &commas).refusal().contains("200 columns"), "{name}");
        let mut files = Files::v1p1();
        files.put(name, format!("{commas}\n"));
        assert!(files.refusal().contains("200 columns"), "{name}");
    }
    for separator in [",", ";", "\t"] {
        let home = tables();
        let wide = separator.repeat(COLUMNS);
        std::fs::write(home.path().join("grades.csv"), format!("Student no.{separator}Subject{wide}\n")).unwrap();
        refused(read_workbook(home.path()), "200 columns");
    }
    let cells = "<c><v>1</v></c>".repeat(COLUMNS);
    refused(read_spreadsheet(&with_rows(&format!("<row r=\"9\">{cells}</row>"))), "beyond column 200");
    Parts::old().with_line("staff.csv", format!("{commas}\n").as_bytes()).refused("200 columns");
}

#[test]
fn a_row_of_a_spreadsheet_is_no_longer_than_a_row_of_text() {
    let long = "x".repeat(3 << 20);
    let cell = format!("<c t=\"inlineStr\"><is><t>{long}</t></is></c>");
    refused(read_spreadsheet(&with_rows(&format!("<row r=\"9\">{}</row>", cell.repeat(3)))), "longer than 4 MiB");
    // Merged cells keep what stands above for the rows below.
    let row = |row: u32, column: char| {
        format!("<row r=\"{row}\"><c r=\"{column}{row}\" t=\"inlineStr\"><is><t>{long}</t></is></c></row>")
    };
    let rows = row(9, 'E') + &row(10, 'F');
    let merges = "<mergeCells><mergeCell ref=\"E9:E20\"/><mergeCell ref=\"F10:F20\"/></mergeCells>";
    let joined = spreadsheet(|xml| xml.replace("</sheetData>", &format!("{rows}</sheetData>{merges}")).into_bytes());
    refused(read_spreadsheet(&joined), "row 10: the row is longer than 4 MiB");
}

#[test]
fn bombs_slips_and_links_are_refused_in_every_kind_of_zip() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("tables.zip");
    let zipped = |fill: &dyn Fn(&mut ZipWriter<Disk>)| {
        let mut zip = ZipWriter::new(Disk::create(&path).unwrap());
        fill(&mut zip);
        zip.finish().unwrap();
    };
    let options = SimpleFileOptions::default();
    let says = |part: &str| {
        refused(read_workbook(&path), part);
        let others = [common::whole(&path).map(drop), Archive::open(&path).map(drop)];
        for other in others {
            let sentence = other.unwrap_err().sentence;
            assert!(sentence.contains(part), "{sentence}");
        }
    };
    zipped(&|zip| {
        zip.start_file("classes.csv", options).unwrap();
        io::copy(&mut io::repeat(b'7').take(8 << 20), zip).unwrap();
    });
    says("unpacks to more than 200 times its size");
    zipped(&|zip| zip.add_symlink("classes.csv", "/etc/passwd", options).unwrap());
    says("holds a symbolic link");
    zipped(&|zip| zip.start_file("aa/classes.csv", options).unwrap());
    // The writer mends names that lead outside, so an innocent one is changed in its bytes.
    let mut outside = std::fs::read(&path).unwrap();
    let spots: Vec<usize> = outside.windows(3).enumerate().filter(|(_, w)| w == b"aa/").map(|(at, _)| at).collect();
    for at in &spots {
        outside[*at..at + 2].copy_from_slice(b"..");
    }
    std::fs::write(&path, outside).unwrap();
    says("points outside the zip");
}

/// Overwrites what a zip declares of the unpacked size of its first entry of this name.
fn declaring(path: &Path, name: &str, size: u32) {
    let mut bytes = std::fs::read(path).unwrap();
    let spots: Vec<usize> =
        bytes.windows(name.len()).enumerate().filter(|(_, w)| *w == name.as_bytes()).map(|(at, _)| at).collect();
    for at in spots {
        // In the entry itself the sizes stand 8 bytes before the name, in the directory 22.
        let back = if at >= 30 && bytes[at - 30..].starts_with(b"PK\x03\x04") { 8 } else { 22 };
        bytes[at - back..at - back + 4].copy_from_slice(&size.to_le_bytes());
    }
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_workbook_that_says_how_large_it_is_is_refused_unread() {
    let home = tables();
    let path = home.path().join("school.xlsx");
    let file = Disk::create(&path).unwrap();
    (&file).write_all(b"PK\x03\x04").unwrap();
    file.set_len((64 << 20) + 1).unwrap();
    refused(read_workbook(&path), "is larger than 64 MiB");
    let home = spreadsheet(String::into_bytes);
    let path = home.path().join("school.xlsx");
    assert!(read_workbook(&path).unwrap_err().contains("holds no students"), "it is well but for its size");
    declaring(&path, "xl/worksheets/sheet2.xml", (768 << 20) + 1);
    refused(read_workbook(&path), "has a sheet larger than 768 MiB");
}

#[test]
fn quotes_that_never_close_and_two_encodings_in_one_file_are_refused() {
    let home = tables();
    let students = "Student no.,Full name,Class\n1,\"Омарова Әлия,7 Ә\n2,Ким Анна,7 Ә\n";
    std::fs::write(home.path().join("students.csv"), students).unwrap();
    refused(read_workbook(home.path()), "students.csv, line 2: a quoted cell that begins here never ends");
    let cyrillic: Vec<u8> = b"2,\xca\xe8\xec \xc0\xed\xed\xe0,7 A\n".to_vec();
    let mixed = ["Student no.,Full name,Class\n1,Омарова Әлия,7 Ә\n".as_bytes(), &cyrillic].concat();
    std::fs::write(home.path().join("students.csv"), mixed).unwrap();
    refused(read_workbook(home.path()), "students.csv is partly UTF-8 and partly not");

    assert_eq!(Parts::old().told(), Ok(()), "the archive is well before it is changed");
    Parts::old().with_line("staff.csv", b"t9,\"A,B,\n").refused("a quoted cell that begins here never ends");
    Parts::old().with_line("staff.csv", b"t9,\xc0\xed\xed\xe0,B,\n").refused("the text is not UTF-8");
}

#[test]
fn a_formula_is_never_evaluated() {
    let files = Files::v1p1()
        .edited("orgs.csv", "Мектеп 7", "=1+1")
        .edited("users.csv", "Тимур", "\"=HYPERLINK(\"\"http://x\"\")\"")
        .with_row("results.csv", "r-9,,,l-1,u-a,fully graded,=1+1,2026-09-11,")
        .with_row("results.csv", "=1+1,,,l-1,u-a,fully graded,9,2026-09-11,");
    let read = files.read().unwrap();
    assert_eq!(read.bundle.orgs[0].name, "=1+1");
    assert_eq!(read.bundle.users[2].given_name, "=HYPERLINK(\"http://x\")");
    let expected = [("results.csv", 4, "score"), ("results.csv", 5, "sourcedId")];
    assert_eq!(spots(&read.bundle.rejections), expected);
}

#[test]
fn no_cell_of_a_template_is_a_formula() {
    use domain::types::Language;
    for language in [Language::Kk, Language::Ru, Language::En] {
        let mut zip = ZipArchive::new(Cursor::new(workbook::template(language).unwrap())).unwrap();
        let names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
        let sheets: Vec<_> = names.iter().filter(|name| name.starts_with("xl/worksheets/sheet")).collect();
        assert_eq!(sheets.len(), 10);
        for name in sheets {
            let mut xml = String::new();
            zip.by_name(name).unwrap().read_to_string(&mut xml).unwrap();
            assert!(!xml.contains("<f>") && !xml.contains("<f "), "{name}");
        }
        let mut strings = String::new();
        zip.by_name("xl/sharedStrings.xml").unwrap().read_to_string(&mut strings).unwrap();
        let risky: Vec<&str> = strings
            .split("<t")
            .skip(1)
            .filter_map(|part| part.split_once('>')?.1.split_once("</t>"))
            .map(|(text, _)| text)
            .filter(|text| text.starts_with(['=', '+', '-', '@', '\t', '\r']))
            .collect();
        assert_eq!(risky, Vec::<&str>::new(), "saved as CSV, a spreadsheet would take it for a formula");
    }
}
