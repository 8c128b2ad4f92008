//! What a file is, told by its content whatever its name says.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use crate::report::Refusal;
use crate::untrusted::source::{shown, unreadable};
use crate::untrusted::zips;

/// The largest file that is opened.
const PACKED_MAX: u64 = 64 << 20;
/// The most parts; a workbook of ten sheets has about thirty.
const PARTS_MAX: usize = 1000;

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Workbook,
    /// CSV files, in a folder or a zip.
    Tables,
}

/// Tells what lies at a path. Whatever is neither of the two is refused with what to do instead.
pub(crate) fn kind(path: &Path) -> Result<Kind, Refusal> {
    let name = shown(path);
    let told = std::fs::metadata(path).map_err(|error| unreadable(&name, &error))?;
    if told.is_dir() {
        return Ok(Kind::Tables);
    }
    let refuse = |what: &str| Err(Refusal::new(format!("{name} {what}")));
    if !told.is_file() {
        return refuse("is neither a file nor a folder.");
    }
    let mut head = Vec::with_capacity(8);
    let mut file = File::open(path).map_err(|error| unreadable(&name, &error))?;
    file.by_ref().take(8).read_to_end(&mut head).map_err(|error| unreadable(&name, &error))?;
    match head.as_slice() {
        [] => refuse("is empty; give the workbook itself."),
        [0xd0, 0xcf, 0x11, 0xe0, ..] if is_encrypted(&mut file).map_err(|error| unreadable(&name, &error))? => {
            refuse("is protected by a password; open it in Excel, take the password off and save it again.")
        }
        [0xd0, 0xcf, 0x11, 0xe0, ..] => refuse("is in the old .xls format; open it in Excel and save it as .xlsx."),
        [b'P', b'K', ..] if told.len() > PACKED_MAX => {
            refuse("is larger than 64 MiB; delete what is not needed, or split it by half-years.")
        }
        [b'P', b'K', ..] => inside(path),
        [b'%', b'P', b'D', b'F', ..] => {
            refuse("is a PDF file whatever its name says; give the workbook it was made from.")
        }
        [b'<', ..] => refuse("is a web page or XML file; open it in Excel and save it as .xlsx."),
        _ if crate::untrusted::source::is_csv(&name) => {
            refuse("is one CSV file; put the CSV files of all sheets into a folder and give the folder.")
        }
        _ => refuse("is no workbook; give an .xlsx file, or a folder or zip of CSV files."),
    }
}

/// An encrypted workbook is an old container with a stream of this name, in UTF-16.
fn is_encrypted(file: &mut File) -> io::Result<bool> {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut bytes = Vec::new();
    file.rewind()?;
    file.take(PACKED_MAX).read_to_end(&mut bytes)?;
    Ok(bytes.windows(name.len()).any(|window| window == name))
}

fn inside(path: &Path) -> Result<Kind, Refusal> {
    let archive = open(path)?;
    let refuse = |what: &str| Err(Refusal::new(format!("{} {what}", shown(path))));
    let has = |name: &str| archive.index_for_name(name).is_some();
    if has("xl/workbook.bin") {
        return refuse("is in the .xlsb format; open it in Excel and save it as .xlsx.");
    }
    if has("content.xml") && has("mimetype") {
        return refuse("is an OpenDocument file; open it and save it as .xlsx.");
    }
    if has("word/document.xml") {
        return refuse("is a Word document; give the workbook.");
    }
    if !has("[Content_Types].xml") {
        return Ok(Kind::Tables);
    }
    Ok(Kind::Workbook)
}

type Archive = ZipArchive<BufReader<File>>;

/// Opens the zip that a workbook is. Its directory is looked at before room is made for it.
pub(crate) fn open(path: &Path) -> Result<Archive, Refusal> {
    let mut file = File::open(path).map_err(|error| unreadable(&shown(path), &error))?;
    if !zips::few_entries(&mut file, PARTS_MAX).map_err(|error| unreadable(&shown(path), &error))? {
        let name = shown(path);
        return Err(Refusal::new(format!("{name} holds more than {PARTS_MAX} parts; no workbook of a school does.")));
    }
    ZipArchive::new(BufReader::new(file)).map_err(|error| match error {
        ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => unreadable(&shown(path), &error),
        _ => damaged(path),
    })
}

pub(crate) fn damaged(path: &Path) -> Refusal {
    Refusal::new(format!("{} is damaged; open it in Excel and save it again.", shown(path)))
}
