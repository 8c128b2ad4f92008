//! A place to try an import out: an empty database of its own, where a copy of the school goes, gone with the value.

use domain::Result;
use domain::db::{self, Db, Settings};
use tempfile::TempDir;

/// The database and the private folder it lies in.
pub struct Rehearsal {
    pub db: Db,
    _folder: TempDir,
}

impl Rehearsal {
    /// Makes the database. Whatever is done in it is done by the same code as in the real one.
    pub fn new() -> Result<Self> {
        let failed =
            |error: std::io::Error| domain::Error::Store(format!("cannot make a folder for the copy: {error}"));
        let folder = TempDir::with_prefix("apta-").map_err(failed)?;
        let url = format!("sqlite:{}", folder.path().join("copy.db").display());
        db::migrate(&url)?;
        let db = Db::open(&Settings { url, connections: 2, ..Settings::default() })?;
        Ok(Self { db, _folder: folder })
    }
}
