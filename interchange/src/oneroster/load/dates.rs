//! School years and the dates a row leaves out.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use domain::periods::school_year_of;

use super::held::Held;
use crate::oneroster::{AcademicSession, Class, Course, SessionKind};

/// A first and a last day.
pub(super) type Span = (NaiveDate, NaiveDate);

/// The sessions of a bundle, to ask for years and days.
pub(super) struct Years<'a> {
    sessions: HashMap<&'a str, &'a AcademicSession>,
    courses: HashMap<&'a str, &'a Course>,
    first: Option<NaiveDate>,
    now: i32,
    held: &'a Held,
}

impl<'a> Years<'a> {
    pub(super) fn new(
        sessions: &'a [AcademicSession],
        courses: &'a [Course],
        held: &'a Held,
        now: NaiveDateTime,
    ) -> Self {
        Self {
            sessions: sessions.iter().map(|session| (session.sourced_id.as_str(), session)).collect(),
            courses: courses.iter().map(|course| (course.sourced_id.as_str(), course)).collect(),
            first: sessions.iter().map(|session| session.start).min(),
            now: school_year_of(now.date()),
            held,
        }
    }

    /// The school year of a session: that of the school year above it, else of its own first day.
    pub(super) fn of_session(&self, session: &AcademicSession) -> i32 {
        let (mut at, mut start) = (Some(session), session.start);
        while let Some(here) = at {
            if here.kind == SessionKind::SchoolYear {
                start = here.start;
            }
            at = here.parent.as_deref().and_then(|parent| self.sessions.get(parent).copied());
        }
        school_year_of(start)
    }

    /// The school year of a class: that of its sessions, else of its course, else the one that runs now.
    pub(super) fn of_class(&self, class: &Class) -> i32 {
        let told = self.sessions_of(class).iter().map(|session| self.of_session(session)).min();
        told.or_else(|| self.held.year_of(class)).unwrap_or(self.now)
    }

    /// From when to when a class meets, as far as the bundle says; else the school year that runs now.
    pub(super) fn span(&self, class: &Class) -> Span {
        let sessions = self.sessions_of(class);
        let start = sessions.iter().map(|session| session.start).min();
        let end = sessions.iter().map(|session| session.end).max();
        start.zip(end).unwrap_or_else(|| self.year(self.of_class(class)))
    }

    /// The days of a school year, by its periods in the diary where the bundle tells changes.
    pub(super) fn year(&self, year: i32) -> Span {
        let of_year = || self.held.periods.values().filter(|period| period.school_year == year);
        let start = of_year().map(|period| period.starts_on).min();
        start.zip(of_year().map(|period| period.ends_on).max()).unwrap_or_else(|| school_year(year))
    }

    /// The first day a pupil may be at the school if no enrolment tells.
    pub(super) fn first_day(&self) -> NaiveDate {
        self.first.unwrap_or_else(|| school_year(self.now).0)
    }

    fn sessions_of(&self, class: &Class) -> Vec<&'a AcademicSession> {
        let own = class.terms.iter().filter_map(|term| self.sessions.get(term.as_str()).copied());
        let own: Vec<_> = own.collect();
        if !own.is_empty() {
            return own;
        }
        let course = class.course.as_deref().and_then(|course| self.courses.get(course));
        let year = course.and_then(|course| course.school_year.as_deref());
        year.and_then(|year| self.sessions.get(year).copied()).into_iter().collect()
    }
}

/// The days of a school year nobody described: 1 July parts two years.
fn school_year(year: i32) -> Span {
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    (day(year, 7, 1), day(year + 1, 6, 30))
}

/// The days as written; what is not written comes from `span`, or from the school year of the day that is, where the two
/// would contradict each other.
pub(super) fn within(begin: Option<NaiveDate>, end: Option<NaiveDate>, span: Span) -> Span {
    match (begin, end) {
        (Some(begin), Some(end)) => (begin, end),
        (Some(begin), None) if begin > span.1 => (begin, school_year(school_year_of(begin)).1),
        (None, Some(end)) if end < span.0 => (school_year(school_year_of(end)).0, end),
        _ => (begin.unwrap_or(span.0), end.unwrap_or(span.1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn session(id: &str, kind: SessionKind, start: &str, end: &str, parent: Option<&str>) -> AcademicSession {
        AcademicSession {
            line: 2,
            sourced_id: id.to_owned(),
            title: id.to_owned(),
            kind,
            start: day(start),
            end: day(end),
            parent: parent.map(str::to_owned),
            school_year: None,
        }
    }

    #[test]
    fn a_session_is_of_the_year_above_it() {
        let sessions = [
            session("y", SessionKind::SchoolYear, "2026-02-01", "2026-12-10", None),
            session("t", SessionKind::Term, "2026-07-20", "2026-09-25", Some("y")),
            session("g", SessionKind::GradingPeriod, "2026-08-20", "2026-09-25", Some("t")),
            session("s", SessionKind::Semester, "2026-08-20", "2026-12-25", None),
        ];
        let held = Held::default();
        let years = Years::new(&sessions, &[], &held, NaiveDateTime::default());
        assert_eq!([0, 1, 2, 3].map(|at| years.of_session(&sessions[at])), [2025, 2025, 2025, 2026]);
    }

    #[test]
    fn days_as_written_stay_and_others_come_from_the_class() {
        let span = (day("2026-09-01"), day("2026-12-24"));
        let cases = [
            ((None, None), ("2026-09-01", "2026-12-24")),
            ((Some("2026-10-05"), None), ("2026-10-05", "2026-12-24")),
            ((None, Some("2026-10-05")), ("2026-09-01", "2026-10-05")),
            ((Some("2022-03-15"), Some("2022-06-15")), ("2022-03-15", "2022-06-15")),
            ((Some("2027-01-10"), None), ("2027-01-10", "2027-06-30")),
            ((None, Some("2026-06-15")), ("2025-07-01", "2026-06-15")),
        ];
        for ((begin, end), (first, last)) in cases {
            assert_eq!(within(begin.map(day), end.map(day), span), (day(first), day(last)));
        }
    }
}
