//! Homework: what a child has to do, and the family's own tick that it is done.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Timestamp};
use serde::{Deserialize, Serialize};

use crate::access::ChildAccess;
use crate::db::{Conn, Touch, on_backend};
use crate::error::Noun;
use crate::events::{self, Event};
use crate::files::File;
use crate::schema::{course_members, courses, homework, homework_done, subjects};
use crate::timetable::Subject;
use crate::types::{CourseId, EventKind, FileId, HomeworkId, LessonId};
use crate::{Error, Result};

/// One piece of homework, as one child has it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Serialize, Deserialize)]
pub struct Homework {
    pub id: HomeworkId,
    pub course: CourseId,
    /// The lesson it is due at.
    pub lesson: Option<LessonId>,
    pub assigned_on: NaiveDate,
    pub due_on: NaiveDate,
    pub text: String,
    pub attachments: Attachments,
    pub updated_at: NaiveDateTime,
    pub subject: Subject,
    pub done_at: Option<NaiveDateTime>,
}

/// The files of one piece of homework; a JSON list in its TEXT column.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, FromSqlRow)]
#[serde(transparent)]
pub struct Attachments(pub Vec<Attachment>);

impl Attachments {
    /// The text its column holds.
    pub(crate) fn to_column(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// A file; `size` in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    pub id: FileId,
    pub name: String,
    pub media_type: String,
    pub size: i64,
}

impl Attachment {
    pub fn of(file: File) -> Self {
        Self { id: file.id, name: file.name, media_type: file.media_type, size: file.size }
    }
}

impl<DB: Backend> FromSql<Text, DB> for Attachments
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(serde_json::from_str(&String::from_sql(bytes)?)?)
    }
}

macro_rules! columns {
    ($done_at:expr) => {
        (
            homework::id,
            homework::course_id,
            homework::lesson_id,
            homework::assigned_on,
            homework::due_on,
            homework::text,
            homework::attachments,
            homework::updated_at,
            (subjects::id, subjects::names),
            $done_at,
        )
    };
}

macro_rules! of_child {
    ($access:expr) => {
        course_members::table
            .inner_join(homework::table.on(homework::course_id.eq(course_members::course_id)))
            .inner_join(courses::table.on(courses::id.eq(homework::course_id)))
            .inner_join(subjects::table.on(subjects::id.eq(courses::subject_id)))
            .left_join(homework_done::table.on(
                homework_done::homework_id.eq(homework::id).and(homework_done::child_id.eq(course_members::child_id)),
            ))
            .filter(course_members::child_id.eq($access.child()))
            .filter(course_members::starts_on.le(homework::due_on))
            .filter(course_members::ends_on.is_null().or(course_members::ends_on.ge(homework::assigned_on.nullable())))
            .order((homework::due_on, homework::id))
            .select(columns!(homework_done::done_at.nullable()))
    };
}

/// The child's homework due from `from` to `to`, both included.
pub fn due(conn: &mut Conn, access: &ChildAccess, from: NaiveDate, to: NaiveDate) -> Result<Vec<Homework>> {
    let query = of_child!(access).filter(homework::due_on.between(from, to));
    let mut found = on_backend!(conn => query.load::<Homework>(conn))?;
    found.dedup_by_key(|homework| homework.id);
    Ok(found)
}

/// As [`due`], with what was due in the `OVERDUE_DAYS` before `from` and is not done yet.
pub fn open_or_due(conn: &mut Conn, access: &ChildAccess, from: NaiveDate, to: NaiveDate) -> Result<Vec<Homework>> {
    let since = from - chrono::Duration::days(OVERDUE_DAYS);
    let mut found: Vec<Homework> = of_child!(access)
        .filter(homework::due_on.between(since, to))
        .filter(homework::due_on.ge(from).or(homework_done::done_at.is_null()))
        .load(conn)?;
    found.dedup_by_key(|homework| homework.id);
    Ok(found)
}

/// How far back work counts as overdue; older work is history.
pub const OVERDUE_DAYS: i64 = 28;

/// Which of these pieces of homework the child has ticked, and when.
pub fn ticks(conn: &mut Conn, access: &ChildAccess, ids: &[HomeworkId]) -> Result<HashMap<HomeworkId, NaiveDateTime>> {
    let query = homework_done::table
        .filter(homework_done::child_id.eq(access.child()).and(homework_done::homework_id.eq_any(ids)))
        .select((homework_done::homework_id, homework_done::done_at));
    Ok(on_backend!(conn => query.load::<(HomeworkId, NaiveDateTime)>(conn))?.into_iter().collect())
}

/// Homework with these ids, as events tell of it: without anybody's tick.
pub(crate) fn told(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(i64, Homework)>> {
    let query = homework::table
        .inner_join(courses::table.inner_join(subjects::table))
        .filter(homework::id.eq_any(ids))
        .select((homework::id, columns!(None::<NaiveDateTime>.into_sql::<Nullable<Timestamp>>())));
    Ok(on_backend!(conn => query.load(conn))?)
}

/// Ticks a piece of homework of this child as done, or takes the tick back. Repeating it changes nothing.
pub fn set_done(
    conn: &mut Conn,
    touch: &mut Touch,
    access: &ChildAccess,
    id: HomeworkId,
    done: bool,
) -> Result<Homework> {
    let mut found = one(conn, access, id)?;
    if found.done_at.is_some() == done {
        return Ok(found);
    }
    let before = found.clone();
    let now = access.viewer().now();
    if done {
        diesel::insert_into(homework_done::table)
            .values((
                homework_done::child_id.eq(access.child()),
                homework_done::homework_id.eq(id),
                homework_done::done_at.eq(now),
            ))
            .execute(conn)?;
    } else {
        diesel::delete(homework_done::table.find((access.child(), id))).execute(conn)?;
    }
    found.done_at = done.then_some(now);
    let heard = vec![(access.child(), touch.child(access.child())?)];
    let changed = Event::new(access.school(), EventKind::HomeworkChanged, id.0, now).of(&found)?.after(&before)?;
    events::append(conn, &[changed.heard_by(heard)])?;
    Ok(found)
}

fn one(conn: &mut Conn, access: &ChildAccess, id: HomeworkId) -> Result<Homework> {
    of_child!(access).filter(homework::id.eq(id)).first(conn).optional()?.ok_or(Error::NotFound(Noun::Homework))
}
