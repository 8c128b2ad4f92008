//! The parts of a workbook, read as XML through a scan that refuses what would not fit into memory.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use zip::ZipArchive;
use zip::read::ZipFile;

use super::package;
use super::xml::{Excess, Scan};
use crate::report::Refusal;
use crate::untrusted::source::{shown, unreadable};

/// A workbook as the zip it is.
pub(crate) struct Parts {
    path: PathBuf,
    archive: ZipArchive<BufReader<File>>,
}

/// One part, event by event.
pub(crate) struct Part<'a> {
    path: &'a Path,
    xml: Reader<BufReader<Scanned<'a>>>,
    buffer: Vec<u8>,
}

/// A reader that fails with a [`Refusal`] on what no spreadsheet holds.
struct Scanned<'a> {
    inner: ZipFile<'a, BufReader<File>>,
    scan: Scan,
    name: String,
}

impl Read for Scanned<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        let look = self.scan.look(out.get(..count).unwrap_or_default());
        look.map_err(|excess| io::Error::other(refused(&self.name, excess)))?;
        Ok(count)
    }
}

fn refused(name: &str, excess: Excess) -> Refusal {
    Refusal::new(format!("{name} {excess}; give a workbook as Excel saves it, of one school year."))
}

impl Parts {
    pub(crate) fn open(path: &Path) -> Result<Self, Refusal> {
        Ok(Self { path: path.to_owned(), archive: package::open(path)? })
    }

    /// What is said of a workbook that contradicts itself.
    pub(crate) fn damaged(&self) -> Refusal {
        package::damaged(&self.path)
    }

    /// A part by its name in the zip; nothing if there is none.
    pub(crate) fn part(&mut self, name: &str) -> Result<Option<Part<'_>>, Refusal> {
        // A zip from another system may spell a name in other case.
        let mut names = self.archive.file_names_raw();
        let Some(index) = names.position(|known| known.eq_ignore_ascii_case(name.as_bytes())) else { return Ok(None) };
        drop(names);
        let path = &self.path;
        let inner = self.archive.by_index(index).map_err(|_| package::damaged(path))?;
        // What it declares is looked at first: a bomb need not be unpacked to be known.
        Scan::fits(inner.size()).map_err(|excess| refused(&shown(path), excess))?;
        let scanned = Scanned { inner, scan: Scan::new(), name: shown(path) };
        let mut xml = Reader::from_reader(BufReader::with_capacity(64 << 10, scanned));
        let config = xml.config_mut();
        config.expand_empty_elements = true;
        config.allow_dangling_amp = true;
        Ok(Some(Part { path, xml, buffer: Vec::new() }))
    }
}

impl Part<'_> {
    /// The next event; the end of the part is [`Event::Eof`].
    pub(crate) fn next(&mut self) -> Result<Event<'_>, Refusal> {
        self.buffer.clear();
        let path = self.path;
        self.xml.read_event_into(&mut self.buffer).map_err(|error| match error {
            quick_xml::Error::Io(error)
                if error.get_ref().and_then(|inner| inner.downcast_ref::<Refusal>()).is_some() =>
            {
                unreadable(&shown(path), &error)
            }
            _ => package::damaged(path),
        })
    }
}

/// The local name of an element, as this crate compares it.
pub(crate) fn is(start: &BytesStart<'_>, name: &str) -> bool {
    start.local_name().as_ref() == name
}

/// An attribute, with its entities resolved.
pub(crate) fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = start.try_get_attribute(name).ok().flatten()?;
    let text = quick_xml::escape::unescape(&found.value).ok()?;
    Some(text.into_owned())
}

/// Adds what `&amp;` or `&#1241;` stands for.
pub(crate) fn resolve(entity: &BytesRef<'_>, into: &mut String) {
    if let Ok(Some(letter)) = entity.resolve_char_ref() {
        into.push(letter);
    } else {
        let name = entity.xml10_content();
        into.push_str(quick_xml::escape::resolve_predefined_entity(&name).unwrap_or_default());
    }
}
