//! From grades to results: forecasts, other grades, schemes a school chooses, closing a period.

mod closing;
mod command;
mod forecasts;
mod races;
mod schemes;
mod years;

use domain::closing::{self as closings, Closed};
use domain::db::{Conn, Db, Touch};
use domain::intake::{self, Outcome, Writer};
use domain::schemes::{self as written, Choice};
use domain::types::{GradeKind, GradeStatus, PeriodGradeKind, PeriodId};
use support::app::noon;
use support::school::{School, day};

pub fn writer(school: &School) -> Writer {
    Writer { school: school.id, staff: None, client: None, now: noon(), reopen: false, baseline: false }
}

pub fn period(db: &Db, school: &School, number: &str) -> PeriodId {
    db.read_here(|conn| closings::find(conn, school.id, number)).unwrap().id
}

pub fn close(db: &Db, school: &School, number: &str) -> Closed {
    closings::close(db, writer(school), period(db, school, number)).unwrap()
}

pub fn reopen(db: &Db, school: &School, number: &str) -> bool {
    let id = period(db, school, number);
    let scope = |conn: &mut Conn| closings::scope(conn, school.id, id);
    db.write_children_here(scope, |conn, touch| closings::reopen(conn, touch, writer(school), id)).unwrap()
}

/// Writes about schemes.
pub fn decide<T>(
    db: &Db,
    school: &School,
    work: impl Fn(&mut Conn, &mut Touch) -> domain::Result<T>,
) -> domain::Result<T> {
    db.write_children_here(|_| Ok(written::scope(school.id)), work)
}

pub fn choose(db: &Db, school: &School, subject: Option<&str>, level: Option<i32>, scheme: &str) {
    let (subject, scheme) = (subject.map(str::to_owned), scheme.to_owned());
    let choice = Choice { school_year: 2026, subject, level, scheme };
    decide(db, school, |conn, touch| written::choose(conn, touch, writer(school), &choice)).unwrap();
}

/// A section or term work of the second quarter, in whole points.
pub fn work(school: &School, number: &str, kind: GradeKind, points: i64, most: i64) -> intake::Grade {
    intake::Grade {
        lesson: None,
        kind,
        value: Some(points.to_string()),
        points: Some(points * 100),
        max_points: Some(most * 100),
        graded_on: day("2026-11-20"),
        ..school.grade(number, "p1", "1")
    }
}

/// What the journal sets in algebra.
pub fn set(number: &str, student: &str, period: &str, kind: PeriodGradeKind, value: &str) -> intake::PeriodGrade {
    intake::PeriodGrade {
        external_id: number.to_owned(),
        student: student.to_owned(),
        subject: "alg".to_owned(),
        period: period.to_owned(),
        kind,
        status: GradeStatus::Graded,
        value: Some(value.to_owned()),
        percent: None,
    }
}

/// The codes of the flaws, `""` where an item was taken.
pub fn flaws(outcomes: &[Outcome]) -> Vec<&str> {
    let code = |outcome: &'_ Outcome| match outcome {
        Outcome::Rejected(flaw) => flaw.code,
        _ => "",
    };
    outcomes.iter().map(code).collect()
}
