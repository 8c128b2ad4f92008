//! The files of a bundle that the diary reads, and what kinds of bundles there are.

use std::fmt;

use super::columns::{self, Column};

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
    /// What symbols stand for which scores (1.2).
    ScoreScales,
    /// Assessed works.
    LineItems,
    /// Which scale an assessed work has (1.2).
    LineItemScoreScales,
    /// Scores.
    Results,
    /// Which scale a score has (1.2).
    ResultScoreScales,
    /// Log-ins to other systems (1.2): not kept.
    UserProfiles,
    /// Books and sites: not kept, like all that follows.
    Resources,
    /// Which of them a course has.
    CourseResources,
    /// Which of them a class has.
    ClassResources,
    /// Which of them a person has (1.2).
    UserResources,
    /// What a work is to teach (1.2).
    LineItemLearningObjectiveIds,
    /// What a score says of that (1.2).
    ResultLearningObjectiveIds,
}

impl File {
    /// All of them, in the order of reading.
    pub const ALL: [Self; 22] = [
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
        Self::ScoreScales,
        Self::LineItems,
        Self::LineItemScoreScales,
        Self::Results,
        Self::ResultScoreScales,
        Self::UserProfiles,
        Self::Resources,
        Self::CourseResources,
        Self::ClassResources,
        Self::UserResources,
        Self::LineItemLearningObjectiveIds,
        Self::ResultLearningObjectiveIds,
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
            Self::ScoreScales => "scoreScales.csv",
            Self::LineItemScoreScales => "lineItemScoreScales.csv",
            Self::ResultScoreScales => "resultScoreScales.csv",
            Self::UserProfiles => "userProfiles.csv",
            Self::Resources => "resources.csv",
            Self::CourseResources => "courseResources.csv",
            Self::ClassResources => "classResources.csv",
            Self::UserResources => "userResources.csv",
            Self::LineItemLearningObjectiveIds => "lineItemLearningObjectiveIds.csv",
            Self::ResultLearningObjectiveIds => "resultLearningObjectiveIds.csv",
        }
    }

    /// Its place in the order of reading.
    pub(crate) fn place(self) -> usize {
        self as usize
    }

    /// Whether its rows make nothing of their own in the diary: they are checked and, where they name a scale, used.
    pub(crate) fn is_aside(self) -> bool {
        !matches!(self, Self::LineItems | Self::Results) && self >= Self::ScoreScales
    }

    /// The columns looked at.
    pub(crate) fn columns(self) -> &'static [Column] {
        match self {
            Self::Orgs => columns::ORGS,
            Self::AcademicSessions => columns::ACADEMIC_SESSIONS,
            Self::Courses => columns::COURSES,
            Self::Classes => columns::CLASSES,
            Self::Users => columns::USERS,
            Self::Roles => columns::ROLES,
            Self::Enrollments => columns::ENROLLMENTS,
            Self::Demographics => columns::DEMOGRAPHICS,
            Self::Categories => columns::CATEGORIES,
            Self::Relationships => columns::RELATIONSHIPS,
            Self::LineItems => columns::LINE_ITEMS,
            Self::Results => columns::RESULTS,
            Self::ScoreScales => columns::SCORE_SCALES,
            Self::LineItemScoreScales => columns::LINE_ITEM_SCORE_SCALES,
            Self::ResultScoreScales => columns::RESULT_SCORE_SCALES,
            Self::UserProfiles => columns::USER_PROFILES,
            Self::Resources => columns::RESOURCES,
            Self::CourseResources => columns::COURSE_RESOURCES,
            Self::ClassResources => columns::CLASS_RESOURCES,
            Self::UserResources => columns::USER_RESOURCES,
            Self::LineItemLearningObjectiveIds => columns::LINE_ITEM_OBJECTIVES,
            Self::ResultLearningObjectiveIds => columns::RESULT_OBJECTIVES,
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
