//! Workbooks as people make them and as nobody should: read row by row, or refused with one sentence.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod arbitrary;

use std::io::{Cursor, Read, Write};
use std::path::Path;

use chrono::NaiveDate;
use domain::types::Language;
use interchange::workbook::{self, Book, Sheet};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

const LANGUAGES: [Language; 3] = [Language::Kk, Language::Ru, Language::En];

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 18).unwrap()
}

fn read_bytes(bytes: &[u8]) -> Result<Book, String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    read(file.path())
}

fn read(path: &Path) -> Result<Book, String> {
    workbook::read(path, today()).map_err(|refusal| refusal.sentence)
}

fn refusal(bytes: &[u8]) -> String {
    let sentence = read_bytes(bytes).map(|_| ()).unwrap_err();
    assert!(sentence.ends_with('.') && !sentence.contains('\n'), "{sentence}");
    sentence
}

/// CSV files of the smallest school, with more rows.
struct Tables(Vec<(&'static str, String)>);

impl Tables {
    fn small() -> Self {
        Self(vec![
            ("classes.csv", "Class,Shift\n7 Ә,1\n".to_owned()),
            ("students.csv", "Student no.,Full name,Class,Birth date\n1,Омарова Әлия,7 Ә,05.09.2013\n".to_owned()),
        ])
    }

    fn with(mut self, name: &'static str, text: &str) -> Self {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => known.push_str(text),
            None => self.0.push((name, text.to_owned())),
        }
        self
    }

    fn folder(&self) -> TempDir {
        let home = tempfile::tempdir().unwrap();
        for (name, text) in &self.0 {
            std::fs::write(home.path().join(name), text).unwrap();
        }
        home
    }

    fn read(&self) -> Result<Book, String> {
        read(self.folder().path())
    }
}

fn spots(book: &Book) -> Vec<(&str, u64, &str, &str)> {
    book.rejections().iter().map(|r| (r.file.as_str(), r.line, r.column.as_str(), r.value.as_str())).collect()
}

/// A workbook with classes and students, changed by `change`.
fn written(change: impl FnOnce(&mut Worksheet, &mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    let (mut classes, mut students) = (Worksheet::new(), Worksheet::new());
    classes.set_name("Классы").unwrap();
    students.set_name("Ученики").unwrap();
    for (at, title) in (0..).zip(["Класс", "Смена"]) {
        classes.write_string(0, at, title).unwrap();
    }
    for (at, title) in (0..).zip(["Номер ученика", "ФИО", "Класс", "Дата рождения"]) {
        students.write_string(0, at, title).unwrap();
    }
    classes.write_string(1, 0, "7 Ә").unwrap();
    for (at, cell) in (0..).zip(["1", "Омарова Әлия", "7 Ә"]) {
        students.write_string(1, at, cell).unwrap();
    }
    change(&mut classes, &mut students);
    book.push_worksheet(classes);
    book.push_worksheet(students);
    book.save_to_buffer().unwrap()
}

/// The bytes of a workbook with one part changed.
fn tampered(bytes: &[u8], part: &str, change: impl Fn(String) -> String) -> Vec<u8> {
    let mut old = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut new = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..old.len() {
        let mut entry = old.by_index(index).unwrap();
        let (name, mut text) = (entry.name().unwrap().into_owned(), String::new());
        entry.read_to_string(&mut text).unwrap();
        if name == part {
            text = change(text);
        }
        new.start_file(name, SimpleFileOptions::default()).unwrap();
        new.write_all(text.as_bytes()).unwrap();
    }
    new.finish().unwrap().into_inner()
}

const SHEET: &str = "xl/worksheets/sheet2.xml";

#[test]
fn the_examples_of_every_template_are_known_as_examples() {
    for language in LANGUAGES {
        let bytes = workbook::template(language).unwrap();
        assert_eq!(bytes, workbook::template(language).unwrap(), "the same bytes every time");
        assert!(refusal(&bytes).contains("holds no classes but examples"));
        // With a class and a student of its own the rest of the template is read, too.
        let row = |cells: &str| format!("<row r=\"9\">{cells}</row></sheetData>");
        let cell = |at: char, text: &str| format!("<c r=\"{at}9\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
        let class = row(&cell('B', "7 Б"));
        let student = row(&(cell('B', "5") + &cell('C', "Ким Анна") + &cell('D', "7 Б")));
        let bytes = tampered(&bytes, "xl/worksheets/sheet1.xml", |xml| xml.replace("</sheetData>", &class));
        let book = read_bytes(&tampered(&bytes, SHEET, |xml| xml.replace("</sheetData>", &student))).unwrap();
        assert_eq!((spots(&book), book.notes()), (vec![], &[][..]));
        for sheet in Sheet::ALL {
            let (read, skipped, rejected) = book.count(sheet).unwrap();
            let own = u64::from(matches!(sheet, Sheet::Classes | Sheet::Students));
            assert_eq!((read - skipped, rejected), (own, 0), "{sheet:?}");
        }
    }
}

#[test]
fn what_a_formula_came_to_is_read_and_one_without_a_value_is_rejected() {
    let bytes = written(|_, students| {
        students.write_formula(1, 3, Formula::new("=DATE(2013,9,5)").set_result("05.09.2013")).unwrap();
        for (at, cell) in (0..).zip(["2", "Ким Анна", "7 Ә"]) {
            students.write_string(2, at, cell).unwrap();
        }
        students.write_formula(2, 3, "=DATE(2013,9,5)").unwrap();
    });
    assert_eq!(spots(&read_bytes(&bytes).unwrap()), [("Ученики", 3, "Дата рождения", "0")]);
    let bare = tampered(&bytes, SHEET, |xml| xml.replace("</f><v>0</v>", "</f><v></v>"));
    let book = read_bytes(&bare).unwrap();
    assert_eq!(spots(&book), [("Ученики", 3, "Дата рождения", "")]);
    assert!(book.rejections()[0].reason.contains("never evaluated"));
}

#[test]
fn real_dates_times_and_other_columns_are_read_or_named() {
    let bytes = written(|_, students| {
        let date = Format::new().set_num_format("dd.mm.yyyy");
        let born = ExcelDateTime::from_ymd(2013, 9, 5).unwrap();
        students.write_datetime_with_format(1, 3, &born, &date).unwrap();
        students.write_string(0, 4, "Столовая").unwrap();
        students.write_string(1, 4, "суп").unwrap();
    });
    let book = read_bytes(&bytes).unwrap();
    assert_eq!(spots(&book), []);
    assert_eq!(book.notes(), ["«Ученики»: these columns were not read: «Столовая»."]);
}

#[test]
fn a_row_is_rejected_alone_with_what_to_write_instead() {
    let book = Tables::small()
        .with("students.csv", "2,Ким,7 Ә,\n,Ким Анна,7 Ә,\n3,Ким Анна,7 Б,\n1,Ким Анна,7 Ә,\n4,Ким Анна,7 Ә,вчера\n\n5,\"Ким\nАнна\",7 Ә,\n6,=1+1,7 Ә,\n")
        .with("courses.csv", "Subject;Class\nАлгебра;7 Ə\nАлгебра;7Ә\n")
        .with("attendance.csv", "Student no.\tDate\tStatus\n1\t05.09.2026\tзаболел\n9\t05.09.2026\tболел\n")
        .read()
        .unwrap();
    let expected = [
        ("students.csv", 3, "Full name", "Ким"),
        ("students.csv", 4, "Student no.", ""),
        ("students.csv", 5, "Class", "7 Б"),
        ("students.csv", 6, "Student no.", "1"),
        ("students.csv", 7, "Birth date", "вчера"),
        ("students.csv", 10, "Full name", "=1+1"),
        ("courses.csv", 3, "Subject", "Алгебра"),
        ("attendance.csv", 2, "Status", "заболел"),
        ("attendance.csv", 3, "Student no.", "9"),
    ];
    assert_eq!(spots(&book), expected);
    assert_eq!(book.count(Sheet::Students), Some((8, 0, 6)));
    assert!(book.rejections().iter().all(|told| !told.reason.is_empty() && !told.mend.is_empty()));
}

#[test]
fn a_workbook_without_its_essential_sheets_is_refused() {
    let without = |name: &str| {
        let mut tables = Tables::small();
        tables.0.retain(|(known, _)| *known != name);
        tables.with("grades.csv", "").read().map(|_| ()).unwrap_err()
    };
    assert_eq!(without("students.csv"), "The sheet of students is missing: name it «Оқушылар», «Ученики», «Students».");
    assert!(without("classes.csv").contains("«Сыныптар»"));
    let twice = Tables::small().with("Ученики.csv", "Номер ученика,ФИО,Класс\n").read().map(|_| ()).unwrap_err();
    assert!(twice.contains("are the same file"), "{twice}");
    let odd = Tables::small().with("timetable.csv", "a,b\nc,d\n").read().map(|_| ()).unwrap_err();
    assert!(odd.contains("no row of headings"), "{odd}");
    let lacking = Tables::small().with("grades.csv", "Student no.,Subject,Grade\n").read().map(|_| ()).unwrap_err();
    assert!(lacking.contains("lacks the column «Date»"), "{lacking}");
}

#[test]
fn what_is_no_workbook_is_told_what_it_is() {
    let old = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    let package: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let zipped = |names: &[&str]| {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for name in names {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(b"x").unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    let whole = written(|_, _| ());
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (Vec::new(), "is empty"),
        (b"%PDF-1.7\n".to_vec(), "is a PDF file"),
        ([&old[..], &[0; 600]].concat(), "old .xls format"),
        ([&old[..], &[0; 600], &package].concat(), "protected by a password"),
        (b"<html><table></table></html>".to_vec(), "web page"),
        (b"hello".to_vec(), "is no workbook"),
        (zipped(&["xl/workbook.bin", "[Content_Types].xml"]), ".xlsb"),
        (zipped(&["mimetype", "content.xml"]), "OpenDocument"),
        (zipped(&["word/document.xml", "[Content_Types].xml"]), "Word"),
        (zipped(&["photo.jpg"]), "no CSV files"),
        (zipped(&["[Content_Types].xml"]), "damaged"),
        (whole[..whole.len() / 2].to_vec(), "damaged"),
    ];
    for (bytes, part) in cases {
        let told = refusal(&bytes);
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn broken_and_hostile_xml_is_refused_with_a_sentence() {
    let whole = written(|_, _| ());
    let sheet = |change: &dyn Fn(String) -> String| refusal(&tampered(&whole, SHEET, change));
    let add = |more: String| sheet(&|xml| xml.replace("</sheetData>", &format!("{more}</sheetData>")));
    assert!(sheet(&|xml| xml[..xml.len() / 2].to_owned()).contains("damaged"));
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;\">]><worksheet>";
    assert!(sheet(&|xml| xml.replace("<worksheet", &format!("{bomb}<worksheet"))).contains("document type"));
    let long = "x".repeat(5 << 20);
    assert!(
        add(format!("<row r=\"9\"><c r=\"A9\" t=\"inlineStr\"><is><t>{long}</t></is></c></row>")).contains("4 MiB")
    );
    assert!(add(format!("<row r=\"9\"><c r=\"A9\" s=\"{long}\"/></row>")).contains("tag longer"));
    assert!(add("<a>".repeat(1000)).contains("deeper"));
    assert!(add("<row r=\"9\"><c r=\"XFD9\"><v>1</v></c></row>".to_owned()).contains("beyond column 200"));
    let merges = "<mergeCell ref=\"A1:A9\"/>".repeat(60_000);
    assert!(
        sheet(&|xml| xml.replace("</worksheet>", &format!("<mergeCells>{merges}</mergeCells></worksheet>")))
            .contains("merged")
    );
    let strings = "<si><t>a</t></si>".repeat(1_000_001);
    let many = tampered(&whole, "xl/sharedStrings.xml", |xml| xml.replace("</sst>", &format!("{strings}</sst>")));
    assert!(refusal(&many).contains("different texts"));
    assert!(refusal(&tampered(&whole, "xl/workbook.xml", |xml| xml.replace("rId2", "rId77"))).contains("damaged"));
    assert!(refusal(&tampered(&whole, "xl/workbook.xml", |_| "no xml at all".to_owned())).ends_with('.'));
}

#[test]
fn numbers_that_lie_about_sizes_do_no_harm() {
    let whole = written(|_, _| ());
    let lies = [
        ("xl/sharedStrings.xml", "uniqueCount=\"", "uniqueCount=\"9999999999999"),
        (SHEET, "<dimension ref=\"A1:D2\"/>", "<dimension ref=\"ZZZZZZZZ99999999999:A1\"/>"),
        (SHEET, "r=\"A2\"", "r=\"ZZZZZZZZZZZ99999999999\""),
        (SHEET, "<row r=\"2\"", "<row r=\"99999999999999\""),
        (SHEET, "<v>6</v>", "<v>99999999999999999999</v>"),
        (SHEET, "<v>6</v>", "<v>-1</v>"),
    ];
    for (part, from, to) in lies {
        let bytes = tampered(&whole, part, |xml| {
            assert!(xml.contains(from), "{part} has no {from}: {xml}");
            xml.replace(from, to)
        });
        if let Err(sentence) = read_bytes(&bytes) {
            assert!(sentence.ends_with('.'), "{sentence}");
        }
    }
}
