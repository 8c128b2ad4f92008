//! A workbook: its sheets by name, the texts its cells share, and which of its formats are dates.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use quick_xml::events::Event;

use super::grid;
use super::parts::{Parts, attribute, is, resolve};
use super::source::Visit;
use crate::report::Refusal;

/// The most sheets; what lies behind them is not a school's.
const SHEETS_MAX: usize = 256;

pub(crate) struct Workbook {
    parts: Parts,
    /// Name and part.
    sheets: Vec<(String, String)>,
    pub(super) look: Look,
}

/// What the cells of all sheets share.
#[derive(Debug, Default)]
pub(crate) struct Look {
    pub(crate) strings: Vec<Box<str>>,
    /// By the style of a cell.
    pub(crate) dates: Vec<bool>,
    /// Whether days are counted from 1904, as old Macs did.
    pub(crate) is_1904: bool,
}

impl Workbook {
    pub(crate) fn open(path: &Path) -> Result<Self, Refusal> {
        let mut parts = Parts::open(path)?;
        let home = home(&mut parts)?;
        let (folder, name) = home.rsplit_once('/').unwrap_or(("", &home));
        let targets = relations(&mut parts, &join(folder, &format!("_rels/{name}.rels")), folder)?;
        let (sheets, is_1904) = sheets(&mut parts, &home, &targets)?;
        let strings = strings(&mut parts, &join(folder, "sharedStrings.xml"))?;
        let dates = dates(&mut parts, &join(folder, "styles.xml"))?;
        Ok(Self { parts, sheets, look: Look { strings, dates, is_1904 } })
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.sheets.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Reads a sheet row by row.
    pub(crate) fn each(&mut self, name: &str, visit: Visit<'_>) -> Result<(), Refusal> {
        let damaged = || self.parts.damaged();
        let (_, part) = self.sheets.iter().find(|(known, _)| known == name).ok_or_else(damaged)?;
        grid::each(&mut self.parts, part, name, &self.look, visit)
    }
}

/// A name within a folder of the zip; a name that begins with a slash stands for itself.
fn join(folder: &str, name: &str) -> String {
    match name.strip_prefix('/') {
        Some(whole) => whole.to_owned(),
        None if folder.is_empty() => name.to_owned(),
        None => format!("{folder}/{name}"),
    }
}

/// Calls `visit` for every element of a part, if there is one.
fn elements(
    parts: &mut Parts,
    name: &str,
    mut visit: impl FnMut(&quick_xml::events::BytesStart<'_>),
) -> Result<bool, Refusal> {
    let Some(mut part) = parts.part(name)? else { return Ok(false) };
    loop {
        match part.next()? {
            Event::Start(start) => visit(&start),
            Event::Eof => return Ok(true),
            _ => {}
        }
    }
}

/// The part that is the workbook itself.
fn home(parts: &mut Parts) -> Result<String, Refusal> {
    let mut found = None;
    elements(parts, "_rels/.rels", |start| {
        let kind = attribute(start, "Type").unwrap_or_default();
        if is(start, "Relationship") && kind.ends_with("/officeDocument") {
            found = attribute(start, "Target").map(|target| join("", &target));
        }
    })?;
    Ok(found.unwrap_or_else(|| "xl/workbook.xml".to_owned()))
}

/// Parts by their id.
fn relations(parts: &mut Parts, name: &str, folder: &str) -> Result<HashMap<String, String>, Refusal> {
    let mut targets = HashMap::new();
    elements(parts, name, |start| {
        if let (Some(id), Some(target)) = (attribute(start, "Id"), attribute(start, "Target")) {
            targets.insert(id, join(folder, &target));
        }
    })?;
    Ok(targets)
}

fn sheets(
    parts: &mut Parts,
    home: &str,
    targets: &HashMap<String, String>,
) -> Result<(Vec<(String, String)>, bool), Refusal> {
    let (mut sheets, mut is_1904, mut dangling) = (Vec::new(), false, false);
    let there = elements(parts, home, |start| {
        if is(start, "workbookPr") {
            is_1904 = attribute(start, "date1904").is_some_and(|flag| flag == "1" || flag == "true");
        }
        if !is(start, "sheet") || sheets.len() == SHEETS_MAX {
            return;
        }
        let mut attributes = start.attributes();
        let id = attributes
            .with_checks(false)
            .flatten()
            .find(|one| one.key.local_name().as_ref() == "id")
            .map(|one| one.value.into_owned());
        match (attribute(start, "name"), id.and_then(|id| targets.get(&id))) {
            (Some(name), Some(part)) => sheets.push((name, part.clone())),
            _ => dangling = true,
        }
    })?;
    if there && !dangling { Ok((sheets, is_1904)) } else { Err(parts.damaged()) }
}

/// The texts cells share; how a text is pronounced does not belong to it.
fn strings(parts: &mut Parts, name: &str) -> Result<Vec<Box<str>>, Refusal> {
    let Some(mut part) = parts.part(name)? else { return Ok(Vec::new()) };
    let (mut strings, mut text) = (Vec::new(), String::new());
    let (mut within, mut spoken) = (false, false);
    loop {
        match part.next()? {
            Event::Start(start) => match start.local_name().as_ref() {
                "si" => text.clear(),
                "t" => within = !spoken,
                "rPh" => spoken = true,
                _ => {}
            },
            Event::End(end) => match end.local_name().as_ref() {
                "si" => strings.push(text.as_str().into()),
                "t" => within = false,
                "rPh" => spoken = false,
                _ => {}
            },
            Event::Text(piece) if within => text.push_str(&piece.xml10_content()),
            Event::CData(piece) if within => text.push_str(&piece.xml10_content()),
            Event::GeneralRef(entity) if within => resolve(&entity, &mut text),
            Event::Eof => return Ok(strings),
            _ => {}
        }
    }
}

/// Which styles show a number as a day or a time.
fn dates(parts: &mut Parts, name: &str) -> Result<Vec<bool>, Refusal> {
    let (mut own, mut dates) = (HashSet::new(), Vec::new());
    let mut within = false;
    let Some(mut part) = parts.part(name)? else { return Ok(dates) };
    loop {
        match part.next()? {
            Event::Start(start) if is(&start, "numFmt") => {
                if let (Some(id), Some(code)) = (attribute(&start, "numFmtId"), attribute(&start, "formatCode"))
                    && is_date_code(&code)
                {
                    own.insert(id);
                }
            }
            Event::Start(start) if is(&start, "cellXfs") => within = true,
            Event::End(end) if end.local_name().as_ref() == "cellXfs" => within = false,
            Event::Start(start) if within && is(&start, "xf") => {
                let id = attribute(&start, "numFmtId").unwrap_or_default();
                dates.push(own.contains(&id) || is_date_id(&id));
            }
            Event::Eof => return Ok(dates),
            _ => {}
        }
    }
}

/// The formats every spreadsheet has; those of East Asian calendars among them.
fn is_date_id(id: &str) -> bool {
    matches!(id.parse::<u32>(), Ok(14..=22 | 27..=36 | 45..=47 | 50..=58))
}

/// Whether a format shows days or times: `dd.mm.yyyy`, `[$-419]d mmm`, `h:mm`; texts in quotes and brackets do not count.
fn is_date_code(code: &str) -> bool {
    let (mut quoted, mut bracketed, mut escaped) = (false, false, false);
    let is_plain = |c: char| {
        match c {
            _ if std::mem::take(&mut escaped) => return false,
            '"' => quoted = !quoted,
            '\\' | '_' | '*' if !quoted => escaped = true,
            '[' if !quoted => bracketed = true,
            ']' => bracketed = false,
            _ => return !quoted && !bracketed && "dmyhs".contains(c.to_ascii_lowercase()),
        }
        false
    };
    !code.eq_ignore_ascii_case("standard") && code.chars().any(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_days_and_times_are_told_from_those_of_numbers() {
        for code in ["dd.mm.yyyy", "[$-419]d mmm yyyy;@", "h:mm", "yyyy\\-mm\\-dd", "DD/MM/YY"] {
            assert!(is_date_code(code), "{code}");
        }
        for code in ["General", "0.00", "#,##0", "@", "0\" дней days\"", "[Red]0", "0.00E+00", "_-* #,##0_-", "0\\d"]
        {
            assert!(!is_date_code(code), "{code}");
        }
        assert!(is_date_id("14") && is_date_id("20") && !is_date_id("2") && !is_date_id(""));
    }
}
