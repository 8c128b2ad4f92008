//! What can go wrong in the diary, in the words a caller can act on.

use std::borrow::Cow;

/// The result of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong. "Not yours" and "does not exist" are the same [`Error::NotFound`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The thing does not exist, or is not for this viewer.
    #[error("{0:?} not found")]
    NotFound(Noun),
    /// Nobody is signed in with this token (any more).
    #[error("not signed in")]
    Unauthorised,
    /// The viewer is known, the thing is not for such viewers.
    #[error("denied: {0:?}")]
    Denied(Rule),
    /// The request contradicts the state of things.
    #[error("conflict: {0:?}")]
    Conflict(Rule),
    /// Well-formed input that breaks a rule; every flaw names its place.
    #[error("invalid: {0:?}")]
    Invalid(Vec<Flaw>),
    /// All connections are taken, or the database is away: try again soon.
    #[error("the database is busy or away")]
    Busy,
    /// A child was not locked that the work turned out to touch: the work runs again.
    #[error("the work outgrew its locks")]
    Outgrown,
    /// The database holds migrations this binary does not know.
    #[error("the data was written by a newer version of apta (migration {0}); start that version or a newer one")]
    NewerStore(String),
    /// The database refused.
    #[error("database: {}", without_value(.0))]
    Db(diesel::result::Error),
    /// Opening or preparing the database failed; the sentence says what to mend.
    #[error("{0}")]
    Store(String),
}

impl Error {
    /// One flaw at `pointer` (RFC 6901).
    pub fn flaw(
        pointer: impl Into<Cow<'static, str>>,
        code: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::Invalid(vec![Flaw::new(pointer, code, detail)])
    }
}

/// The database's words up to the value it stumbled over: that one is somebody's, and errors are logged.
fn without_value(error: &diesel::result::Error) -> String {
    let mut told = error.to_string();
    if let Some(end) = [": \"", "value \""].iter().filter_map(|mark| told.find(mark)).min() {
        told.truncate(end);
    }
    told
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        Self::Db(error)
    }
}

/// What was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noun {
    Account,
    Calendar,
    Child,
    Client,
    Device,
    File,
    Grade,
    Guardian,
    Homework,
    Import,
    Invitation,
    Period,
    School,
    Session,
    Staff,
    Subject,
}

/// A rule the request ran into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Login and password do not belong together.
    InvalidCredentials,
    /// The refresh token is spent, unknown or its session has ended.
    RefreshTokenSpent,
    /// The login is taken.
    LoginTaken,
    /// The invitation is spent or expired.
    InvitationSpent,
    /// The reset token is spent or expired.
    ResetSpent,
    /// The invitation is for somebody of another role than the signed-in one.
    WrongRole,
    /// The cursor was not sealed for this viewer and filter.
    BadCursor,
    /// The journal and its secret do not belong together.
    InvalidClient,
    /// The journal asks for a scope it does not have.
    InvalidScope,
    /// The right to act for the school does not reach so far.
    InsufficientScope,
    /// The cursor is older than what the feed remembers, or of another history.
    CursorTooOld,
    /// The school has sent in many files that hang on nothing.
    TooManyFiles,
    /// The same Idempotency-Key came with another request.
    IdempotencyKeyReused,
}

/// One flaw of an input: where, which rule, and a sentence that says what to mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    pub pointer: Cow<'static, str>,
    pub code: &'static str,
    pub detail: Cow<'static, str>,
}

impl Flaw {
    pub fn new(
        pointer: impl Into<Cow<'static, str>>,
        code: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { pointer: pointer.into(), code, detail: detail.into() }
    }
}

#[cfg(test)]
mod tests {
    use diesel::result::{DatabaseErrorKind, Error as Refused};

    use super::*;

    #[test]
    fn what_the_database_refuses_is_told_without_the_value() {
        for (words, told) in [
            ("invalid input syntax for type integer: \"Айару\"", "database: invalid input syntax for type integer"),
            ("value \"Айару\" is out of range for type integer", "database: "),
            ("duplicate key value violates unique constraint \"accounts_login_key\"", ""),
        ] {
            let refused = Refused::DatabaseError(DatabaseErrorKind::Unknown, Box::new(words.to_owned()));
            let whole = format!("database: {words}");
            assert_eq!(Error::from(refused).to_string(), if told.is_empty() { whole.as_str() } else { told });
        }
    }
}
