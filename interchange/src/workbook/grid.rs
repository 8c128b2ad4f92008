//! One sheet of a workbook as rows of cells; a merged cell counts for every row it spans.

use std::collections::HashMap;

use quick_xml::events::{BytesStart, Event};

use super::parts::{Parts, attribute, is, resolve};
use super::source::Visit;
use super::values::Value;
use super::xlsx::Look;
use crate::report::{Refusal, cut};

/// The most columns of a sheet.
const COLUMNS_MAX: usize = 200;
/// The last row and column any spreadsheet has.
const LAST_ROW: u32 = 1 << 20;
const LAST_COLUMN: usize = 1 << 14;
/// The longest row, in bytes, with what merged cells above give it: many long cells are as heavy as one endless cell.
const ROW_MAX: usize = 4 << 20;
/// Days between the two days from which spreadsheets count.
const DAYS_TO_1904: f64 = 1462.0;

/// Where each merged cell that spans several rows ends, by row and column.
type Merges = HashMap<(u32, usize), u32>;

/// Reads a sheet row by row.
pub(crate) fn each(parts: &mut Parts, part: &str, name: &str, look: &Look, visit: Visit<'_>) -> Result<(), Refusal> {
    let mut rows = Rows {
        name,
        look,
        merges: merges(parts, part)?,
        carried: HashMap::new(),
        row: 0,
        values: Vec::new(),
        weight: 0,
        visit,
    };
    let damaged = parts.damaged();
    let Some(mut part) = parts.part(part)? else { return Err(damaged) };
    let (mut cell, mut within, mut spoken) = (Cell::default(), false, false);
    loop {
        match part.next()? {
            Event::Start(start) => match start.local_name().as_ref() {
                "row" => rows.begin(&start),
                "c" => cell = rows.cell(&start),
                "f" => cell.is_formula = true,
                "v" | "t" => within = !spoken,
                "rPh" => spoken = true,
                _ => {}
            },
            Event::End(end) => match end.local_name().as_ref() {
                "row" => rows.end()?,
                "c" => rows.put(std::mem::take(&mut cell))?,
                "v" | "t" => within = false,
                "rPh" => spoken = false,
                "sheetData" => return Ok(()),
                _ => {}
            },
            Event::Text(piece) if within => cell.text.push_str(&piece.xml10_content()),
            Event::CData(piece) if within => cell.text.push_str(&piece.xml10_content()),
            Event::GeneralRef(entity) if within => resolve(&entity, &mut cell.text),
            Event::Eof => return Err(damaged),
            _ => {}
        }
    }
}

fn merges(parts: &mut Parts, part: &str) -> Result<Merges, Refusal> {
    let mut merges = Merges::new();
    let damaged = parts.damaged();
    let Some(mut part) = parts.part(part)? else { return Err(damaged) };
    loop {
        match part.next()? {
            Event::Start(start) if is(&start, "mergeCell") => {
                let range = attribute(&start, "ref").unwrap_or_default();
                let Some((first, last)) = range.split_once(':') else { continue };
                if let (Some(first), Some((last, _))) = (place(first), place(last))
                    && last > first.0
                {
                    merges.insert(first, last);
                }
            }
            Event::Eof => return Ok(merges),
            _ => {}
        }
    }
}

/// Row (from 1) and column (from 0) of «AB12».
fn place(reference: &str) -> Option<(u32, usize)> {
    let digits = reference.find(|c: char| c.is_ascii_digit())?;
    let (letters, row) = reference.split_at_checked(digits)?;
    if letters.is_empty() || letters.len() > 3 || row.len() > 7 {
        return None;
    }
    let letter = |sum: usize, byte: u8| {
        let digit = byte.to_ascii_uppercase().checked_sub(b'A').filter(|digit| *digit < 26)?;
        Some(sum * 26 + usize::from(digit) + 1)
    };
    let column = letters.bytes().try_fold(0, letter)?;
    let row = row.parse().ok().filter(|row| (1..=LAST_ROW).contains(row))?;
    (column <= LAST_COLUMN).then(|| (row, column - 1))
}

#[derive(Debug, Default)]
struct Cell {
    column: usize,
    kind: String,
    style: Option<usize>,
    text: String,
    is_formula: bool,
}

struct Rows<'a, 'v> {
    name: &'a str,
    look: &'a Look,
    merges: Merges,
    /// Values of merged cells above, by column, with the last row they count for.
    carried: HashMap<usize, (u32, Value)>,
    row: u32,
    values: Vec<Value>,
    weight: usize,
    visit: Visit<'v>,
}

