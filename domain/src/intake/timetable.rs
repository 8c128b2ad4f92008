//! Lessons, homework and attendance, as the school writes them.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use diesel::prelude::*;

use super::members::children;
use super::shelf::{Shelf, attach};
use super::telling::Before;
use super::{Item, Outcome, Writer, ids_of, merge, part, refer, rows_of, unknown, upsert};
use crate::Result;
use crate::db::{Conn, Scope, Touch, on_backend};
use crate::error::Flaw;
use crate::schema::{attendance, course_members, courses, homework, lessons, staff};
use crate::timetable::Change;
use crate::types::{AttendanceStatus, ChildId, CourseId, FileId, FullName, LessonId, LessonStatus, SchoolId, StaffId};

/// One meeting of a course; times are local.
#[derive(Debug, Clone)]
pub struct Lesson {
    pub external_id: String,
    pub course: String,
    pub date: NaiveDate,
    pub number: i32,
    pub starts_at: NaiveTime,
    pub ends_at: NaiveTime,
    pub teacher: Option<String>,
    pub room: Option<String>,
    pub topic: Option<String>,
    pub status: LessonStatus,
    pub change: Option<Change>,
}

/// Work to do at home for everybody in the course, due on a day or at a lesson.
#[derive(Debug, Clone)]
pub struct Homework {
    pub external_id: String,
    pub course: String,
    pub lesson: Option<String>,
    pub assigned_on: NaiveDate,
    pub due_on: NaiveDate,
    pub text: String,
    /// The files that go with it, in their order; `None` leaves those that are there.
    pub files: Option<Vec<FileId>>,
}

