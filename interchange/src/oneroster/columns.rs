//! The columns of each file that the diary looks at; every other column stays unread.

use super::files::Version;

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

pub(super) const ORGS: &[Column] = &[
    must(&["sourcedId"]),
    may(&["status"]),
    must(&["name"]),
    must(&["type"]),
    may(&["identifier"]),
    may(&["parentSourcedId"]),
];

pub(super) const ACADEMIC_SESSIONS: &[Column] = &[
    must(&["sourcedId"]),
    may(&["status"]),
    must(&["title"]),
    must(&["type"]),
    must(&["startDate"]),
    must(&["endDate"]),
    may(&["parentSourcedId"]),
    may(&["schoolYear"]),
];

pub(super) const COURSES: &[Column] = &[
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

pub(super) const CLASSES: &[Column] = &[
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

pub(super) const USERS: &[Column] = &[
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

pub(super) const ROLES: &[Column] = &[
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

pub(super) const ENROLLMENTS: &[Column] = &[
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
pub(super) const DEMOGRAPHICS: &[Column] =
    &[must(&["sourcedId", "userSourcedId"]), may(&["status"]), may(&["birthDate"]), may(&["sex"])];

pub(super) const CATEGORIES: &[Column] = &[must(&["sourcedId"]), may(&["status"]), must(&["title"]), may(&["weight"])];

pub(super) const RELATIONSHIPS: &[Column] =
    &[may(&["status"]), must(&["userSourcedId"]), must(&["relationshipUserSourcedId"]), must(&["relationshipRole"])];

pub(super) const LINE_ITEMS: &[Column] = &[
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

pub(super) const RESULTS: &[Column] = &[
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

pub(super) const SCORE_SCALES: &[Column] =
    &[must(&["sourcedId"]), may(&["status"]), must(&["title"]), may(&["classSourcedId"]), must(&["scoreScaleValue"])];

pub(super) const LINE_ITEM_SCORE_SCALES: &[Column] =
    &[must(&["sourcedId"]), may(&["status"]), must(&["lineItemSourcedId"]), must(&["scoreScaleSourcedId"])];

pub(super) const RESULT_SCORE_SCALES: &[Column] =
    &[must(&["sourcedId"]), may(&["status"]), must(&["resultSourcedId"]), must(&["scoreScaleSourcedId"])];

/// Log-ins and passwords are not here, so they are never read.
pub(super) const USER_PROFILES: &[Column] = &[must(&["sourcedId"]), may(&["status"]), may(&["userSourcedId"])];

pub(super) const RESOURCES: &[Column] = &[must(&["sourcedId"]), may(&["status"])];

pub(super) const COURSE_RESOURCES: &[Column] =
    &[must(&["sourcedId"]), may(&["status"]), may(&["courseSourcedId"]), may(&["resourceSourcedId"])];

pub(super) const CLASS_RESOURCES: &[Column] =
    &[must(&["sourcedId"]), may(&["status"]), may(&["classSourcedId"]), may(&["resourceSourcedId"])];

pub(super) const USER_RESOURCES: &[Column] =
    &[must(&["sourcedId"]), may(&["status"]), may(&["userSourcedId"]), may(&["resourceSourcedId"])];

pub(super) const LINE_ITEM_OBJECTIVES: &[Column] =
    &[must(&["sourcedId"]), may(&["status"]), may(&["lineItemSourcedId"])];

pub(super) const RESULT_OBJECTIVES: &[Column] = &[must(&["sourcedId"]), may(&["status"]), may(&["resultSourcedId"])];
