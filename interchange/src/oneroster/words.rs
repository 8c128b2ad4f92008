//! The closed vocabularies of the files, matched without regard to case.

/// A word of a closed set as the files spell it.
pub(crate) trait Word: Copy + 'static {
    /// Every accepted spelling.
    const ALL: &'static [(&'static str, Self)];
    /// What a private word (`ext:…`, allowed by 1.2) is taken for, if the set allows private words.
    const OTHER: Option<Self>;

    /// The word, or nothing if the set does not hold it.
    fn read(text: &str) -> Option<Self> {
        let known = Self::ALL.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
        let private = text.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("ext:"));
        known.map(|(_, word)| *word).or(if private { Self::OTHER } else { None })
    }

    /// The accepted spellings, for the sentence that says how to mend a cell.
    fn choices() -> String {
        Self::ALL.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ")
    }
}

macro_rules! words {
    ($(
        $(#[$doc:meta])* $name:ident $(or $other:ident)? {
            $($(#[$note:meta])* $variant:ident $(= $text:literal $(| $more:literal)*)?),* $(,)?
        }
    )*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$note])* $variant),* }

        impl Word for $name {
            const ALL: &'static [(&'static str, Self)] =
                &[$($(($text, Self::$variant), $(($more, Self::$variant),)*)?)*];
            #[allow(unused_assignments, unused_mut)]
            const OTHER: Option<Self> = {
                let mut other = None;
                $(other = Some(Self::$other);)?
                other
            };
        }
    )*};
}

words! {
    /// What an organisation is.
    OrgKind or Other {
        /// The one that has pupils; later files name it as their school.
        School = "school",
        /// A part of a school; some exporters put classes straight under it.
        Department = "department",
        /// Several schools under one office.
        District = "district",
        /// A town or county.
        Local = "local",
        /// A state, region or oblast.
        State = "state",
        /// A country.
        National = "national",
        /// A ministry, in School Data Sync folders.
        Ministry = "ministryOfEducation",
        /// A college, in School Data Sync folders.
        College = "college",
        /// A university, in School Data Sync folders.
        University = "university",
        /// A kind of the exporter's own.
        Other,
    }

    /// What an academic session is.
    SessionKind or Other {
        /// A period that grades are given for, usually inside a term.
        GradingPeriod = "gradingPeriod",
        /// Half a year.
        Semester = "semester",
        /// A whole school year.
        SchoolYear = "schoolYear",
        /// A term or quarter.
        Term = "term",
        /// A kind of the exporter's own.
        Other,
    }

    /// Whether a class is where pupils belong or a course they are taught.
    ClassKind or Other {
        /// The class a pupil belongs to.
        Homeroom = "homeroom",
        /// A subject taught to a group.
        Scheduled = "scheduled",
        /// A kind of the exporter's own.
        Other,
    }

    /// What a person is in a school or in a class.
    Role or Other {
        /// Learns.
        Student = "student",
        /// Teaches; School Data Sync says professor, lecturer, faculty, adjunct too.
        Teacher = "teacher" | "professor" | "lecturer" | "faculty" | "adjunct",
        /// Mother or father.
        Parent = "parent",
        /// Answers for a child by law.
        Guardian = "guardian",
        /// Another member of the family.
        Relative = "relative",
        /// Helps a teacher.
        Aide = "aide",
        /// Watches an exam.
        Proctor = "proctor",
        /// Advises pupils.
        Counselor = "counselor",
        /// Leads the school.
        Principal = "principal",
        /// Runs the school, the district or their systems.
        Administrator = "administrator" | "siteAdministrator" | "districtAdministrator" | "systemAdministrator",
        /// Works in a school otherwise, in School Data Sync folders.
        Staff = "staff",
        /// A role of the exporter's own.
        Other,
    }

    /// Whether a role is the person's main one in that organisation.
    RoleKind {
        /// The main one.
        Primary = "primary",
        /// One more.
        Secondary = "secondary",
    }

    /// A person's sex as the school recorded it.
    Sex or Other {
        /// Female.
        Female = "female",
        /// Male.
        Male = "male",
        /// Recorded as something else.
        Other = "other",
        /// Recorded as not given.
        Unspecified = "unspecified" | "unknown",
    }

    /// How far a piece of work has come.
    ScoreStatus {
        /// Excused: no score, never zero.
        Exempt = "exempt",
        /// Done.
        FullyGraded = "fully graded",
        /// Nothing handed in.
        NotSubmitted = "not submitted",
        /// A score that may still change.
        PartiallyGraded = "partially graded",
        /// Handed in, not looked at.
        Submitted = "submitted",
    }

    /// How a contact is related to a pupil in `relationships.csv`.
    RelationshipKind {
        /// Mother or father.
        Parent = "parent",
        /// Answers for the child by law.
        Guardian = "guardian",
        /// Another member of the family.
        Relative = "relative" | "grandparent",
        /// Someone to call, who has no business in a diary.
        Contact = "aide" | "child" | "doctor" | "emergencyContact" | "other" | "sibling" | "spouse",
    }

    /// Whether a row still stands.
    Status {
        /// It does.
        Active = "active",
        /// It no longer does.
        ToBeDeleted = "tobedeleted" | "inactive",
    }
}

impl Role {
    /// Whether someone in this role may be a child's guardian in the diary.
    pub fn is_family(self) -> bool {
        matches!(self, Self::Parent | Self::Guardian | Self::Relative)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_match_in_any_case() {
        assert_eq!(Role::read("PROFESSOR"), Some(Role::Teacher));
        assert_eq!(ClassKind::read("Scheduled"), Some(ClassKind::Scheduled));
        assert_eq!(OrgKind::read("ministryofeducation"), Some(OrgKind::Ministry));
        assert_eq!(ScoreStatus::read("Fully Graded"), Some(ScoreStatus::FullyGraded));
    }

    #[test]
    fn a_private_word_is_other_only_where_the_set_allows_it() {
        assert_eq!(Role::read("ext:librarian"), Some(Role::Other));
        assert_eq!(Role::read("librarian"), None);
        assert_eq!(ScoreStatus::read("ext:curved"), None);
        assert_eq!(Role::read("пе"), None);
    }

    #[test]
    fn a_mend_lists_every_spelling() {
        assert_eq!(RoleKind::choices(), "primary, secondary");
    }
}
