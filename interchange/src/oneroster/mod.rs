//! `OneRoster` 1.1 and 1.2 CSV bundles and their School Data Sync cousins: read, checked and typed with no database in sight,
//! then loaded into the diary.

mod aside;
mod check;
mod columns;
mod families;
mod files;
mod hundredths;
mod known;
mod load;
mod manifest;
mod parse;
mod rows;
mod scales;
mod table;
mod words;

use std::path::Path;

pub use self::check::FileRead;
use self::check::{Reading, again};
use self::families::OpenLink;
pub use self::files::{File, Version};
pub use self::hundredths::Hundredths;
use self::known::Known;
pub use self::load::{Choice, LoadError, Options, choose, load};
pub use self::rows::{
    AcademicSession, Category, Class, ClassKind, Course, Demographics, Enrollment, FamilyLink, LineItem, Org, OrgKind,
    Relationship, RelationshipKind, ResultRow, Role, RoleKind, RoleRow, ScoreStatus, SessionKind, Sex, User,
};
use self::scales::Scales;
use crate::report::{Refusal, Rejection};
use crate::untrusted::source::Source;

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
    /// Pairs of a user and an agent of whom the bundle, which tells changes only, does not say enough.
    pub(crate) open_links: Vec<OpenLink>,
    /// Rows marked as deleted.
    pub(crate) gone_roles: Vec<RoleRow>,
    pub(crate) gone_enrollments: Vec<Enrollment>,
    /// What was left out: rows, and references of rows that were kept. At most [`crate::report::LISTED_MAX`].
    pub rejections: Vec<Rejection>,
    /// How many more were left out than are listed.
    pub unlisted: u64,
    /// Counts of every file that was read, in the order of [`File::ALL`].
    pub files: Vec<FileRead>,
    pub(crate) scales: Scales,
    source: Source,
    known: Known,
    dropped_line_items: Vec<u64>,
    dropped_results: Vec<u64>,
}

/// What is kept of the scale of one score, in bytes by estimate.
const LINK_WEIGHT: usize = 32;
/// The same of a work until its scores are written, beside its ids.
const WORK_WEIGHT: usize = 160;
/// The same of a guardian's link to a child.
const FAMILY_WEIGHT: usize = 270;

/// Reads a folder or a zip. One sentence says why it cannot be taken; otherwise every good row is in the bundle and
/// every bad one among its rejections.
pub fn read(path: &Path) -> Result<Bundle, Refusal> {
    let source = Source::open(path)?;
    let told = manifest::told(&source)?;
    let version = told.version;
    let mut reading = Reading::new(&source, told);
    let mut orgs = reading.hold::<Org>()?;
    let mut academic_sessions = reading.hold::<AcademicSession>()?;
    families::settle_parents(&mut orgs, &mut reading.log);
    families::settle_parents(&mut academic_sessions, &mut reading.log);
    let courses = reading.hold()?;
    let classes = reading.hold()?;
    let mut users = reading.hold::<User>()?;
    families::settle_agents(&mut users, &reading.known, &mut reading.log);
    let (roles, gone_roles) = reading.hold_all::<RoleRow>()?;
    let (enrollments, gone_enrollments) = reading.hold_all()?;
    let demographics = reading.hold()?;
    let categories = reading.hold()?;
    let relationships = reading.hold::<Relationship>()?;
    let named = users.iter().map(|user| user.agents.len()).sum::<usize>() + relationships.len();
    reading.make_room(named.saturating_mul(FAMILY_WEIGHT))?;
    let is_delta = reading.known.is_delta(File::Users) || reading.known.is_delta(File::Roles);
    let (family_links, open_links) = families::links(&users, &roles, &relationships, is_delta, &mut reading.log);
    let mut scales = Scales::new(reading.hold()?);
    let dropped_line_items = reading.check(|work: &LineItem| WORK_WEIGHT + work.sourced_id.len() + work.class.len())?;
    reading.give(|link| scales.add_work(&link), LINK_WEIGHT)?;
    let dropped_results = reading.check(|_: &ResultRow| 0)?;
    reading.give(|link| scales.add_result(&link), LINK_WEIGHT)?;
    aside::check(&mut reading)?;
    let Reading { known, log, files, .. } = reading;
    not_empty(&files, &known)?;
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
        open_links,
        gone_roles,
        gone_enrollments,
        rejections,
        unlisted,
        files,
        scales,
        source,
        known,
        dropped_line_items,
        dropped_results,
    })
}

/// A bulk file is the whole truth: an empty one would empty the school.
fn not_empty(files: &[FileRead], known: &Known) -> Result<(), Refusal> {
    let whole = |file: File| matches!(file, File::Users | File::Classes) && !known.is_delta(file);
    let empty = |file: &&FileRead| whole(file.file) && file.read == file.skipped;
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

    /// Whether a row with this id stands in the file and was taken.
    pub(crate) fn holds(&self, file: File, sourced_id: &str) -> bool {
        self.known.holds(file, sourced_id)
    }

    /// Whether a row about a role or the family of this person was rejected: nothing may be taken from them.
    pub(crate) fn is_in_doubt(&self, user: &str) -> bool {
        self.known.is_in_doubt(user)
    }

    /// Whether a file is part of the bundle and holds all there is.
    pub(crate) fn is_whole(&self, file: File) -> bool {
        self.count(file).is_some() && !self.is_delta(file)
    }

    /// Whether the bundle tells of everybody what they are: what it does not say is not so.
    pub(crate) fn knows_everybody(&self) -> bool {
        self.is_whole(if self.version.keeps_roles_apart() { File::Roles } else { File::Users })
    }

    /// Whether the row is marked as deleted, or hangs on one that is.
    pub(crate) fn is_gone(&self, file: File, sourced_id: &str) -> bool {
        self.known.is_gone(file, sourced_id)
    }

    /// Whether the file holds only what changed.
    pub fn is_delta(&self, file: File) -> bool {
        self.known.is_delta(file)
    }

    /// Whether some file does: what the bundle does not hold may stand in the diary.
    pub fn has_deltas(&self) -> bool {
        self.known.has_deltas()
    }

    /// Whether a row with this id is in the file but was rejected: what it stands for is not gone, only misspelt, and
    /// must not be removed as absent. Enrollments of School Data Sync are asked for by `class/user`.
    pub fn was_rejected(&self, file: File, sourced_id: &str) -> bool {
        self.known.was_rejected(file, sourced_id)
    }
}
