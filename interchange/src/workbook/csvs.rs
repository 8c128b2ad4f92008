//! Sheets as CSV files: their encoding and their separator are told by looking, their rows are read one at a time.

use std::io::{self, Read};

use csv::{ReaderBuilder, StringRecord};
use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1251};

use super::Sheet;
use super::cells::Heading;
use super::source::Visit;
use super::values::Value;
use crate::report::Refusal;
use crate::untrusted::guard::Guard;
use crate::untrusted::source::{Source, unreadable};

/// How much is looked at to tell the separator.
const HEAD: u64 = 64 << 10;
/// How many rows of it.
const HEAD_ROWS: usize = 20;
/// How much is decoded in one go.
const CHUNK: usize = 16 << 10;
/// What spreadsheets put between cells; the first one wins where all are equal.
const SEPARATORS: [u8; 3] = *b",;\t";

/// How a file is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    encoding: &'static Encoding,
    separator: u8,
}

impl Shape {
    /// Whether the file is in the old Windows code page, which has no Kazakh letters.
    pub(crate) fn is_old(self) -> bool {
        self.encoding == WINDOWS_1251
    }
}

/// Looks at a file to tell how it is written.
pub(crate) fn shape(source: &Source, name: &str, sheet: Sheet) -> Result<Shape, Refusal> {
    let encoding = source.with(name, |bytes| encoding(bytes).map_err(|error| unreadable(name, &error)))?;
    let head = source.with(name, |bytes| {
        let mut head = String::new();
        let mut text = Decoded::new(bytes, encoding).take(HEAD);
        let mut raw = Vec::new();
        text.read_to_end(&mut raw).map_err(|error| unreadable(name, &error))?;
        head.push_str(&String::from_utf8_lossy(&raw));
        Ok::<_, Refusal>(head)
    })?;
    let best = SEPARATORS.iter().rev().copied().max_by_key(|separator| known(&head, *separator, sheet));
    Ok(Shape { encoding, separator: best.unwrap_or(b',') })
}

/// The most headings any of the first rows holds if cells are parted so.
fn known(head: &str, separator: u8, sheet: Sheet) -> usize {
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(head.as_bytes());
    let rows = reader.records().take(HEAD_ROWS).map_while(Result::ok);
    rows.map(|row| Heading::known(sheet, &values(&row))).max().unwrap_or(0)
}

fn values(record: &StringRecord) -> Vec<Value> {
    record.iter().map(|cell| if cell.is_empty() { Value::Empty } else { Value::Text(cell.to_owned()) }).collect()
}

/// UTF-8 if every byte is; UTF-16 if it says so; else the code page of Cyrillic Windows.
fn encoding(bytes: &mut dyn Read) -> io::Result<&'static Encoding> {
    let mut buffer = vec![0; CHUNK];
    let (mut kept, mut first) = (Vec::new(), true);
    loop {
        let count = bytes.read(&mut buffer)?;
        kept.extend_from_slice(buffer.get(..count).unwrap_or_default());
        if std::mem::take(&mut first) {
            match kept.as_slice() {
                [0xff, 0xfe, ..] => return Ok(UTF_16LE),
                [0xfe, 0xff, ..] => return Ok(UTF_16BE),
                _ => {}
            }
        }
        let whole = match std::str::from_utf8(&kept) {
            Ok(_) => kept.len(),
            // A letter may be cut in two at the end of what was read.
            Err(error) if error.error_len().is_none() && count > 0 => error.valid_up_to(),
            Err(_) => return Ok(WINDOWS_1251),
        };
        if count == 0 {
            return Ok(UTF_8);
        }
        kept.drain(..whole);
    }
}

/// A reader that gives UTF-8 whatever the file is written in.
struct Decoded<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    ready: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> Decoded<R> {
    fn new(inner: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        Self { inner, decoder, raw: vec![0; CHUNK], ready: Vec::new(), given: 0, ended: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        let count = self.inner.read(&mut self.raw)?;
        self.ended = count == 0;
        let bytes = self.raw.get(..count).unwrap_or_default();
        let room = self.decoder.max_utf8_buffer_length(count).unwrap_or(CHUNK * 4);
        (self.given, self.ready) = (0, vec![0; room]);
        let (_, _, written, _) = self.decoder.decode_to_utf8(bytes, &mut self.ready, self.ended);
        self.ready.truncate(written);
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() {
            if self.ended {
                return Ok(0);
            }
            self.refill()?;
        }
        let left = self.ready.get(self.given..).unwrap_or_default();
        let count = left.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..count), left.get(..count)) {
            to.copy_from_slice(from);
        }
        self.given += count;
        Ok(count)
    }
}

