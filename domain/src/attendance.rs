//! Attendance: absences, illness and lateness, lesson by lesson.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::access::ChildAccess;
use crate::db::{Conn, on_backend};
use crate::schema::{attendance, courses, lessons, subjects};
use crate::timetable::{Presence, Subject};
use crate::types::LessonId;

/// What was noted for one lesson.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Serialize, Deserialize)]
pub struct Noted {
    pub lesson: LessonId,
    pub date: NaiveDate,
    pub number: i32,
    pub subject: Subject,
    pub presence: Presence,
}

macro_rules! columns {
    () => {
        (
            lessons::id,
            attendance::date,
            lessons::number,
            (subjects::id, subjects::names),
            (attendance::status, attendance::minutes_late, attendance::comment),
        )
    };
}

/// What was noted for the child from `from` to `to`, both included, in the order of the lessons.
pub fn between(conn: &mut Conn, access: &ChildAccess, from: NaiveDate, to: NaiveDate) -> Result<Vec<Noted>> {
    Ok(attendance::table
        .inner_join(lessons::table)
        .inner_join(courses::table.on(courses::id.eq(lessons::course_id)))
        .inner_join(subjects::table.on(subjects::id.eq(courses::subject_id)))
        .filter(attendance::child_id.eq(access.child()).and(attendance::date.between(from, to)))
        .order((attendance::date, lessons::number, attendance::id))
        .select(columns!())
        .load(conn)?)
}

/// What was noted under these ids, as events tell of it.
pub(crate) fn told(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(i64, Noted)>> {
    let query = attendance::table
        .inner_join(lessons::table)
        .inner_join(courses::table.on(courses::id.eq(lessons::course_id)))
        .inner_join(subjects::table.on(subjects::id.eq(courses::subject_id)))
        .filter(attendance::id.eq_any(ids))
        .select((attendance::id, columns!()));
    Ok(on_backend!(conn => query.load(conn))?)
}
