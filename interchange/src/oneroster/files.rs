//! The files of a bundle that the diary reads, and the columns it looks at; every other column stays unread.

use std::fmt;

/// A file the diary reads. The order is the order of reading: a file comes after those it refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum File {
    /// Schools and what stands above them.
    Orgs,
    /// School years, terms, grading periods.
    AcademicSessions,
    /// Subjects as the school offers them.
    Courses,
    /// Homerooms and taught groups.
    Classes,
    /// Everyone.
    Users,
    /// Who is what in which school (1.2 and School Data Sync 2.1).
    Roles,
    /// Who is in which class.
    Enrollments,
    /// Birth dates and sex.
    Demographics,
    /// Kinds of assessed work with their weights.
    Categories,
    /// Family links (School Data Sync 2.1).
    Relationships,
    /// Assessed works.
    LineItems,
    /// Scores.
    Results,
}

impl File {
    /// All of them, in the order of reading.
    pub const ALL: [Self; 12] = [
        Self::Orgs,
        Self::AcademicSessions,
        Self::Courses,
        Self::Classes,
        Self::Users,
        Self::Roles,
        Self::Enrollments,
        Self::Demographics,
        Self::Categories,
        Self::Relationships,
        Self::LineItems,
        Self::Results,
    ];

    /// The name in the bundle, for example `lineItems.csv`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Orgs => "orgs.csv",
            Self::AcademicSessions => "academicSessions.csv",
            Self::Courses => "courses.csv",
            Self::Classes => "classes.csv",
            Self::Users => "users.csv",
            Self::Roles => "roles.csv",
            Self::Enrollments => "enrollments.csv",
            Self::Demographics => "demographics.csv",
            Self::Categories => "categories.csv",
            Self::Relationships => "relationships.csv",
            Self::LineItems => "lineItems.csv",
            Self::Results => "results.csv",
        }
    }

    /// Its place in the order of reading.
    pub(crate) fn place(self) -> usize {
        self as usize
    }

    /// The columns looked at.
    pub(crate) fn columns(self) -> &'static [Column] {
        match self {
            Self::Orgs => ORGS,
            Self::AcademicSessions => ACADEMIC_SESSIONS,
            Self::Courses => COURSES,
            Self::Classes => CLASSES,
            Self::Users => USERS,
            Self::Roles => ROLES,
            Self::Enrollments => ENROLLMENTS,
            Self::Demographics => DEMOGRAPHICS,
            Self::Categories => CATEGORIES,
            Self::Relationships => RELATIONSHIPS,
            Self::LineItems => LINE_ITEMS,
            Self::Results => RESULTS,
        }
    }
}

impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What kind of export a bundle is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `OneRoster` 1.1.
    V1p1,
    /// `OneRoster` 1.2: roles and schools of people are in `roles.csv`.
    V1p2,
    /// Microsoft School Data Sync 2: four files, no sessions, no ids of enrollments.
    Sds2,
    /// Microsoft School Data Sync 2.1: ten files, roles apart, explicit family links.
    Sds2p1,
}

impl Version {
    /// Whether the folder follows School Data Sync rather than the standard.
    pub fn is_sds(self) -> bool {
        matches!(self, Self::Sds2 | Self::Sds2p1)
    }

    /// Whether roles of people are in `roles.csv`.
    pub(crate) fn keeps_roles_apart(self) -> bool {
        matches!(self, Self::V1p2 | Self::Sds2p1)
    }

    /// Whether a file must be there for the diary to make sense of the rest.
    pub(crate) fn needs(self, file: File) -> bool {
        match file {
            File::Orgs | File::Users | File::Classes | File::Enrollments => true,
            File::AcademicSessions => !self.is_sds(),
            File::Roles => self.keeps_roles_apart(),
            _ => false,
        }
    }
}

/// Which versions must have a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Always,
    Standard,
    /// Those that keep roles and schools of people in `users.csv`; 1.1 also demands a score.
    WithoutRoles,
    Never,
}

impl Need {
    pub(crate) fn holds(self, version: Version) -> bool {
        match self {
            Self::Always => true,
            Self::Standard => !version.is_sds(),
            Self::WithoutRoles => matches!(version, Version::V1p1 | Version::Sds2),
            Self::Never => false,
        }
    }
}

/// A column by its name in the standard, then by the names other exporters give it.
pub(crate) struct Column {
    pub(crate) names: &'static [&'static str],
    pub(crate) need: Need,
}

const fn must(names: &'static [&'static str]) -> Column {
    Column { names, need: Need::Always }
}

const fn standard(names: &'static [&'static str]) -> Column {
    Column { names, need: Need::Standard }
}

