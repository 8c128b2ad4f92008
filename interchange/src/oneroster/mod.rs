//! `OneRoster` 1.1 and 1.2 CSV bundles and their School Data Sync cousins: read, checked and typed with no database in sight,
//! then loaded into the diary.

mod check;
mod families;
mod files;
pub(crate) mod guard;
mod hundredths;
mod load;
mod manifest;
mod parse;
mod rows;
pub(crate) mod source;
mod table;
mod words;
pub(crate) mod zips;

use std::path::Path;

pub use self::check::FileRead;
use self::check::{Known, Reading, again};
pub use self::files::{File, Version};
pub use self::hundredths::Hundredths;
pub use self::load::{Choice, LoadError, choose, load};
pub use self::rows::{
    AcademicSession, Category, Class, ClassKind, Course, Demographics, Enrollment, FamilyLink, LineItem, Org, OrgKind,
    Relationship, RelationshipKind, ResultRow, Role, RoleKind, RoleRow, ScoreStatus, SessionKind, Sex, User,
};
use self::source::Source;
use crate::report::{Refusal, Rejection};

/// A bundle that was read to the end. Rows that broke a rule are not in it; everything a row refers to is, unless the
/// file it lies in is not part of the bundle at all.
#[derive(Debug)]
pub struct Bundle {
    /// What kind of export it is.
    pub version: Version,
    pub orgs: Vec<Org>,
    pub academic_sessions: Vec<AcademicSession>,
    pub courses: Vec<Course>,
    pub classes: Vec<Class>,
    pub users: Vec<User>,
    pub roles: Vec<RoleRow>,
    pub enrollments: Vec<Enrollment>,
    pub demographics: Vec<Demographics>,
    pub categories: Vec<Category>,
    pub relationships: Vec<Relationship>,
    /// Guardians and children, from agents in both directions and from relationships.
    pub family_links: Vec<FamilyLink>,
    /// What was left out: rows, and references of rows that were kept. At most [`crate::report::LISTED_MAX`].
    pub rejections: Vec<Rejection>,
    /// How many more were left out than are listed.
    pub unlisted: u64,
    /// Counts of every file that was read, in the order of [`File::ALL`].
    pub files: Vec<FileRead>,
    source: Source,
    known: Known,
    dropped_line_items: Vec<u64>,
    dropped_results: Vec<u64>,
}

/// Reads a folder or a zip. One sentence says why it cannot be taken; otherwise every good row is in the bundle and
/// every bad one among its rejections.
pub fn read(path: &Path) -> Result<Bundle, Refusal> {
    let source = Source::open(path)?;
    let version = manifest::version(&source)?;
    let mut reading = Reading::new(&source, version);
    let mut orgs = reading.hold::<Org>()?;
    let mut academic_sessions = reading.hold::<AcademicSession>()?;
    families::settle_parents(&mut orgs, &mut reading.log);
    families::settle_parents(&mut academic_sessions, &mut reading.log);
    let courses = reading.hold()?;
    let classes = reading.hold()?;
    let mut users = reading.hold::<User>()?;
    families::settle_agents(&mut users, &reading.known, &mut reading.log);
    let roles = reading.hold::<RoleRow>()?;
    let enrollments = reading.hold()?;
    let demographics = reading.hold()?;
    let categories = reading.hold()?;
    let relationships = reading.hold::<Relationship>()?;
    let family_links = families::links(&users, &roles, &relationships, &mut reading.log);
    let dropped_line_items = reading.check::<LineItem>()?;
    let dropped_results = reading.check::<ResultRow>()?;
    reading.known.forget_kept(File::Results);
    let Reading { known, log, files, .. } = reading;
    not_empty(&files)?;
    let (rejections, unlisted) = (log.listed, log.unlisted);
    Ok(Bundle {
        version,
        orgs,
        academic_sessions,
        courses,
        classes,
        users,
        roles,
        enrollments,
        demographics,
        categories,
        relationships,
        family_links,
        rejections,
        unlisted,
        files,
        source,
        known,
        dropped_line_items,
        dropped_results,
    })
}

/// A bulk file is the whole truth: an empty one would empty the school.
fn not_empty(files: &[FileRead]) -> Result<(), Refusal> {
    let empty = |file: &&FileRead| matches!(file.file, File::Users | File::Classes) && file.read == file.skipped;
    match files.iter().find(empty) {
        Some(FileRead { file, .. }) => Err(Refusal::new(format!(
            "{file} holds no rows that stand, which would empty the school; export it again."
        ))),
        None => Ok(()),
    }
}

impl Bundle {
    /// Reads the assessed works again, row by row, in the order of the file: a gradebook of years does not fit into
    /// memory. Stops at the first error of `visit`; refuses if the file changed since it was checked.
    pub fn line_items<E: From<Refusal>>(&self, visit: impl FnMut(LineItem) -> Result<(), E>) -> Result<(), E> {
        let first = self.count(File::LineItems);
        again(&self.source, self.version, &self.known, first, &self.dropped_line_items, visit)
    }

    /// Reads the scores again, as [`Self::line_items`] does.
    pub fn results<E: From<Refusal>>(&self, visit: impl FnMut(ResultRow) -> Result<(), E>) -> Result<(), E> {
        let first = self.count(File::Results);
        again(&self.source, self.version, &self.known, first, &self.dropped_results, visit)
    }

    /// The counts of a file, if it is part of the bundle.
    pub fn count(&self, file: File) -> Option<&FileRead> {
        self.files.iter().find(|read| read.file == file)
    }

    /// Whether a row with this id is in the file but was rejected: what it stands for is not gone, only misspelt, and
    /// must not be removed as absent. Enrollments of School Data Sync are asked for by `class/user`.
    pub fn was_rejected(&self, file: File, sourced_id: &str) -> bool {
        self.known.was_rejected(file, sourced_id)
    }
}
