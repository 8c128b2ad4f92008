//! What one line is released for: a cohort, a subject and a period.

use std::fmt;

/// The children a line is the middle of. Cohorts partition the children of a school year: a class stands alone, or it is
/// part of its level's parallel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cohort {
    /// A class by its number.
    Class(i64),
    /// The classes of one level that do not stand alone.
    Parallel { school: i64, school_year: i32, level: i32 },
}

/// One release, for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Unit {
    pub cohort: Cohort,
    pub subject: i64,
    pub period: i64,
}

impl fmt::Display for Cohort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Class(class) => write!(f, "class {class}"),
            Self::Parallel { school, school_year, level } => {
                write!(f, "school {school} year {school_year} level {level}")
            }
        }
    }
}

/// The one spelling of a unit: the text the random source is keyed with, so it never changes.
impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} subject {} period {}", self.cohort, self.subject, self.period)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_that_differ_are_spelt_differently_and_for_ever_so() {
        let class = Unit { cohort: Cohort::Class(7), subject: 3, period: 2 };
        let parallel = Cohort::Parallel { school: 1, school_year: 2026, level: 7 };
        assert_eq!(class.to_string(), "class 7 subject 3 period 2");
        assert_eq!(Unit { cohort: parallel, ..class }.to_string(), "school 1 year 2026 level 7 subject 3 period 2");
    }
}
