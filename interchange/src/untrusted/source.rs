//! Where a bundle's files lie: in a folder or in a zip, found by name and opened one at a time.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::zips;
use crate::report::Refusal;

/// A bundle that can be opened file by file. Names are kept in lower case: exporters disagree about case.
#[derive(Debug)]
pub(crate) enum Source {
    Folder(BTreeMap<String, PathBuf>),
    Zip(PathBuf, BTreeMap<String, usize>),
}

impl Source {
    /// Looks at what is there without reading any of it.
    pub(crate) fn open(path: &Path) -> Result<Self, Refusal> {
        let kind = fs::metadata(path).map_err(|error| unreadable(&shown(path), &error))?;
        let source = if kind.is_dir() {
            Self::Folder(folder(path)?)
        } else if kind.is_file() {
            Self::Zip(path.to_owned(), zips::entries(path, &zips::BUNDLE)?)
        } else {
            return Err(Refusal::new(format!("{} is neither a folder nor a zip file.", shown(path))));
        };
        if source.names().next().is_none() {
            return Err(Refusal::new(format!(
                "{} holds no CSV files; give the folder or the zip that the export wrote.",
                shown(path)
            )));
        }
        Ok(source)
    }

    /// The names of all CSV files, in lower case.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let (files, entries) = match self {
            Self::Folder(files) => (Some(files), None),
            Self::Zip(_, entries) => (None, Some(entries)),
        };
        let files = files.into_iter().flat_map(BTreeMap::keys);
        files.chain(entries.into_iter().flat_map(BTreeMap::keys)).map(String::as_str)
    }

    /// Whether the bundle has this file, in any case.
    pub(crate) fn has(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        self.names().any(|known| known == name)
    }

    /// Lends the bytes of a file for as long as `read` runs.
    pub(crate) fn with<T, E: From<Refusal>>(
        &self,
        name: &str,
        read: impl FnOnce(&mut dyn Read) -> Result<T, E>,
    ) -> Result<T, E> {
        let key = name.to_ascii_lowercase();
        match self {
            Self::Folder(files) => {
                let path = files.get(&key).ok_or_else(|| missing(name))?;
                let mut file = fs::File::open(path).map_err(|error| unreadable(name, &error))?;
                read(&mut file)
            }
            Self::Zip(path, entries) => {
                let index = *entries.get(&key).ok_or_else(|| missing(name))?;
                zips::with(path, index, name, read)
            }
        }
    }
}

fn missing(name: &str) -> Refusal {
    Refusal::new(format!("{name} is missing; export it with the others."))
}

/// A refusal for a failure of the disk or the archive; a refusal that travelled inside comes out as itself.
pub(crate) fn unreadable(name: &str, error: &io::Error) -> Refusal {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Refusal>());
    inner.cloned().unwrap_or_else(|| Refusal::new(format!("{name} cannot be read: {error}.")))
}

/// The last part of a path, as a sentence shows it.
pub(crate) fn shown(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Whether a file name ends in `.csv`, in any case; editors' hidden files do not count.
pub(crate) fn is_csv(name: &str) -> bool {
    !name.starts_with('.') && Path::new(name).extension().is_some_and(|end| end.eq_ignore_ascii_case("csv"))
}

fn folder(path: &Path) -> Result<BTreeMap<String, PathBuf>, Refusal> {
    let refuse = |error: io::Error| unreadable(&shown(path), &error);
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(path).map_err(refuse)? {
        let entry = entry.map_err(refuse)?;
        let Some(name) = entry.file_name().to_str().filter(|name| is_csv(name)).map(str::to_ascii_lowercase) else {
            continue;
        };
        let kind = entry.file_type().map_err(refuse)?;
        // It may lead to any file this machine keeps from others, whose lines a report would then show.
        if kind.is_symlink() {
            return Err(Refusal::new(format!("{name} is a symbolic link; put the file itself into the folder.")));
        }
        // A pipe or a device would never end.
        if !kind.is_file() {
            return Err(Refusal::new(format!("{name} is not an ordinary file; replace it with one.")));
        }
        if files.insert(name.clone(), entry.path()).is_some() {
            return Err(Refusal::new(format!("{name} is there twice, in different case; keep one.")));
        }
    }
    Ok(files)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_in_any_case_and_others_are_not_seen() {
        let home = tempfile::tempdir().unwrap();
        for name in ["Users.CSV", "notes.txt", ".users.csv"] {
            fs::write(home.path().join(name), "x").unwrap();
        }
        let source = Source::open(home.path()).unwrap();
        assert_eq!(source.names().collect::<Vec<_>>(), ["users.csv"]);
        assert!(source.has("users.csv"));
        let mut text = String::new();
        let read = |file: &mut dyn Read| {
            file.read_to_string(&mut text).unwrap();
            Ok::<_, Refusal>(())
        };
        source.with("users.csv", read).unwrap();
        assert_eq!(text, "x");
    }

    #[test]
    fn what_is_not_there_or_holds_nothing_is_refused() {
        let home = tempfile::tempdir().unwrap();
        assert!(Source::open(home.path()).unwrap_err().sentence.contains("no CSV files"));
        assert!(Source::open(&home.path().join("gone")).unwrap_err().sentence.contains("cannot be read"));
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_in_a_folder_is_refused_wherever_it_leads() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("real.txt"), "x").unwrap();
        for target in ["real.txt", "/etc/hostname", "/dev/zero", "nowhere", ".."] {
            let link = home.path().join("users.csv");
            std::os::unix::fs::symlink(target, &link).unwrap();
            assert!(
                Source::open(home.path()).unwrap_err().sentence.contains("users.csv is a symbolic link"),
                "{target}"
            );
            fs::remove_file(link).unwrap();
        }
    }

    #[test]
    fn a_folder_that_calls_itself_a_file_is_refused() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("users.csv")).unwrap();
        assert!(Source::open(home.path()).unwrap_err().sentence.contains("not an ordinary file"));
    }
}
