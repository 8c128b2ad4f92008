//! A workbook: any bytes, a folder of CSV files, or the parts of a spreadsheet.

#![no_main]

use chrono::NaiveDate;
use interchange::workbook::{Sheet, read};
use interchange_fuzz::{folder, pieces, well_told, zipped};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((kind, input)) = input.split_first() else { return };
    let today = NaiveDate::from_ymd_opt(2026, 11, 18).expect("a day");
    let home = folder(&if *kind == b'c' { pieces(input) } else { Vec::new() });
    let file = home.path().join("school.xlsx");
    let path = match kind {
        b'c' => home.path(),
        b'x' => {
            zipped(&pieces(input), &file);
            &file
        }
        _ => {
            std::fs::write(&file, input).expect("a file");
            &file
        }
    };
    let Some(book) = well_told(read(path, today)) else { return };
    for (read, skipped, rejected) in Sheet::ALL.into_iter().filter_map(|sheet| book.count(sheet)) {
        assert!(skipped + rejected <= read);
    }
});
