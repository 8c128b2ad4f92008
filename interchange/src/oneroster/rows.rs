//! The rows of a bundle as types: checked cell by cell, ids still those of the exporter.

use chrono::NaiveDate;

use super::hundredths::Hundredths;
pub use super::words::{ClassKind, OrgKind, RelationshipKind, Role, RoleKind, ScoreStatus, SessionKind, Sex};

/// A school or what stands above or inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Org {
    pub line: u64,
    pub sourced_id: String,
    pub name: String,
    pub kind: OrgKind,
    /// The number authorities know it by.
    pub identifier: Option<String>,
    /// Never dangling and never part of a cycle.
    pub parent: Option<String>,
}

/// A school year or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcademicSession {
    pub line: u64,
    pub sourced_id: String,
    pub title: String,
    pub kind: SessionKind,
    pub start: NaiveDate,
    /// Not before `start`. The standard says the day after the last; most exporters write the last day itself.
    pub end: NaiveDate,
    /// Never dangling and never part of a cycle.
    pub parent: Option<String>,
    /// The calendar year the school year ends in (School Data Sync: begins in).
    pub school_year: Option<i32>,
}

/// A subject as the school offers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    pub line: u64,
    pub sourced_id: String,
    pub title: String,
    pub code: Option<String>,
    /// An academic session.
    pub school_year: Option<String>,
    pub org: Option<String>,
    pub grades: Vec<String>,
    pub subjects: Vec<String>,
    pub subject_codes: Vec<String>,
}

/// A homeroom or a taught group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    pub line: u64,
    pub sourced_id: String,
    pub title: String,
    /// `Scheduled` where School Data Sync has no such column.
    pub kind: ClassKind,
    pub code: Option<String>,
    /// Optional although the standard demands it: many exporters give homerooms none.
    pub course: Option<String>,
    pub school: String,
    /// Academic sessions; at least one in the standard, perhaps none in School Data Sync.
    pub terms: Vec<String>,
    pub grades: Vec<String>,
    pub subjects: Vec<String>,
    pub subject_codes: Vec<String>,
    pub periods: Vec<String>,
    pub location: Option<String>,
}

/// A person. Passwords are never read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub line: u64,
    pub sourced_id: String,
    /// `true` where the file does not say.
    pub enabled: bool,
    /// In 1.1 and School Data Sync 2 only; else see [`RoleRow`].
    pub role: Option<Role>,
    /// At least one in 1.1 and School Data Sync 2; else see [`RoleRow`].
    pub orgs: Vec<String>,
    pub primary_org: Option<String>,
    pub username: Option<String>,
    pub given_name: String,
    pub family_name: String,
    pub middle_name: Option<String>,
    pub preferred_given_name: Option<String>,
    pub preferred_middle_name: Option<String>,
    pub preferred_family_name: Option<String>,
    pub identifier: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// Known people this one is linked to; what the links mean is in `Bundle::family_links`.
    pub agents: Vec<String>,
    pub grades: Vec<String>,
}

/// What a person is in one school (1.2 and School Data Sync 2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRow {
    pub line: u64,
    /// None in School Data Sync.
    pub sourced_id: Option<String>,
    pub user: String,
    pub org: String,
    pub role: Role,
    /// `Primary` where the file does not say.
    pub kind: RoleKind,
    pub begin: Option<NaiveDate>,
    pub end: Option<NaiveDate>,
    /// School Data Sync only.
    pub session: Option<String>,
    /// School Data Sync only.
    pub grade: Option<String>,
}

/// A person in a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrollment {
    pub line: u64,
    /// `class/user` in School Data Sync, where the pair is the key.
    pub sourced_id: String,
    pub class: String,
    pub user: String,
    /// May differ from the person's role in the school.
    pub role: Role,
    /// Whether a teacher is the main one of the class.
    pub primary: Option<bool>,
    /// May lie outside the terms of the class.
    pub begin: Option<NaiveDate>,
    pub end: Option<NaiveDate>,
}

/// Birth date and sex; race, ethnicity and birth place are never read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demographics {
    pub line: u64,
    pub user: String,
    pub birth_date: Option<NaiveDate>,
    pub sex: Option<Sex>,
}

/// A kind of assessed work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    pub line: u64,
    pub sourced_id: String,
    pub title: String,
    /// In percent, 1.2 only.
    pub weight: Option<Hundredths>,
}

/// A family link of School Data Sync 2.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relationship {
    pub line: u64,
    pub child: String,
    pub contact: String,
    pub kind: RelationshipKind,
}

/// An assessed work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineItem {
    pub line: u64,
    pub sourced_id: String,
    pub title: String,
    pub description: Option<String>,
    pub assigned: NaiveDate,
    pub due: NaiveDate,
    pub class: String,
    pub category: String,
    /// An academic session: `gradingPeriodSourcedId` in 1.1, `academicSessionSourcedId` in 1.2.
    pub session: Option<String>,
    pub school: Option<String>,
    pub score_scale: Option<String>,
    pub min: Option<Hundredths>,
    /// Not below `min`.
    pub max: Option<Hundredths>,
}

/// A score. A fully graded one has a `score`, in 1.2 perhaps a `text_score` or a `comment` instead.
// The standard has four flags that do not exclude each other.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultRow {
    pub line: u64,
    pub sourced_id: String,
    pub line_item: String,
    pub student: String,
    pub status: ScoreStatus,
    /// Not compared with the limits of the work: what lies outside is the diary's business.
    pub score: Option<Hundredths>,
    pub text_score: Option<String>,
    pub date: NaiveDate,
    pub comment: Option<String>,
    pub in_progress: bool,
    pub incomplete: bool,
    pub late: bool,
    pub missing: bool,
}

/// A guardian and a child that the bundle links, each pair once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FamilyLink {
    pub guardian: String,
    pub child: String,
    /// Parent, guardian or relative.
    pub relation: Role,
    /// Where the link was said first.
    pub file: super::File,
    pub line: u64,
}
