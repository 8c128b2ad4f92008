//! A school's archive: any bytes, or files in a zip with a manifest that is true of them.

#![no_main]

use interchange::archive::Archive;
use interchange_fuzz::{attested, pieces, well_told, zipped};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((kind, input)) = input.split_first() else { return };
    let home = tempfile::tempdir().expect("a temporary folder");
    let path = home.path().join("school.zip");
    match kind {
        b'a' => zipped(&attested(pieces(input)), &path),
        _ => std::fs::write(&path, input).expect("a file"),
    }
    well_told(Archive::open(&path));
});
