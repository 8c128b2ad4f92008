//! Assessments: the pieces of work that are graded, upcoming and past.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::access::ChildAccess;
use crate::db::{Conn, on_backend};
use crate::schema::{assessments, course_members, courses, subjects};
use crate::timetable::Subject;
use crate::types::{AssessmentId, GradeKind, LessonId};

/// A piece of work; points in hundredths.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Serialize, Deserialize)]
pub struct Assessment {
    pub id: AssessmentId,
    pub lesson: Option<LessonId>,
    pub kind: GradeKind,
    pub title: String,
    pub date: NaiveDate,
    pub max_points: Option<i64>,
    pub subject: Subject,
}

macro_rules! columns {
    () => {
        (
            assessments::id,
            assessments::lesson_id,
            assessments::kind,
            assessments::title,
            assessments::date,
            assessments::max_points,
            (subjects::id, subjects::names),
        )
    };
}

/// The child's assessments from `from` to `to`, both included.
pub fn between(conn: &mut Conn, access: &ChildAccess, from: NaiveDate, to: NaiveDate) -> Result<Vec<Assessment>> {
    let query = course_members::table
        .inner_join(assessments::table.on(assessments::course_id.eq(course_members::course_id)))
        .inner_join(courses::table.on(courses::id.eq(assessments::course_id)))
        .inner_join(subjects::table.on(subjects::id.eq(courses::subject_id)))
        .filter(course_members::child_id.eq(access.child()))
        .filter(assessments::date.between(from, to))
        .filter(course_members::starts_on.le(assessments::date))
        .filter(course_members::ends_on.is_null().or(course_members::ends_on.ge(assessments::date.nullable())))
        .order((assessments::date, assessments::id))
        .select(columns!());
    let mut found = on_backend!(conn => query.load::<Assessment>(conn))?;
    found.dedup_by_key(|assessment| assessment.id);
    Ok(found)
}

/// The assessments with these ids, as events tell of them.
pub(crate) fn told(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(i64, Assessment)>> {
    let query = assessments::table
        .inner_join(courses::table.inner_join(subjects::table))
        .filter(assessments::id.eq_any(ids))
        .select((assessments::id, columns!()));
    Ok(on_backend!(conn => query.load(conn))?)
}
