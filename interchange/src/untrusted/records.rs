//! CSV as records with the lines they begin on.

use std::io::Read;

use csv::{ErrorKind, ReaderBuilder, StringRecord};

use super::guard::Guard;
use super::source::unreadable;
use crate::report::Refusal;

/// A way to the next record; it tells the line the record begins on.
pub(crate) type Next<'a> = &'a mut dyn FnMut(&mut StringRecord) -> Result<Option<u64>, Refusal>;

/// Lends the header and a way to the next record of the CSV in `bytes`, guarded.
pub(crate) fn records<T, E: From<Refusal>>(
    bytes: &mut dyn Read,
    name: &str,
    read: impl FnOnce(&StringRecord, Next<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let guard = Guard::new(bytes, name).map_err(|error| unreadable(name, &error))?;
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).buffer_capacity(64 << 10).from_reader(guard);
    let mut next = |record: &mut StringRecord| {
        if !reader.read_record(record).map_err(|error| broken(name, error))? {
            return Ok(None);
        }
        // The guard ends every line with LF, so the reader stands just behind the record's last one.
        let inside = record.as_slice().bytes().filter(|byte| *byte == b'\n').count();
        let inside = u64::try_from(inside).unwrap_or(u64::MAX);
        Ok(Some(reader.position().line().saturating_sub(inside.saturating_add(1)).max(1)))
    };
    let mut titles = StringRecord::new();
    next(&mut titles)?;
    read(&titles, &mut next)
}

fn broken(name: &str, error: csv::Error) -> Refusal {
    let text = error.to_string();
    match error.into_kind() {
        ErrorKind::Io(error) => unreadable(name, &error),
        ErrorKind::Utf8 { pos, .. } => {
            let line = pos.map_or(1, |pos| pos.line());
            Refusal::new(format!("{name}, line {line}: the text is not UTF-8; export or save the file as UTF-8."))
        }
        _ => Refusal::new(format!("{name} cannot be read as CSV: {text}.")),
    }
}
