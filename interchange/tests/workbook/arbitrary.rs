//! Whatever stands in the cells: read or refused, never a panic.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

/// Counts must add up, and every rejection says what and where.
fn holds_together(read: Result<Book, String>) {
    let book = match read {
        Ok(book) => book,
        Err(sentence) => return assert!(!sentence.is_empty() && !sentence.contains('\n'), "{sentence}"),
    };
    for sheet in Sheet::ALL {
        let Some((read, skipped, rejected)) = book.count(sheet) else { continue };
        assert!(skipped + rejected <= read, "{sheet:?}");
    }
    assert!(book.rejections().iter().all(|told| told.line >= 1 && told.value.chars().count() <= 40));
}

/// Cells as careless hands and programs write them.
fn cell() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "7 Ә",
        "7A",
        "1",
        "Алгебра",
        "понедельник",
        "05.09.2026",
        "2026-09-05",
        "08:30",
        "8,5",
        "СОР",
        "н/а",
        "мать",
        "=1+1",
        "үлгі",
        "1 четверть",
        "болел",
        "5",
        "Омарова Әлия",
        "-0",
        "1e308",
        "99999999999999999999",
        "\u{202e}",
        "2026/27",
    ]);
    prop_oneof![3 => known.prop_map(str::to_owned), 1 => "\\PC{0,12}"]
}

fn headings(sheet: usize) -> (&'static str, &'static str) {
    [
        ("staff.csv", "Example;Staff no.;Full name"),
        ("classes.csv", "Example;Class;School year;Language;Shift;Class teacher"),
        (
            "students.csv",
            "Example;Student no.;Full name;Class;Birth date;Sex;Since;Until;Guardian 1: number;Guardian 1: relation;\
            Guardian 1: full name;Guardian 1: phone;Guardian 1: e-mail",
        ),
        ("courses.csv", "Subject;Class;Subgroup;Teacher;Members"),
        ("timetable.csv", "Weekday;Lesson no.;Class;Subject;Subgroup;Teacher;Room;Begins;Ends;Valid from;Valid until"),
        ("assessments.csv", "Class;Subject;Title;Kind;Date;Maximum points;Weight"),
        ("grades.csv", "Student no.;Subject;Date;Lesson no.;Assessment;Kind;Grade;Points;Status;Comment"),
        ("attendance.csv", "Student no.;Date;Lesson no.;Subject;Status;Minutes late;Comment"),
        ("period grades.csv", "Student no.;Subject;Period;Grade;Percent;Status"),
    ][sheet]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_cells_under_good_headings_are_read_or_refused(
        rows in prop::collection::vec((0..9_usize, prop::collection::vec(cell(), 0..14)), 0..40),
    ) {
        let mut tables = Tables::small().with("courses.csv", "Subject;Class\nАлгебра;7 Ә\n");
        tables.0.remove(0);
        tables.0.remove(0);
        for sheet in 0..9 {
            let (name, titles) = headings(sheet);
            if name != "courses.csv" {
                tables.0.push((name, format!("{titles}\n")));
            }
        }
        for (sheet, cells) in rows {
            let line: Vec<String> = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
            tables = tables.with(headings(sheet).0, &(line.join(";") + "\n"));
        }
        tables = tables.with("classes.csv", ";7 Ә;;;;\n").with("students.csv", ";1;Омарова Әлия;7 Ә\n");
        holds_together(tables.read());
    }

    #[test]
    fn arbitrary_cells_of_a_spreadsheet_are_read_or_refused(
        cells in prop::collection::vec((0..12_u32, 0..8_u16, cell(), prop::num::f64::ANY, 0..4_u8), 0..40),
    ) {
        let bytes = written(|classes, students| {
            for (row, column, text, number, kind) in &cells {
                let sheet: &mut Worksheet = if kind % 2 == 0 { &mut *classes } else { &mut *students };
                let _ = match kind {
                    0 | 1 => sheet.write_string(row + 1, *column, text),
                    2 => sheet.write_number(row + 1, *column, *number),
                    _ => sheet.write_formula(row + 1, *column, "=1+1"),
                };
            }
        });
        holds_together(read_bytes(&bytes));
    }

    #[test]
    fn a_mutated_workbook_is_read_or_refused(
        part in any::<Index>(),
        changes in prop::collection::vec((any::<Index>(), prop::sample::select(vec![
            "<", ">", "/>", "</c>", "<row>", "\"", "<si>", "&", "&#0;", "&#x110000;", "<!--", "]]>", "<![CDATA[", "r=\"A1048577\"", "t=\"s\"", "\u{0}", "9999999999",
        ])), 1..5),
    ) {
        let parts = ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml", "xl/styles.xml",
            "xl/worksheets/sheet1.xml", SHEET, "_rels/.rels"];
        let bytes = tampered(&written(|_, _| ()), parts[part.index(parts.len())], |mut xml| {
            for (at, piece) in &changes {
                let mut at = at.index(xml.len());
                while !xml.is_char_boundary(at) {
                    at -= 1;
                }
                xml.insert_str(at, piece);
            }
            xml
        });
        holds_together(read_bytes(&bytes));
    }

    #[test]
    fn arbitrary_bytes_are_no_workbook(bytes in prop::collection::vec(any::<u8>(), 0..2000), zip in any::<bool>()) {
        let bytes = if zip { [b"PK\x03\x04".as_slice(), &bytes].concat() } else { bytes };
        prop_assert!(read_bytes(&bytes).is_err());
    }
}
