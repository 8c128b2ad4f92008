//! Why an import does not begin, or stops half-way.

use domain::db::{Alone, Db, Guard};
use domain::types::SchoolId;

use crate::report::Refusal;

/// Why an import was refused, or stopped half-way: what was written before stays then, and the same import completes it.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Nothing was changed.
    #[error(transparent)]
    Refused(Refusal),
    /// A file is no longer what was checked.
    #[error("{0} What was read before is in the diary, and the next import completes it.")]
    Changed(Refusal),
    /// The database gave up.
    #[error(transparent)]
    Diary(#[from] domain::Error),
}

impl From<Refusal> for LoadError {
    fn from(refusal: Refusal) -> Self {
        Self::Changed(refusal)
    }
}

/// The sole right to import into this school, until it is dropped.
pub(crate) fn alone(db: &Db, school: SchoolId) -> Result<Guard, LoadError> {
    db.alone(Alone::Import(school))?.ok_or_else(|| {
        let sentence = "Another import of this school is running; wait until it has ended, then run this one again.";
        LoadError::Refused(Refusal::new(sentence))
    })
}
