//! Zip files from strangers: what they declare is checked before anything is unpacked, and nothing is ever written to disk.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::source::{is_csv, shown, unreadable};
use crate::report::Refusal;

/// The most entries of a zip; a bundle has at most 25.
const ENTRIES_MAX: usize = 64;
/// The most that may come out of one byte; a gradebook reaches about 30.
const RATIO_MAX: u64 = 200;
/// Below this a high ratio harms nobody.
const RATIO_FREE: u64 = 1 << 20;

/// What a kind of zip may hold.
pub(crate) struct Kind {
    /// The most GiB it may unpack to.
    unpacked_max: u64,
    /// A file it has beside its CSV files.
    beside: Option<&'static str>,
}

/// Another system's export, some of whose files are held in memory.
pub(crate) const BUNDLE: Kind = Kind { unpacked_max: 2, beside: None };
/// A school's archive, which is read row by row.
pub(crate) const ARCHIVE: Kind = Kind { unpacked_max: 32, beside: Some("manifest.json") };

type Archive = ZipArchive<BufReader<File>>;

/// The files of a zip by lower-case name, all at its top or all in one folder.
pub(crate) fn entries(path: &Path, kind: &Kind) -> Result<BTreeMap<String, usize>, Refusal> {
    let refuse = |what: &str| Refusal::new(format!("{} {what}", shown(path)));
    let archive = open(path)?;
    if archive.len() > ENTRIES_MAX {
        return Err(too_many(path));
    }
    let (mut unpacked, mut packed) = (0_u64, 0_u64);
    let (mut found, mut folder) = (BTreeMap::new(), None);
    for index in 0..archive.len() {
        let entry = archive.by_index_data(index).map_err(|error| damaged(path, &error))?;
        let name = entry.name().map_err(|_| refuse("holds a file whose name is not UTF-8; zip the export again."))?;
        if !is_inside(&name) || entry.enclosed_name().is_none() {
            return Err(refuse("holds a file that points outside the zip; zip only the files of the export."));
        }
        if entry.is_symlink() {
            return Err(refuse("holds a symbolic link; zip the files themselves."));
        }
        if entry.encrypted() {
            return Err(refuse("is encrypted; zip the export without a password."));
        }
        unpacked = unpacked.saturating_add(entry.size());
        packed = packed.saturating_add(entry.compressed_size());
        if let Some((home, file)) = place(&name, kind) {
            if home.contains('/') {
                return Err(refuse("keeps its files more than one folder deep; zip the files themselves."));
            }
            if folder.get_or_insert_with(|| home.to_owned()) != home {
                return Err(refuse("has CSV files in two folders; zip one export at a time."));
            }
            if found.insert(file.to_ascii_lowercase(), index).is_some() {
                return Err(refuse("holds one file twice; zip the export again."));
            }
        }
    }
    if unpacked > kind.unpacked_max << 30 {
        let most = kind.unpacked_max;
        return Err(refuse(&format!("unpacks to more than {most} GiB; export one school or one year at a time.")));
    }
    if unpacked > RATIO_FREE && unpacked / RATIO_MAX > packed {
        return Err(refuse("unpacks to more than 200 times its size, which no export does; zip the export again."));
    }
    Ok(found)
}

/// Lends one unpacked entry. It fails when more comes out than the zip declared.
pub(crate) fn with<T, E: From<Refusal>>(
    path: &Path,
    index: usize,
    name: &str,
    read: impl FnOnce(&mut dyn Read) -> Result<T, E>,
) -> Result<T, E> {
    let mut archive = open(path)?;
    let entry = archive.by_index(index).map_err(|error| damaged(path, &error))?;
    let left = entry.size();
    read(&mut Declared { inner: entry, left, name })
}

fn open(path: &Path) -> Result<Archive, Refusal> {
    let mut file = File::open(path).map_err(|error| unreadable(&shown(path), &error))?;
    if !few_entries(&mut file, ENTRIES_MAX).map_err(|error| unreadable(&shown(path), &error))? {
        return Err(too_many(path));
    }
    ZipArchive::new(BufReader::new(file)).map_err(|error| damaged(path, &error))
}

fn too_many(path: &Path) -> Refusal {
    Refusal::new(format!("{} holds more than 64 files; zip only the files of the export.", shown(path)))
}

fn damaged(path: &Path, error: &ZipError) -> Refusal {
    let name = shown(path);
    Refusal::new(match error {
        ZipError::Io(error) => return unreadable(&name, error),
        ZipError::CompressionMethodNotSupported(_) => {
            format!("{name} is packed in a way that cannot be read; make an ordinary zip (deflate).")
        }
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
            format!("{name} is encrypted; zip the export without a password.")
        }
        _ => format!("{name} is not a zip file or is damaged; export or zip it again."),
    })
}

/// The folder and the file name of an entry that is looked for; what Finder adds for itself is not one.
fn place<'a>(name: &'a str, kind: &Kind) -> Option<(&'a str, &'a str)> {
    let (home, file) = name.rsplit_once('/').unwrap_or(("", name));
    let beside = kind.beside.is_some_and(|beside| beside.eq_ignore_ascii_case(file));
    ((is_csv(file) || beside) && home.split('/').next() != Some("__MACOSX")).then_some((home, file))
}

