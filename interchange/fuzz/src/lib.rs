//! What the targets share. An input is several files in one: each begins with its name on a line and ends before the next
//! byte 28 (file separator), so that a fuzzer changes texts and not checksums.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use interchange::report::Refusal;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Stands between two files.
pub const SEPARATOR: u8 = 0x1c;
/// More files say nothing new.
const FILES_MAX: usize = 40;

/// A file's name and bytes.
pub type Piece = (String, Vec<u8>);

/// Takes an input apart.
pub fn pieces(input: &[u8]) -> Vec<Piece> {
    let piece = |bytes: &[u8]| {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let (name, rest) = bytes.split_at_checked(end)?;
        Some((String::from_utf8_lossy(name).into_owned(), rest.get(1..)?.to_vec()))
    };
    input.split(|byte| *byte == SEPARATOR).take(FILES_MAX).filter_map(piece).collect()
}

/// Puts an input together.
pub fn joined(pieces: &[Piece]) -> Vec<u8> {
    let bytes = |(name, bytes): &Piece| [name.as_bytes(), b"\n", bytes].concat();
    pieces.iter().map(bytes).collect::<Vec<_>>().join(&SEPARATOR)
}

/// The files in a folder; names that lead out of it are left out.
pub fn folder(pieces: &[Piece]) -> TempDir {
    let home = tempfile::tempdir().expect("a temporary folder");
    for (name, bytes) in pieces {
        if !name.contains(['/', '\0']) && !matches!(name.as_str(), "" | "." | "..") && name.len() < 200 {
            fs::write(home.path().join(name), bytes).expect("a file");
        }
    }
    home
}

/// The files as a zip that is well as a zip.
pub fn zipped(pieces: &[Piece], path: &Path) {
    let mut zip = ZipWriter::new(File::create(path).expect("a file"));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in pieces {
        // One name twice, or one that is too long, the writer itself refuses.
        if zip.start_file(name.as_str(), stored).is_ok() {
            zip.write_all(bytes).expect("room on the disk");
        }
    }
    zip.finish().expect("a zip");
}

/// Makes the hashes and counts in an archive's manifest true, where it can be read.
pub fn attested(mut pieces: Vec<Piece>) -> Vec<Piece> {
    let Some(at) = pieces.iter().position(|(name, _)| name == "manifest.json") else { return pieces };
    let Ok(mut manifest) = serde_json::from_slice::<Value>(&pieces[at].1) else { return pieces };
    for file in manifest.get_mut("files").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some((_, bytes)) = pieces.iter().find(|(name, _)| file["name"] == name.as_str()) else { continue };
        let mut hash = String::new();
        for byte in Sha256::digest(bytes) {
            let _ = write!(hash, "{byte:02x}");
        }
        file["sha256"] = hash.into();
        file["rows"] = bytes.iter().filter(|byte| **byte == b'\n').count().saturating_sub(1).into();
    }
    pieces[at].1 = serde_json::to_vec(&manifest).expect("JSON");
    pieces
}

/// What is refused is refused in one sentence on one line.
pub fn well_told<T>(read: Result<T, Refusal>) -> Option<T> {
    match read {
        Ok(read) => Some(read),
        Err(Refusal { sentence }) => {
            assert!(!sentence.is_empty() && !sentence.contains(char::is_control), "{sentence:?}");
            None
        }
    }
}
