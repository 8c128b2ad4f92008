//! Grades as a family reads them: the state now, page by page, and every state before it.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::access::{ChildAccess, Counters};
use crate::db::{Conn, IsAmong, on_backend};
use crate::error::Noun;
use crate::schema::{assessments, children, courses, grade_revisions, grades, schools, staff, subjects};
use crate::timetable::{Subject, Teacher};
use crate::types::{AssessmentId, GradeId, GradeKind, GradeStatus, LessonId, SubjectId};
use crate::{Error, Result};

/// What a child got. Points and weight in hundredths; `value` is what the parent reads.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Serialize, Deserialize)]
pub struct Grade {
    pub id: GradeId,
    pub lesson: Option<LessonId>,
    pub kind: GradeKind,
    pub status: GradeStatus,
    pub value: Option<String>,
    pub points: Option<i64>,
    pub max_points: Option<i64>,
    pub weight: i64,
    pub comment: Option<String>,
    pub graded_on: NaiveDate,
    pub recorded_at: NaiveDateTime,
    pub revision: i32,
    pub subject: Subject,
    pub assessment: Option<Work>,
}

/// The work a grade was given for.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Serialize, Deserialize)]
pub struct Work {
    pub id: AssessmentId,
    pub title: String,
    pub kind: GradeKind,
}

/// One state a grade was in; `by` is `None` for the school's journal.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Revision {
    pub revision: i32,
    pub status: GradeStatus,
    pub value: Option<String>,
    pub points: Option<i64>,
    pub max_points: Option<i64>,
    pub comment: Option<String>,
    pub removed: bool,
    pub recorded_at: NaiveDateTime,
    pub by: Option<Teacher>,
}

/// Which grades: each bound is optional, days are included.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    pub subject: Option<SubjectId>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

/// A place in the list of grades, newest first: what comes after this one.
pub type After = (NaiveDate, GradeId);

macro_rules! columns {
    () => {
        (
            grades::id,
            grades::lesson_id,
            grades::kind,
            grades::status,
            grades::value,
            grades::points,
            grades::max_points,
            grades::weight,
            grades::comment,
            grades::graded_on,
            grades::recorded_at,
            grades::revision,
            (subjects::id, subjects::names),
            (assessments::id, assessments::title, assessments::kind).nullable(),
        )
    };
}

/// At most `limit` grades, newest first. Few statements serve all filters, so that their plans are kept; the commonest, all
/// grades, is bounded on one side only: for a range PostgreSQL's kept plan would read every grade of the child and sort.
pub fn page(
    conn: &mut Conn,
    access: &ChildAccess,
    filter: &Filter,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Grade>> {
    let (day, id) = after.unwrap_or((LATEST, GradeId(i64::MAX)));
    let query = grades::table
        .inner_join(courses::table.inner_join(subjects::table))
        .left_join(assessments::table)
        .filter(grades::child_id.eq(access.child()).and(grades::removed.eq(false)))
        .filter(grades::graded_on.le(filter.to.map_or(day, |to| to.min(day))))
        .filter(grades::graded_on.lt(day).or(grades::id.lt(id)))
        .order((grades::graded_on.desc(), grades::id.desc()))
        .limit(limit)
        .select(columns!());
    Ok(match (filter.subject, filter.from) {
        (None, None) => on_backend!(conn => query.load(conn))?,
        (None, Some(from)) => query.filter(grades::graded_on.ge(from)).load(conn)?,
        (Some(subject), from) => query
            .filter(courses::subject_id.eq(subject).and(grades::graded_on.ge(from.unwrap_or(EARLIEST))))
            .load(conn)?,
    })
}

const EARLIEST: NaiveDate = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap();
const LATEST: NaiveDate = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap();

/// The grades given from `from` to `to`, oldest first, and the counters as of the same statement: one read less for a view.
/// The joins are flat: SQLite reads the whole table for a join within a join.
pub fn with_counters(
    conn: &mut Conn,
    access: &ChildAccess,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<(Counters, Vec<Grade>)> {
    let query = children::table
        .inner_join(schools::table)
        .left_join(grades::table.on(
            grades::child_id.eq(children::id).and(grades::removed.eq(false)).and(grades::graded_on.between(from, to)),
        ))
        .left_join(courses::table.on(courses::id.nullable().eq(grades::course_id.nullable())))
        .left_join(subjects::table.on(subjects::id.nullable().eq(courses::subject_id.nullable())))
        .left_join(assessments::table.on(assessments::id.nullable().eq(grades::assessment_id.nullable())))
        .filter(children::id.eq(access.child()))
        .order((grades::graded_on, grades::id))
        .select((children::revision, schools::revision, columns!().nullable()));
    let rows = on_backend!(conn => query.load::<(i64, i64, Option<Grade>)>(conn))?;
    let counters = rows.first().map_or(access.counters(), |row| Counters { child: row.0, school: row.1 });
    Ok((counters, rows.into_iter().filter_map(|row| row.2).collect()))
}

/// The grades with these ids that are not removed, as events tell of them.
pub(crate) fn told(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(i64, Grade)>> {
    let query = grades::table
        .inner_join(courses::table.inner_join(subjects::table))
        .left_join(assessments::table)
        .filter(grades::id.among(ids).and(grades::removed.eq(false)))
        .select((grades::id, columns!()));
    Ok(on_backend!(conn => query.load(conn))?)
}

/// Every state the grade was ever in, oldest first. A removed grade keeps its history.
pub fn history(conn: &mut Conn, access: &ChildAccess, id: GradeId) -> Result<Vec<Revision>> {
    let found: Vec<Revision> = grade_revisions::table
        .inner_join(grades::table)
        .left_join(staff::table)
        .filter(grades::id.eq(id).and(grades::child_id.eq(access.child())))
        .order(grade_revisions::revision)
        .select((
            grade_revisions::revision,
            grade_revisions::status,
            grade_revisions::value,
            grade_revisions::points,
            grade_revisions::max_points,
            grade_revisions::comment,
            grade_revisions::removed,
            grade_revisions::recorded_at,
            (staff::id, staff::first_name, staff::last_name, staff::middle_name).nullable(),
        ))
        .load(conn)?;
    if found.is_empty() { Err(Error::NotFound(Noun::Grade)) } else { Ok(found) }
}