fn is_inside(name: &str) -> bool {
    let parts = name.strip_suffix('/').unwrap_or(name);
    !name.contains(['\\', ':', '\0']) && parts.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// Whether the directory at the end of the zip declares at most so many entries. The archive reader makes room for all it is told
/// of, so this is asked before it runs; it looks in the same place, the last 64 KiB and the record itself.
pub(crate) fn few_entries(file: &mut (impl Read + Seek), most: usize) -> io::Result<bool> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub((1 << 16) + 1024)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    file.rewind()?;
    let count = |record: &[u8], at: usize, width: usize| {
        let bytes = record.iter().skip(at).take(width).rev();
        bytes.fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte))
    };
    let few = |entries: u64| usize::try_from(entries).is_ok_and(|entries| entries <= most);
    let (mut large, mut located) = (false, false);
    for start in 0..tail.len() {
        let record = tail.get(start..).unwrap_or_default();
        if record.starts_with(b"PK\x05\x06") && count(record, 10, 2) != 0xffff && !few(count(record, 10, 2)) {
            return Ok(false);
        }
        if record.starts_with(b"PK\x06\x06") {
            large = true;
            if !few(count(record, 32, 8)) {
                return Ok(false);
            }
        }
        located |=
            record.starts_with(b"PK\x05\x06") && count(record, 10, 2) == 0xffff || record.starts_with(b"PK\x06\x07");
    }
    Ok(large || !located)
}

/// A reader that gives no more bytes than the zip declared, so that the limits on what it declares hold.
struct Declared<'a, R> {
    inner: R,
    left: u64,
    name: &'a str,
}

impl<R: Read> Read for Declared<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(out).map_err(|_| {
            io::Error::other(Refusal::new(format!("{} is damaged inside the zip; zip the export again.", self.name)))
        })?;
        let count = u64::try_from(got).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(count).ok_or_else(|| {
            let sentence = format!("{} unpacks to more than the zip declares; zip the export again.", self.name);
            io::Error::other(Refusal::new(sentence))
        })?;
        Ok(got)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn zipped(fill: impl FnOnce(&mut ZipWriter<File>)) -> tempfile::NamedTempFile {
        let home = tempfile::NamedTempFile::new().unwrap();
        let mut zip = ZipWriter::new(home.reopen().unwrap());
        fill(&mut zip);
        zip.finish().unwrap();
        home
    }

    fn add(zip: &mut ZipWriter<File>, name: &str, bytes: &[u8]) {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }

    fn refusal(fill: impl FnOnce(&mut ZipWriter<File>)) -> String {
        entries(zipped(fill).path(), &BUNDLE).unwrap_err().sentence
    }

    #[test]
    fn files_lie_at_the_top_or_in_one_folder() {
        for home in ["", "export/"] {
            let file = zipped(|zip| {
                add(zip, &format!("{home}Users.csv"), b"a");
                add(zip, "__MACOSX/._users.csv", b"b");
                add(zip, "readme.txt", b"c");
            });
            assert_eq!(entries(file.path(), &BUNDLE).unwrap().into_keys().collect::<Vec<_>>(), ["users.csv"]);
        }
        let two = refusal(|zip| ["a/users.csv", "b/users.csv"].iter().for_each(|name| add(zip, name, b"")));
        assert!(two.contains("two folders"), "{two}");
        let deep = refusal(|zip| add(zip, "a/b/users.csv", b""));
        assert!(deep.contains("one folder deep"), "{deep}");
    }

    #[test]
    fn slips_and_links_are_refused() {
        for name in ["../users.csv", "a/../../users.csv", "/etc/users.csv", "a\\..\\users.csv", "C:/users.csv"] {
            assert!(!is_inside(name), "{name}");
        }
        // The writer itself mends such names, so an innocent one is changed in its bytes.
        let file = zipped(|zip| add(zip, "aa/users.csv", b""));
        let bytes = std::fs::read(file.path()).unwrap();
        let mut slip = bytes.clone();
        let spots = bytes.windows(2).enumerate().filter(|(_, pair)| pair == b"aa").map(|(at, _)| at);
        for at in spots {
            slip.splice(at..at + 2, *b"..");
        }
        std::fs::write(file.path(), slip).unwrap();
        assert!(entries(file.path(), &BUNDLE).unwrap_err().sentence.contains("outside"));
        let link = refusal(|zip| zip.add_symlink("users.csv", "/etc/passwd", SimpleFileOptions::default()).unwrap());
        assert!(link.contains("symbolic link"), "{link}");
    }

    #[test]
    fn bombs_are_refused_by_what_they_declare() {
        let bomb = refusal(|zip| add(zip, "users.csv", &vec![b'a'; 4 << 20]));
        assert!(bomb.contains("200 times"), "{bomb}");
        let many = refusal(|zip| (0..65).for_each(|number| add(zip, &format!("{number}.csv"), b"")));
        assert!(many.contains("64 files"), "{many}");
        let few = zipped(|zip| (0..64).for_each(|number| add(zip, &format!("{number}.csv"), b"")));
        assert_eq!(entries(few.path(), &BUNDLE).unwrap().len(), 64);
    }

    #[test]
    fn an_entry_that_unpacks_to_more_than_it_declares_is_refused() {
        let mut reader = Declared { inner: b"abcdef".as_slice(), left: 5, name: "users.csv" };
        let told = reader.read_to_end(&mut Vec::new()).unwrap_err().to_string();
        assert!(told.contains("more than the zip declares"), "{told}");
    }

    #[test]
    fn an_encrypted_zip_is_refused() {
        let file = zipped(|zip| add(zip, "users.csv", b"a"));
        let mut bytes = std::fs::read(file.path()).unwrap();
        let entry = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
        bytes[entry + 8] |= 1;
        std::fs::write(file.path(), bytes).unwrap();
        assert!(entries(file.path(), &BUNDLE).unwrap_err().sentence.contains("is encrypted"));
    }

    #[test]
    fn what_is_no_zip_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"a,b\n1,2\n").unwrap();
        assert!(entries(file.path(), &BUNDLE).unwrap_err().sentence.contains("not a zip file"));
    }
}