const fn without_roles(names: &'static [&'static str]) -> Column {
    Column { names, need: Need::WithoutRoles }
}

const fn may(names: &'static [&'static str]) -> Column {
    Column { names, need: Need::Never }
}

const ORGS: &[Column] = &[
    must(&["sourcedId"]),
    may(&["status"]),
    must(&["name"]),
    must(&["type"]),
    may(&["identifier"]),
    may(&["parentSourcedId"]),
];

const ACADEMIC_SESSIONS: &[Column] = &[
    must(&["sourcedId"]),
    may(&["status"]),
    must(&["title"]),
    must(&["type"]),
    must(&["startDate"]),
    must(&["endDate"]),
    may(&["parentSourcedId"]),
    may(&["schoolYear"]),
];

const COURSES: &[Column] = &[
    must(&["sourcedId"]),
    may(&["status"]),
    may(&["schoolYearSourcedId"]),
    must(&["title"]),
    may(&["courseCode", "code"]),
    may(&["grades", "grade"]),
    may(&["orgSourcedId"]),
    may(&["subjects", "subject"]),
    may(&["subjectCodes"]),
];

const CLASSES: &[Column] = &[
    must(&["sourcedId"]),
    may(&["status"]),
    must(&["title"]),
    may(&["grades", "grade"]),
    may(&["courseSourcedId"]),
    may(&["classCode", "code"]),
    standard(&["classType"]),
    may(&["location"]),
    must(&["schoolSourcedId", "orgSourcedId"]),
    standard(&["termSourcedIds", "sessionSourcedIds"]),
    may(&["subjects", "subject"]),
    may(&["subjectCodes"]),
    may(&["periods"]),
];

const USERS: &[Column] = &[
    must(&["sourcedId"]),
    may(&["status"]),
    may(&["enabledUser"]),
    without_roles(&["orgSourcedIds"]),
    without_roles(&["role"]),
    may(&["username"]),
    must(&["givenName"]),
    must(&["familyName"]),
    may(&["middleName"]),
    may(&["preferredGivenName"]),
    may(&["preferredMiddleName"]),
    may(&["preferredFamilyName"]),
    may(&["identifier"]),
    may(&["email"]),
    may(&["phone"]),
    may(&["agentSourcedIds"]),
    may(&["grades", "grade"]),
    may(&["primaryOrgSourcedId"]),
];

const ROLES: &[Column] = &[
    standard(&["sourcedId"]),
    may(&["status"]),
    must(&["userSourcedId"]),
    may(&["roleType"]),
    must(&["role"]),
    may(&["beginDate", "roleStartDate"]),
    may(&["endDate", "roleEndDate"]),
    must(&["orgSourcedId"]),
    may(&["sessionSourcedId"]),
    may(&["grade"]),
    may(&["isPrimary"]),
];

const ENROLLMENTS: &[Column] = &[
    standard(&["sourcedId"]),
    may(&["status"]),
    must(&["classSourcedId"]),
    may(&["schoolSourcedId"]),
    must(&["userSourcedId"]),
    must(&["role"]),
    may(&["primary"]),
    may(&["beginDate"]),
    may(&["endDate"]),
];

/// Race, ethnicity and birth place are not here, so they are never read.
const DEMOGRAPHICS: &[Column] =
    &[must(&["sourcedId", "userSourcedId"]), may(&["status"]), may(&["birthDate"]), may(&["sex"])];

const CATEGORIES: &[Column] = &[must(&["sourcedId"]), may(&["status"]), must(&["title"]), may(&["weight"])];

const RELATIONSHIPS: &[Column] =
    &[may(&["status"]), must(&["userSourcedId"]), must(&["relationshipUserSourcedId"]), must(&["relationshipRole"])];

const LINE_ITEMS: &[Column] = &[
    must(&["sourcedId"]),
    may(&["status"]),
    must(&["title"]),
    may(&["description"]),
    must(&["assignDate"]),
    must(&["dueDate"]),
    must(&["classSourcedId"]),
    must(&["categorySourcedId"]),
    may(&["academicSessionSourcedId", "gradingPeriodSourcedId"]),
    may(&["resultValueMin"]),
    may(&["resultValueMax"]),
    may(&["schoolSourcedId"]),
    may(&["scoreScaleSourcedId"]),
];

const RESULTS: &[Column] = &[
    must(&["sourcedId"]),
    may(&["status"]),
    must(&["lineItemSourcedId"]),
    must(&["studentSourcedId"]),
    must(&["scoreStatus"]),
    without_roles(&["score"]),
    may(&["textScore"]),
    must(&["scoreDate"]),
    may(&["comment"]),
    may(&["inProgress"]),
    may(&["incomplete"]),
    may(&["late"]),
    may(&["missing"]),
];
