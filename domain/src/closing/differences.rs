//! Where the journal and the engine come to different grades: told to the school, not to parents.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::Result;
use crate::db::{Conn, on_backend};
use crate::periods::Period;
use crate::schema::{enrolments, period_grades, results, subjects};
use crate::types::{ChildId, GradeStatus, Names, PeriodGradeKind, Source, SubjectId};

/// The engine comes to one grade, the journal has another. Percent in hundredths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The school's own number of the pupil.
    pub student: String,
    pub subject: Names,
    pub kind: PeriodGradeKind,
    pub journal: Grade,
    pub engine: Grade,
    /// What the engine's grade comes from, where it counts points.
    pub percent: Option<i64>,
}

/// A symbol, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Grade {
    pub status: GradeStatus,
    pub value: Option<String>,
}

type Row = (ChildId, (SubjectId, Names), PeriodGradeKind, Grade, Grade, Option<Names>, Option<i64>);

/// The differences of a closed period, by pupil. The journal's grade is the one it has now: what it sent after the closing is
/// not what families read, and the school must know.
pub fn differences(conn: &mut Conn, period: &Period) -> Result<Vec<Difference>> {
    let Some(closed_at) = period.closed_at else { return Ok(Vec::new()) };
    let same = period_grades::child_id
        .eq(results::child_id)
        .and(period_grades::subject_id.eq(results::subject_id))
        .and(period_grades::period_id.eq(results::period_id))
        .and(period_grades::kind.eq(results::kind));
    let query = results::table
        .inner_join(period_grades::table.on(same))
        .inner_join(subjects::table.on(subjects::id.eq(results::subject_id)))
        .filter(results::period_id.eq(period.id).and(results::frozen_at.eq(closed_at)))
        .filter(results::source.eq(Source::Engine))
        .order((results::child_id, results::subject_id, results::kind))
        .select((
            results::child_id,
            (subjects::id, subjects::names),
            results::kind,
            (period_grades::status, period_grades::value),
            (results::status, results::value),
            results::names,
            results::percent,
        ));
    let mut found: Vec<Row> = on_backend!(conn => query.load(conn))?;
    found.retain(|(_, _, _, journal, engine, names, _)| !same_grade(journal, engine, names.as_ref()));
    let numbers = numbers(conn, period, found.iter().map(|row| row.0).collect())?;
    let difference = |(child, (_, subject), kind, journal, engine, _, percent): Row| {
        let student = numbers.get(&child).cloned().unwrap_or_default();
        Difference { student, subject, kind, journal, engine, percent }
    };
    Ok(found.into_iter().map(difference).collect())
}

fn same_grade(journal: &Grade, engine: &Grade, names: Option<&Names>) -> bool {
    let text = |grade: &Grade| grade.value.as_deref().unwrap_or_default().trim().to_lowercase();
    let is_journals = |name: &String| name.to_lowercase() == text(journal);
    let same = text(journal) == text(engine) || names.is_some_and(|names| names.0.values().any(is_journals));
    journal.status == engine.status && same
}

/// The school's own numbers of these children, those they have now.
fn numbers(conn: &mut Conn, period: &Period, children: Vec<ChildId>) -> Result<HashMap<ChildId, String>> {
    let query = enrolments::table
        .filter(enrolments::school_id.eq(period.school).and(enrolments::child_id.eq_any(children)))
        .order((enrolments::starts_on, enrolments::id))
        .select((enrolments::child_id, enrolments::external_id));
    Ok(on_backend!(conn => query.load::<(ChildId, String)>(conn))?.into_iter().collect())
}
