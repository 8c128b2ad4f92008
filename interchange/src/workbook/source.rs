//! Where the sheets lie: in one workbook, or as CSV files in a folder or a zip.

use std::collections::HashMap;
use std::path::Path;

use super::csvs::Shape;
use super::package::{self, Kind};
use super::values::Value;
use super::xlsx::Workbook;
use super::{Sheet, csvs};
use crate::report::{Refusal, cut};
use crate::untrusted::source::Source as Files;

/// Something sheets can be read from.
pub(crate) enum Source {
    Workbook(Box<Workbook>),
    /// With how each file is written.
    Tables(Files, HashMap<String, Shape>),
}

/// What each row is given to: its number as a spreadsheet shows it, and its cells.
pub(crate) type Visit<'a> = &'a mut dyn FnMut(u32, &[Value]) -> Result<(), Refusal>;

impl Source {
    pub(crate) fn open(path: &Path) -> Result<Self, Refusal> {
        Ok(match package::kind(path)? {
            Kind::Workbook => Self::Workbook(Box::new(Workbook::open(path)?)),
            Kind::Tables => Self::Tables(Files::open(path)?, HashMap::new()),
        })
    }

    /// The sheets that are known, by what the file calls them; the others are noted.
    pub(crate) fn sheets(&mut self, notes: &mut Vec<String>) -> Result<Vec<(Sheet, String)>, Refusal> {
        let (names, what): (Vec<String>, _) = match self {
            Self::Workbook(book) => (book.names(), "sheet"),
            Self::Tables(files, _) => (files.names().map(str::to_owned).collect(), "file"),
        };
        let mut found: Vec<(Sheet, String)> = Vec::new();
        for name in names {
            let sheet = match self {
                Self::Workbook(_) => Sheet::named(&name),
                Self::Tables(..) => Sheet::of_file(name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem)),
            };
            match sheet {
                Some(sheet) => match found.iter().find(|(known, _)| *known == sheet) {
                    Some((_, other)) => {
                        let (one, other) = (cut(other), cut(&name));
                        return Err(Refusal::new(format!("«{one}» and «{other}» are the same {what}; keep one.")));
                    }
                    None => found.push((sheet, name)),
                },
                None if Sheet::is_lists(&name) => {}
                None => notes.push(format!("The {what} «{}» was not read: its name is not known.", cut(&name))),
            }
        }
        if let Self::Tables(files, shapes) = self {
            for (sheet, name) in &found {
                let shape = csvs::shape(files, name, *sheet)?;
                if shape.is_old() {
                    notes.push(format!(
                        "«{}» is in Windows-1251, which has no Kazakh letters; if «?» stands in names, save it as «CSV UTF-8».",
                        cut(name)
                    ));
                }
                shapes.insert(name.clone(), shape);
            }
        }
        Ok(found)
    }

    /// Reads a sheet row by row.
    pub(crate) fn each(&mut self, name: &str, visit: Visit<'_>) -> Result<(), Refusal> {
        match self {
            Self::Workbook(book) => book.each(name, visit),
            Self::Tables(files, shapes) => match shapes.get(name) {
                Some(shape) => csvs::each(files, name, *shape, visit),
                None => Ok(()),
            },
        }
    }
}
