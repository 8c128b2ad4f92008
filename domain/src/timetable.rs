//! Lessons: what a child has when, with whom, what changed, and whether it was there.

use chrono::{NaiveDate, NaiveTime};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::access::ChildAccess;
use crate::db::{Conn, on_backend};
use crate::schema::{attendance, course_members, courses, lessons, staff, subjects};
use crate::types::{AttendanceStatus, ChildId, CourseId, LessonId, LessonStatus, Names, StaffId, SubjectId};

/// One meeting of a course, as one child sees it. Times are local to the school.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Serialize, Deserialize)]
pub struct Lesson {
    pub id: LessonId,
    pub date: NaiveDate,
    pub number: i32,
    pub starts_at: NaiveTime,
    pub ends_at: NaiveTime,
    pub room: Option<String>,
    pub topic: Option<String>,
    pub status: LessonStatus,
    pub change: Option<Change>,
    pub course: Course,
    pub subject: Subject,
    pub teacher: Option<Teacher>,
    pub attendance: Option<Presence>,
}

/// What a lesson was before it was changed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, FromSqlRow)]
#[serde(rename_all = "camelCase", default)]
pub struct Change {
    pub reason: Option<String>,
    pub previous_teacher: Option<String>,
    pub previous_room: Option<String>,
    /// `HH:MM`, local.
    pub previous_starts_at: Option<String>,
}

impl<DB: Backend> FromSql<Text, DB> for Change
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(serde_json::from_str(&String::from_sql(bytes)?)?)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Serialize, Deserialize)]
pub struct Course {
    pub id: CourseId,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Serialize, Deserialize)]
pub struct Subject {
    pub id: SubjectId,
    pub names: Names,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Serialize, Deserialize)]
pub struct Teacher {
    pub id: StaffId,
    pub first: String,
    pub last: String,
    pub middle: Option<String>,
}

impl Teacher {
    /// "Last First Middle".
    pub fn name(&self) -> String {
        let parts = [Some(self.last.as_str()), Some(self.first.as_str()), self.middle.as_deref()];
        parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// Whether the child was there.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Serialize, Deserialize)]
pub struct Presence {
    pub status: AttendanceStatus,
    pub minutes_late: Option<i32>,
    pub comment: Option<String>,
}

macro_rules! columns {
    () => {
        (
            lessons::id,
            lessons::date,
            lessons::number,
            lessons::starts_at,
            lessons::ends_at,
            lessons::room,
            lessons::topic,
            lessons::status,
            lessons::change,
            (courses::id, courses::name),
            (subjects::id, subjects::names),
            (staff::id, staff::first_name, staff::last_name, staff::middle_name).nullable(),
            (attendance::status, attendance::minutes_late, attendance::comment).nullable(),
        )
    };
}

/// The child's lessons from `from` to `to`, both included, in the order of the days: those of the courses it belonged to on
/// the day of the lesson.
pub fn lessons(conn: &mut Conn, access: &ChildAccess, from: NaiveDate, to: NaiveDate) -> Result<Vec<Lesson>> {
    let query = course_members::table
        .inner_join(lessons::table.on(lessons::course_id.eq(course_members::course_id)))
        .inner_join(courses::table.on(courses::id.eq(lessons::course_id)))
        .inner_join(subjects::table.on(subjects::id.eq(courses::subject_id)))
        .left_join(staff::table.on(staff::id.nullable().eq(lessons::staff_id)))
        .left_join(
            attendance::table
                .on(attendance::lesson_id.eq(lessons::id).and(attendance::child_id.eq(course_members::child_id))),
        )
        .filter(course_members::child_id.eq(access.child()))
        .filter(lessons::date.between(from, to))
        .filter(course_members::starts_on.le(lessons::date))
        .filter(course_members::ends_on.is_null().or(course_members::ends_on.ge(lessons::date.nullable())))
        .order((lessons::date, lessons::starts_at, lessons::number, lessons::id))
        .select(columns!());
    let mut found = on_backend!(conn => query.load::<Lesson>(conn))?;
    found.dedup_by_key(|lesson| lesson.id);
    Ok(found)
}

/// The lessons with these ids, as events tell of them: without anybody's attendance.
pub(crate) fn told(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(i64, Lesson)>> {
    let nobodys = attendance::child_id.eq(ChildId(0)).and(attendance::lesson_id.eq(lessons::id));
    let query = lessons::table
        .inner_join(courses::table.inner_join(subjects::table))
        .left_join(staff::table)
        .left_join(attendance::table.on(nobodys))
        .filter(lessons::id.eq_any(ids))
        .select((lessons::id, columns!()));
    Ok(on_backend!(conn => query.load(conn))?)
}