/// Reads a file row by row; rows are counted as a spreadsheet shows them, where a cell of several lines is still one row.
pub(crate) fn each(source: &Source, name: &str, shape: Shape, visit: Visit<'_>) -> Result<(), Refusal> {
    source.with(name, |bytes| {
        let text = Decoded::new(bytes, shape.encoding);
        let guard = Guard::separated(text, name, shape.separator).map_err(|error| unreadable(name, &error))?;
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(shape.separator)
            .buffer_capacity(64 << 10)
            .from_reader(guard);
        let (mut record, mut inner_lines) = (StringRecord::new(), 0_u64);
        while reader.read_record(&mut record).map_err(|error| broken(name, error))? {
            let inside = record.as_slice().bytes().filter(|byte| *byte == b'\n').count();
            let inside = u64::try_from(inside).unwrap_or(u64::MAX);
            inner_lines = inner_lines.saturating_add(inside);
            // The guard ends every line with LF, so the reader stands just behind the record's last one.
            let row = reader.position().line().saturating_sub(inner_lines.saturating_add(1)).max(1);
            visit(u32::try_from(row).unwrap_or(u32::MAX), &values(&record))?;
        }
        Ok(())
    })
}

fn broken(name: &str, error: csv::Error) -> Refusal {
    let text = error.to_string();
    match error.into_kind() {
        csv::ErrorKind::Io(error) => unreadable(name, &error),
        _ => Refusal::new(format!("{name} cannot be read as CSV: {text}.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &[u8]) -> (Vec<(u32, Vec<String>)>, Shape) {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("классы.csv"), bytes).unwrap();
        let source = Source::open(home.path()).unwrap();
        let shape = shape(&source, "классы.csv", Sheet::Classes).unwrap();
        let mut rows = Vec::new();
        let mut visit = |line: u32, row: &[Value]| {
            rows.push((line, row.iter().map(|cell| cell.text().unwrap_or_default()).collect()));
            Ok(())
        };
        each(&source, "классы.csv", shape, &mut visit).unwrap();
        (rows, shape)
    }

    #[test]
    fn encodings_and_separators_are_told_by_looking() {
        let text = "Класс;Смена\r\n7 А;1\r\n";
        let utf_16: Vec<u8> = "\u{feff}Класс\tСмена\r\n7 А\t1\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let cases = [
            text.as_bytes().to_vec(),
            format!("\u{feff}{text}").into_bytes(),
            WINDOWS_1251.encode(text).0.into_owned(),
            text.replace(';', ",").into_bytes(),
            WINDOWS_1251.encode(&text.replace(';', "\t")).0.into_owned(),
            utf_16,
        ];
        for bytes in cases {
            let (rows, _) = rows(&bytes);
            assert_eq!(rows[0].1, ["Класс", "Смена"], "{bytes:?}");
            assert_eq!(rows[1], (2, vec!["7 А".to_owned(), "1".to_owned()]));
        }
        assert!(rows(&WINDOWS_1251.encode(text).0).1.is_old());
        assert!(!rows(text.as_bytes()).1.is_old());
    }

    #[test]
    fn rows_are_counted_as_a_spreadsheet_shows_them() {
        let (rows, _) = rows("Класс,Смена\n\n\"7\nА\",1\n8 А,1\n".as_bytes());
        assert_eq!(rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 3, 4]);
        assert_eq!(rows[1].1[0], "7 А");
    }

    #[test]
    fn a_letter_cut_in_two_by_a_chunk_is_still_a_letter() {
        for shift in 0..4 {
            let mut text = "x".repeat(CHUNK - 14 + shift);
            text.insert_str(0, "Класс;Смена\n");
            text.push_str("әәә\n");
            let (rows, _) = rows(text.as_bytes());
            assert!(rows[1].1[0].ends_with("әәә"));
        }
    }
}
