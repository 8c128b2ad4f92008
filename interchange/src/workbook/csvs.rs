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
    let encoding = source.with(name, |bytes| encoding(bytes, name).map_err(|error| unreadable(name, &error)))?;
    let head = source.with(name, |bytes| {
        let mut head = String::new();
        let mut text = Decoded::new(bytes, name, encoding).take(HEAD);
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

/// UTF-8 if every byte is; UTF-16 if it says so; else the code page of Cyrillic Windows. A file of which some is UTF-8 and
/// some is not is refused: read as either, it would fill a diary with wrong letters.
fn encoding(bytes: &mut dyn Read, name: &str) -> io::Result<&'static Encoding> {
    let mut buffer = vec![0; CHUNK];
    let (mut kept, mut first) = (Vec::new(), true);
    let (mut is_utf_8, mut letters) = (true, Letters::default());
    loop {
        let count = bytes.read(&mut buffer)?;
        let read = buffer.get(..count).unwrap_or_default();
        letters.look(read);
        kept.extend_from_slice(read);
        if std::mem::take(&mut first) {
            match kept.as_slice() {
                [0xff, 0xfe, ..] => return Ok(UTF_16LE),
                [0xfe, 0xff, ..] => return Ok(UTF_16BE),
                [0xef, 0xbb, 0xbf, ..] => letters.seen = true,
                _ => {}
            }
        }
        let whole = match std::str::from_utf8(&kept) {
            _ if !is_utf_8 => kept.len(),
            Ok(_) => kept.len(),
            // A letter may be cut in two at the end of what was read.
            Err(error) if error.error_len().is_none() && count > 0 => error.valid_up_to(),
            Err(_) => {
                is_utf_8 = false;
                kept.len()
            }
        };
        if count == 0 {
            break;
        }
        kept.drain(..whole);
    }
    match (is_utf_8, letters.seen) {
        (true, _) => Ok(UTF_8),
        (false, false) => Ok(WINDOWS_1251),
        (false, true) => Err(io::Error::other(Refusal::new(format!(
            "{name} is partly UTF-8 and partly not; save it whole as «CSV UTF-8»."
        )))),
    }
}

/// Looks for words that are Cyrillic in UTF-8: three letters of two bytes each, which no text in Windows-1251 has by chance,
/// for it would read «РљР»Р°».
#[derive(Default)]
struct Letters {
    run: usize,
    seen: bool,
}

impl Letters {
    fn look(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let fits = if self.run.is_multiple_of(2) { 0xd0..=0xd4 } else { 0x80..=0xbf };
            self.run = match byte {
                byte if fits.contains(byte) => self.run + 1,
                0xd0..=0xd4 => 1,
                _ => 0,
            };
            self.seen |= self.run == 6;
        }
    }
}

/// A reader that gives UTF-8 whatever the file is written in.
struct Decoded<'n, R> {
    inner: R,
    name: &'n str,
    decoder: Decoder,
    raw: Vec<u8>,
    ready: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<'n, R: Read> Decoded<'n, R> {
    fn new(inner: R, name: &'n str, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        Self { inner, name, decoder, raw: vec![0; CHUNK], ready: Vec::new(), given: 0, ended: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        let count = self.inner.read(&mut self.raw)?;
        self.ended = count == 0;
        let bytes = self.raw.get(..count).unwrap_or_default();
        let room = self.decoder.max_utf8_buffer_length(count).unwrap_or(CHUNK * 4);
        (self.given, self.ready) = (0, vec![0; room]);
        let (_, _, written, is_broken) = self.decoder.decode_to_utf8(bytes, &mut self.ready, self.ended);
        self.ready.truncate(written);
        if is_broken {
            let sentence = format!("{} holds what is no text; save it again as «CSV UTF-8».", self.name);
            return Err(io::Error::other(Refusal::new(sentence)));
        }
        Ok(())
    }
}

impl<R: Read> Read for Decoded<'_, R> {
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
        let text = Decoded::new(bytes, name, shape.encoding);
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

    fn told(bytes: &[u8]) -> String {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("classes.csv"), bytes).unwrap();
        let source = Source::open(home.path()).unwrap();
        let shape = shape(&source, "classes.csv", Sheet::Classes);
        shape.and_then(|shape| each(&source, "classes.csv", shape, &mut |_, _| Ok(()))).unwrap_err().sentence
    }

    #[test]
    fn a_file_in_two_encodings_is_refused_rather_than_read_wrong() {
        let old = WINDOWS_1251.encode("8 Б;2\n").0.into_owned();
        let cases = [
            [b"Class;Shift\n".as_slice(), "Орыс;1\n".as_bytes(), &old].concat(),
            [b"Class;Shift\n".as_slice(), &old, "Қазақ;1\n".as_bytes()].concat(),
            [b"\xef\xbb\xbfClass;Shift\n".as_slice(), &old].concat(),
            // Cut off in the middle of a letter.
            "Class;Shift\nОрыс".as_bytes()[..19].to_vec(),
        ];
        for bytes in cases {
            assert!(told(&bytes).contains("partly UTF-8 and partly not"), "{bytes:?}");
        }
        for text in ["«СССР»; «Р» ВС° Сё №1\n", "ЁЖ РЁ СЁ «НАТО»\n"] {
            let (rows, shape) = rows(&WINDOWS_1251.encode(&format!("Класс;Смена\n{text}")).0);
            assert!(shape.is_old() && rows[1].1[0].contains('«'), "{rows:?}");
        }
    }

    #[test]
    fn utf_16_with_half_a_letter_is_refused() {
        let halves: Vec<u8> = [0xfeff, 0x41, 0xd83d, 0x42].iter().flat_map(|unit: &u16| unit.to_le_bytes()).collect();
        assert!(told(&halves).contains("holds what is no text"));
        assert!(told(&halves[..5]).contains("holds what is no text"), "half a unit");
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