/// What was noted for one pupil and lesson; `minutes_late` goes with `late`.
#[derive(Debug, Clone)]
pub struct Attendance {
    pub external_id: String,
    pub student: String,
    pub lesson: String,
    pub status: AttendanceStatus,
    pub minutes_late: Option<i32>,
    pub comment: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = lessons, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct LessonRow {
    school_id: SchoolId,
    external_id: String,
    pub(super) course_id: CourseId,
    pub(super) date: NaiveDate,
    number: i32,
    starts_at: NaiveTime,
    ends_at: NaiveTime,
    staff_id: Option<StaffId>,
    room: Option<String>,
    topic: Option<String>,
    status: LessonStatus,
    change: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = homework, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct HomeworkRow {
    school_id: SchoolId,
    external_id: String,
    pub(super) course_id: CourseId,
    lesson_id: Option<LessonId>,
    pub(super) assigned_on: NaiveDate,
    pub(super) due_on: NaiveDate,
    text: String,
    pub(super) attachments: String,
    updated_at: NaiveDateTime,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = attendance, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct AttendanceRow {
    school_id: SchoolId,
    external_id: String,
    pub(super) child_id: ChildId,
    lesson_id: LessonId,
    pub(super) date: NaiveDate,
    status: AttendanceStatus,
    minutes_late: Option<i32>,
    comment: Option<String>,
}

/// Who belongs or belonged to these courses: their families see what is written for the course.
pub(super) fn members(conn: &mut Conn, of: &HashMap<String, CourseId>) -> Result<HashMap<CourseId, Vec<ChildId>>> {
    let ids: Vec<CourseId> = of.values().copied().collect();
    let query = course_members::table
        .filter(course_members::course_id.eq_any(ids))
        .select((course_members::course_id, course_members::child_id));
    let mut members: HashMap<CourseId, Vec<ChildId>> = HashMap::new();
    for (course, child) in on_backend!(conn => query.load::<(CourseId, ChildId)>(conn))? {
        members.entry(course).or_default().push(child);
    }
    Ok(members)
}

/// The children of the courses that `named` names.
pub(super) fn course_scope<'a>(conn: &mut Conn, writer: Writer, keys: impl Iterator<Item = &'a str>) -> Result<Scope> {
    let known = ids_of!(conn, courses, CourseId, writer.school, keys);
    Ok(members(conn, &known)?.into_values().flatten().collect::<Vec<_>>().into())
}

impl Item for Lesson {
    fn external_id(&self) -> &str {
        &self.external_id
    }

    fn scope(conn: &mut Conn, writer: Writer, items: &[Self]) -> Result<Scope> {
        course_scope(conn, writer, items.iter().map(|item| item.course.as_str()))
    }

    fn write(conn: &mut Conn, touch: &mut Touch, writer: Writer, items: &[Self]) -> Result<Vec<Outcome>> {
        let named = ids_of!(conn, courses, CourseId, writer.school, items.iter().map(|item| item.course.as_str()));
        let teachers = items.iter().filter_map(|item| item.teacher.as_deref());
        let teachers = ids_of!(conn, staff, StaffId, writer.school, teachers);
        let numbers = items.iter().map(|item| item.external_id.as_str());
        let known = rows_of!(conn, lessons, LessonRow, writer.school, numbers);
        let teacher_names = names(conn, known.values().filter_map(|(_, row)| row.staff_id))?;
        let row = |item: &Self| {
            if item.ends_at <= item.starts_at {
                return Err(Flaw::new("/endsAt", "order", "A lesson ends after it starts."));
            }
            let course = named.get(&item.course).copied();
            let row = LessonRow {
                school_id: writer.school,
                external_id: item.external_id.clone(),
                course_id: course.ok_or_else(|| unknown("/courseExternalId", &item.course))?,
                date: item.date,
                number: item.number,
                starts_at: item.starts_at,
                ends_at: item.ends_at,
                staff_id: refer("/teacherExternalId", item.teacher.as_deref(), &teachers)?,
                room: item.room.clone(),
                topic: item.topic.clone(),
                status: item.status,
                change: None,
            };
            let change = changed(item, &row, known.get(&item.external_id).map(|(_, old)| old), &teacher_names);
            Ok(LessonRow { change: change.and_then(|change| serde_json::to_string(&change).ok()), ..row })
        };
        let (rows, places) = part(items.iter().map(row).collect());
        let mut before = Before::nothing();
        let written = upsert!(conn, lessons, LessonRow, writer.school, &rows, over &known,
            keeps course_id as "/courseExternalId", before before by writer);
        before.tell(conn, touch, writer, &rows, &written)?;
        Ok(merge(places, written))
    }
}

fn names(conn: &mut Conn, of: impl Iterator<Item = StaffId>) -> Result<HashMap<StaffId, String>> {
    let query = staff::table.filter(staff::id.eq_any(of.collect::<Vec<_>>())).select((
        staff::id,
        staff::first_name,
        staff::last_name,
        staff::middle_name,
    ));
    let found = on_backend!(conn => query.load::<(StaffId, String, String, Option<String>)>(conn))?;
    let name = |(id, first, last, middle)| (id, FullName { first, last, middle }.formal());
    Ok(found.into_iter().map(name).collect())
}

/// What a substituted, moved or cancelled lesson was before: as the item says, else as it was before its first change, else
/// what differs from the row as it is.
fn changed(
    item: &Lesson,
    row: &LessonRow,
    old: Option<&LessonRow>,
    names: &HashMap<StaffId, String>,
) -> Option<Change> {
    if matches!(item.status, LessonStatus::Planned | LessonStatus::Held) {
        return item.change.clone();
    }
    let Some(old) = old else { return item.change.clone() };
    let said = item.change.clone().unwrap_or_default();
    let was = match &old.change {
        Some(text) => serde_json::from_str(text).unwrap_or_default(),
        None => Change {
            reason: None,
            previous_teacher: old
                .staff_id
                .filter(|_| old.staff_id != row.staff_id)
                .and_then(|id| names.get(&id).cloned()),
            previous_room: old.room.clone().filter(|_| old.room != row.room),
            previous_starts_at: ((old.date, old.starts_at) != (row.date, row.starts_at))
                .then(|| old.starts_at.format("%H:%M").to_string()),
        },
    };
    Some(Change {
        reason: said.reason.or(was.reason),
        previous_teacher: said.previous_teacher.or(was.previous_teacher),
        previous_room: said.previous_room.or(was.previous_room),
        previous_starts_at: said.previous_starts_at.or(was.previous_starts_at),
    })
}

impl Item for Homework {
    fn external_id(&self) -> &str {
        &self.external_id
    }

    fn scope(conn: &mut Conn, writer: Writer, items: &[Self]) -> Result<Scope> {
        course_scope(conn, writer, items.iter().map(|item| item.course.as_str()))
    }

    fn write(conn: &mut Conn, touch: &mut Touch, writer: Writer, items: &[Self]) -> Result<Vec<Outcome>> {
        let named = ids_of!(conn, courses, CourseId, writer.school, items.iter().map(|item| item.course.as_str()));
        let at = items.iter().filter_map(|item| item.lesson.as_deref());
        let at = ids_of!(conn, lessons, LessonId, writer.school, at);
        let numbers = items.iter().map(|item| item.external_id.as_str());
        let known = rows_of!(conn, homework, HomeworkRow, writer.school, numbers);
        let shelf = Shelf::of(conn, writer, items)?;
        let row = |item: &Self| {
            let course = named.get(&item.course).copied();
            let old = known.get(&item.external_id).map(|(_, old)| old);
            let mut row = HomeworkRow {
                school_id: writer.school,
                external_id: item.external_id.clone(),
                course_id: course.ok_or_else(|| unknown("/courseExternalId", &item.course))?,
                lesson_id: refer("/lessonExternalId", item.lesson.as_deref(), &at)?,
                assigned_on: item.assigned_on,
                due_on: item.due_on,
                text: item.text.clone(),
                attachments: shelf.attachments(item, old.map(|old| old.attachments.as_str()))?,
                updated_at: writer.now,
            };
            if row.due_on < row.assigned_on {
                return Err(Flaw::new("/dueOn", "order", "Homework cannot be due before it is assigned."));
            }
            // The time of the last change is no change by itself.
            if let Some(old) = old {
                let same = HomeworkRow { updated_at: old.updated_at, ..row.clone() };
                if same == *old {
                    row = same;
                }
            }
            Ok(row)
        };
        let (rows, places) = part(items.iter().map(row).collect());
        let mut before = Before::nothing();
        let written = upsert!(conn, homework, HomeworkRow, writer.school, &rows, over &known,
            keeps course_id as "/courseExternalId", before before by writer);
        attach(conn, &rows, &written)?;
        before.tell(conn, touch, writer, &rows, &written)?;
        Ok(merge(places, written))
    }
}

impl Item for Attendance {
    fn external_id(&self) -> &str {
        &self.external_id
    }

    fn scope(conn: &mut Conn, writer: Writer, items: &[Self]) -> Result<Scope> {
        let known = children(conn, writer, items.iter().map(|item| item.student.as_str()))?;
        Ok(known.into_values().collect::<Vec<_>>().into())
    }

    fn write(conn: &mut Conn, touch: &mut Touch, writer: Writer, items: &[Self]) -> Result<Vec<Outcome>> {
        let pupils = children(conn, writer, items.iter().map(|item| item.student.as_str()))?;
        let numbers: Vec<&str> = items.iter().map(|item| item.lesson.as_str()).collect();
        let query = lessons::table
            .filter(lessons::school_id.eq(writer.school).and(lessons::external_id.eq_any(numbers)))
            .select((lessons::external_id, (lessons::id, lessons::date)));
        let met: HashMap<String, (LessonId, NaiveDate)> =
            on_backend!(conn => query.load::<(String, (LessonId, NaiveDate))>(conn))?.into_iter().collect();
        let mut noted = noted(conn, pupils.values(), met.values().map(|(lesson, _)| lesson))?;
        let row = |item: &Self| {
            if item.minutes_late.is_some() != (item.status == AttendanceStatus::Late) {
                return Err(Flaw::new(
                    "/minutesLate",
                    "status",
                    "minutesLate goes with the status late, and only with it.",
                ));
            }
            let pupil = pupils.get(&item.student).copied();
            let child_id = pupil.ok_or_else(|| unknown("/studentExternalId", &item.student))?;
            let lesson = met.get(&item.lesson).copied();
            let (lesson_id, date) = lesson.ok_or_else(|| unknown("/lessonExternalId", &item.lesson))?;
            if *noted.entry((child_id, lesson_id)).or_insert_with(|| item.external_id.clone()) != item.external_id {
                let twice = "The attendance of this pupil at this lesson is written under another externalId.";
                return Err(Flaw::new("/lessonExternalId", "duplicate", twice));
            }
            Ok(AttendanceRow {
                school_id: writer.school,
                external_id: item.external_id.clone(),
                child_id,
                lesson_id,
                date,
                status: item.status,
                minutes_late: item.minutes_late,
                comment: item.comment.clone(),
            })
        };
        let (rows, places) = part(items.iter().map(row).collect());
        let mut before = Before::nothing();
        let written = upsert!(conn, attendance, AttendanceRow, writer.school, &rows, keeps child_id as "/studentExternalId",
            before before by writer);
        before.tell(conn, touch, writer, &rows, &written)?;
        Ok(merge(places, written))
    }
}

/// Under which id the attendance of a pupil at a lesson is written.
fn noted<'a>(
    conn: &mut Conn,
    of: impl Iterator<Item = &'a ChildId>,
    at: impl Iterator<Item = &'a LessonId>,
) -> Result<HashMap<(ChildId, LessonId), String>> {
    let (of, at): (Vec<ChildId>, Vec<LessonId>) = (of.copied().collect(), at.copied().collect());
    let query = attendance::table
        .filter(attendance::child_id.eq_any(of).and(attendance::lesson_id.eq_any(at)))
        .select(((attendance::child_id, attendance::lesson_id), attendance::external_id));
    Ok(on_backend!(conn => query.load::<((ChildId, LessonId), String)>(conn))?.into_iter().collect())
}