impl Rows<'_, '_> {
    fn begin(&mut self, start: &BytesStart<'_>) {
        let told = attribute(start, "r").and_then(|row| row.parse().ok()).filter(|row| (1..=LAST_ROW).contains(row));
        self.row = told.unwrap_or_else(|| self.row.saturating_add(1));
        self.values.clear();
        let carried = self.carried.values().map(|(_, value)| value.weight());
        self.weight = carried.sum();
    }

    fn cell(&self, start: &BytesStart<'_>) -> Cell {
        let told = attribute(start, "r").and_then(|reference| place(&reference));
        Cell {
            column: told.map_or(self.values.len(), |(_, column)| column),
            kind: attribute(start, "t").unwrap_or_default(),
            style: attribute(start, "s").and_then(|style| style.parse().ok()),
            ..Cell::default()
        }
    }

    fn put(&mut self, cell: Cell) -> Result<(), Refusal> {
        let column = cell.column;
        let value = self.value(cell);
        if column >= COLUMNS_MAX {
            if value.is_blank() {
                return Ok(());
            }
            return Err(Refusal::new(format!(
                "«{}», row {}: there is a cell beyond column {COLUMNS_MAX}; delete the columns that are not needed.",
                cut(self.name),
                self.row
            )));
        }
        self.weight += value.weight();
        if self.weight > ROW_MAX {
            let name = cut(self.name);
            return Err(Refusal::new(format!("«{name}», row {}: the row is longer than 4 MiB; shorten it.", self.row)));
        }
        if self.values.len() <= column {
            self.values.resize(column + 1, Value::Empty);
        }
        if let Some(slot) = self.values.get_mut(column) {
            *slot = value;
        }
        Ok(())
    }

    fn value(&self, cell: Cell) -> Value {
        let Cell { kind, style, text, is_formula, .. } = cell;
        match kind.as_str() {
            "s" => {
                let shared = text.trim().parse().ok().and_then(|at: usize| self.look.strings.get(at));
                shared.map_or(Value::Empty, |text| Value::Text(text.to_string()))
            }
            "str" | "inlineStr" | "d" => Value::Text(text),
            "b" => Value::Flag(matches!(text.trim(), "1" | "true")),
            "e" => Value::Error(text),
            _ if text.trim().is_empty() => {
                if is_formula {
                    Value::Formula
                } else {
                    Value::Empty
                }
            }
            _ => match text.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => self.number(number, style),
                _ => Value::Text(text),
            },
        }
    }

    fn number(&self, number: f64, style: Option<usize>) -> Value {
        let is_date = style.and_then(|style| self.look.dates.get(style)).copied().unwrap_or(false);
        // A time without a day is the same in both ways of counting.
        match number {
            _ if !is_date => Value::Number(number),
            day if self.look.is_1904 && day >= 1.0 => Value::Moment(day + DAYS_TO_1904),
            _ => Value::Moment(number),
        }
    }

    /// Gives the row out. A row whose own cells are all blank stays blank under a merged cell.
    fn end(&mut self) -> Result<(), Refusal> {
        let row = self.row;
        self.carried.retain(|_, (last, _)| *last >= row);
        if self.values.iter().all(Value::is_blank) {
            return Ok(());
        }
        for (column, (_, value)) in &self.carried {
            if let Some(slot) = self.values.get_mut(*column)
                && slot.is_blank()
            {
                slot.clone_from(value);
            } else if self.values.len() <= *column {
                self.values.resize(column + 1, Value::Empty);
                if let Some(slot) = self.values.last_mut() {
                    slot.clone_from(value);
                }
            }
        }
        for (column, value) in self.values.iter().enumerate() {
            if let Some(last) = self.merges.get(&(row, column)) {
                self.carried.insert(column, (*last, value.clone()));
            }
        }
        (self.visit)(row, &self.values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_places_within_a_sheet() {
        assert_eq!(place("A1"), Some((1, 0)));
        assert_eq!(place("ab12"), Some((12, 27)));
        assert_eq!(place("XFD1048576"), Some((1_048_576, 16_383)));
        for text in ["", "A", "1", "A0", "XFE1", "A1048577", "AAAA1", "A99999999", "Ә1", "A1B", "$A$1", "A-1", "A+1"] {
            assert_eq!(place(text), None, "{text}");
        }
    }
}
