//! The collections, each with what taking an item of it back means.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::membership::{courses_named, lessons_named, strangers};
use super::taught::{Taught, own_course};
use super::{Delivered, Entry, put};
use crate::Result;
use crate::alerts::plan::bulletin;
use crate::db::{Conn, IsAmong, Scope, Touch, on_backend};
use crate::error::Flaw;
use crate::intake::grades::AssessmentRow;
use crate::intake::period_grades::PeriodGradeRow;
use crate::intake::removal::{self, Kind};
use crate::intake::telling::Before;
use crate::intake::timetable::{AttendanceRow, HomeworkRow, LessonRow, members};
use crate::intake::{
    Assessment, Attendance, ClassGroup, Course, Grade, Guardian, Homework, Item, Lesson, News, Outcome, Period,
    PeriodGrade, Staff, Student, Subject, Writer, grades as written, period_closed, shared, unknown,
};
use crate::schema::{
    assessments, attendance, class_groups, class_members, course_members, courses, grades, homework, homework_done,
    homework_files, lessons, news, period_grades, periods, results, scheme_choices, staff, subjects,
};
use crate::types::{ChildId, Collection, CourseId, NewsId, StaffId};

/// Id and the value of one more column of the row the school calls `id`.
macro_rules! row {
    ($conn:expr, $table:ident, $writer:expr, $id:expr, $column:ident: $type:ty) => {{
        let conn: &mut Conn = $conn;
        let query = $table::table
            .filter($table::school_id.eq($writer.school).and($table::external_id.eq($id)))
            .select(($table::id, $table::$column));
        on_backend!(conn => query.first::<(i64, $type)>(conn)).optional()?
    }};
}

/// Why the row `$id` must stay: the first of these tables that has a row which refers to it.
macro_rules! used_by {
    ($conn:expr, $id:expr, $($table:ident.$column:ident),+) => {{
        let conn: &mut Conn = $conn;
        let mut used = None;
        $(
            if used.is_none() {
                let query = $table::table.filter($table::$column.eq($id)).select(diesel::dsl::count_star());
                used = (on_backend!(conn => query.first::<i64>(conn))? > 0).then(|| in_use(stringify!($table)));
            }
        )+
        used
    }};
}

fn in_use(by: &str) -> Outcome {
    let by = by.replace('_', "-");
    let detail = format!("It stays while there are {by} that refer to it: remove those first.");
    Outcome::Rejected(Flaw::new("/externalId", "in-use", detail))
}

/// What families share is deleted once nothing refers to it.
macro_rules! shared_collections {
    ($($item:ident = $collection:ident in $table:ident, used by $($user:ident.$column:ident),+;)+) => {$(
        impl Delivered for $item {
            const COLLECTION: Collection = Collection::$collection;

            fn leaving(_: &mut Conn, writer: Writer, _: &[String]) -> Result<Scope> {
                Ok(shared(writer))
            }

            fn withdraw(conn: &mut Conn, touch: &mut Touch, writer: Writer, _: NaiveDate, id: &str) -> Result<Outcome> {
                let Some((id, _)) = row!(conn, $table, writer, id, school_id: i64) else { return Ok(Outcome::Absent) };
                if let Some(stays) = used_by!(conn, id, $($user.$column),+) {
                    return Ok(stays);
                }
                touch.school()?;
                diesel::delete($table::table.find(id)).execute(conn)?;
                Ok(Outcome::Deleted(id))
            }
        }
    )+};
}

shared_collections! {
    Period = Periods in periods, used by assessments.period_id, period_grades.period_id, results.period_id;
    Subject = Subjects in subjects, used by courses.subject_id, period_grades.subject_id, results.subject_id,
        scheme_choices.subject_id;
    ClassGroup = ClassGroups in class_groups, used by courses.class_group_id, class_members.class_group_id,
        news.class_group_id;
    Course = Courses in courses, used by course_members.course_id, lessons.course_id, homework.course_id,
        assessments.course_id, grades.course_id;
}

impl Delivered for Staff {
    const COLLECTION: Collection = Collection::Staff;

    fn leaving(_: &mut Conn, writer: Writer, _: &[String]) -> Result<Scope> {
        Ok(shared(writer))
    }

    /// Whoever leaves acts for the school no more, from the next request on; what she taught and wrote keeps her name.
    fn withdraw(conn: &mut Conn, _: &mut Touch, writer: Writer, _: NaiveDate, id: &str) -> Result<Outcome> {
        let there = staff::school_id.eq(writer.school).and(staff::external_id.eq(id)).and(staff::left_at.is_null());
        let found: Option<i64> = staff::table.filter(there).select(staff::id).first(conn).optional()?;
        let Some(id) = found else { return Ok(Outcome::Absent) };
        diesel::update(staff::table.find(id)).set(staff::left_at.eq(Some(writer.now))).execute(conn)?;
        Ok(Outcome::Deleted(id))
    }
}

/// Takes one thing of a kind back as files do, and moves the counters of those who lose it.
pub(super) fn take(
    conn: &mut Conn,
    touch: &mut Touch,
    writer: Writer,
    kind: Kind,
    today: NaiveDate,
    id: &str,
) -> Result<Outcome> {
    let ids = [id.to_owned()];
    let losing = removal::touched(conn, writer, kind, &ids)?;
    let Some(number) = removal::number(conn, writer, kind, id)? else { return Ok(Outcome::Absent) };
    if removal::take(conn, touch, writer, kind, today, &ids)? == 0 {
        return Ok(Outcome::Absent);
    }
    if !kind.tells() {
        for child in losing {
            touch.child(child)?;
        }
    }
    Ok(Outcome::Deleted(number))
}

/// People leave as they do by files: their diary and its history stay.
macro_rules! leaving_collections {
    ($($item:ident = $collection:ident as $kind:ident;)+) => {$(
        impl Delivered for $item {
            const COLLECTION: Collection = Collection::$collection;

            fn leaving(conn: &mut Conn, writer: Writer, ids: &[String]) -> Result<Scope> {
                Ok(removal::touched(conn, writer, Kind::$kind, ids)?.into())
            }

            fn withdraw(conn: &mut Conn, touch: &mut Touch, writer: Writer, today: NaiveDate, id: &str) -> Result<Outcome> {
                take(conn, touch, writer, Kind::$kind, today, id)
            }
        }
    )+};
}

leaving_collections! {
    Student = Students as Students;
    Guardian = Guardians as Guardians;
}

/// The courses in which the things of these ids lie, by id.
macro_rules! courses_of {
    ($conn:expr, $table:ident, $writer:expr, $ids:expr) => {{
        let conn: &mut Conn = $conn;
        let ids: Vec<&str> = $ids;
        let query = $table::table
            .filter($table::school_id.eq($writer.school).and($table::external_id.among(ids)))
            .select(($table::external_id, $table::course_id));
        on_backend!(conn => query.load::<(String, CourseId)>(conn))?.into_iter().collect::<HashMap<String, CourseId>>()
    }};
}

fn ids<I: Item>(entries: &[Entry<I>]) -> Vec<&str> {
    entries.iter().filter_map(Entry::external_id).collect()
}

/// Deletes the row the school calls `$id`, unless `$free` says why it stays, and tells whoever saw it.
macro_rules! delete_told {
    ($conn:expr, $touch:expr, $writer:expr, $table:ident, $row:ty, $id:expr $(, once $free:ident)?) => {{
        let (conn, writer): (&mut Conn, Writer) = ($conn, $writer);
        let found = on_backend!(conn => $table::table
            .filter($table::school_id.eq(writer.school).and($table::external_id.eq($id)))
            .select(($table::id, <$row>::as_select()))
            .first::<(i64, $row)>(conn))
        .optional()?;
        let Some((number, row)) = found else { return Ok(Outcome::Absent) };
        $(
            if let Some(stays) = $free(conn, number)? {
                return Ok(stays);
            }
        )?
        let mut before = Before::nothing();
        before.look(conn, writer, vec![(number, row)])?;
        diesel::delete($table::table.find(number)).execute(conn)?;
        before.gone(conn, $touch, writer)?;
        Ok(Outcome::Deleted(number))
    }};
}

/// What a whole course sees is deleted once nothing refers to it.
macro_rules! course_collections {
    ($($item:ident = $collection:ident in $table:ident as $row:ty, once $free:ident;)+) => {$(
        impl Delivered for $item {
            const COLLECTION: Collection = Collection::$collection;

            fn leaving(conn: &mut Conn, writer: Writer, ids: &[String]) -> Result<Scope> {
                let of = courses_of!(conn, $table, writer, ids.iter().map(String::as_str).collect());
                Ok(members(conn, &of)?.into_values().flatten().collect::<Vec<_>>().into())
            }

            fn withdraw(conn: &mut Conn, touch: &mut Touch, writer: Writer, _: NaiveDate, id: &str) -> Result<Outcome> {
                delete_told!(conn, touch, writer, $table, $row, id, once $free)
            }

            fn not_taught(
                conn: &mut Conn,
                writer: Writer,
                teacher: StaffId,
                of: &[Entry<Self>],
            ) -> Result<Vec<Option<Flaw>>> {
                let taught = Taught::by(conn, writer.school, teacher)?;
                let lies_in = courses_of!(conn, $table, writer, ids(of));
                Ok(taught.judge(of, &lies_in, |item, own| own_course(&item.course, own)))
            }
        }
    )+};
}

course_collections! {
    Lesson = Lessons in lessons as LessonRow, once free_lesson;
    Assessment = Assessments in assessments as AssessmentRow, once free_assessment;
    Homework = Homework in homework as HomeworkRow, once free_homework;
}

fn free_lesson(conn: &mut Conn, id: i64) -> Result<Option<Outcome>> {
    let used = used_by!(conn, id, attendance.lesson_id, homework.lesson_id, assessments.lesson_id, grades.lesson_id);
    Ok(used)
}

fn free_assessment(conn: &mut Conn, id: i64) -> Result<Option<Outcome>> {
    Ok(used_by!(conn, id, grades.assessment_id))
}

/// The families' ticks go with it; its files hang on nothing then.
fn free_homework(conn: &mut Conn, id: i64) -> Result<Option<Outcome>> {
    diesel::delete(homework_files::table.filter(homework_files::homework_id.eq(id))).execute(conn)?;
    diesel::delete(homework_done::table.filter(homework_done::homework_id.eq(id))).execute(conn)?;
    Ok(None)
}

impl Delivered for News {
    const COLLECTION: Collection = Collection::News;

    fn leaving(_: &mut Conn, _: Writer, _: &[String]) -> Result<Scope> {
        Ok(Scope::default())
    }

    fn withdraw(conn: &mut Conn, _: &mut Touch, writer: Writer, _: NaiveDate, id: &str) -> Result<Outcome> {
        let Some((id, _)) = row!(conn, news, writer, id, school_id: i64) else { return Ok(Outcome::Absent) };
        diesel::delete(news::table.find(id)).execute(conn)?;
        bulletin::withdraw(conn, NewsId(id))?;
        Ok(Outcome::Deleted(id))
    }
}

impl Delivered for Grade {
    const COLLECTION: Collection = Collection::Grades;

    fn leaving(conn: &mut Conn, writer: Writer, ids: &[String]) -> Result<Scope> {
        let days = written::days(conn, writer, ids)?;
        Ok(Scope { days, ..removal::touched(conn, writer, Kind::Grades, ids)?.into() })
    }

    /// One more revision says that it is removed; nothing is deleted. In a closed period it stays.
    fn withdraw(conn: &mut Conn, touch: &mut Touch, writer: Writer, today: NaiveDate, id: &str) -> Result<Outcome> {
        let found = row!(conn, grades, writer, id, graded_on: NaiveDate);
        if let Some((_, day)) = found
            && !writer.reopen
            && touch.is_closed_on(day)?
        {
            return Ok(Outcome::Rejected(period_closed("/externalId")));
        }
        take(conn, touch, writer, Kind::Grades, today, id)
    }

    fn not_taught(conn: &mut Conn, writer: Writer, teacher: StaffId, of: &[Entry<Self>]) -> Result<Vec<Option<Flaw>>> {
        let taught = Taught::by(conn, writer.school, teacher)?;
        let lies_in = courses_of!(conn, grades, writer, ids(of));
        Ok(taught.judge(of, &lies_in, |item, own| own_course(&item.course, own)))
    }

    fn not_members(conn: &mut Conn, writer: Writer, of: &[Entry<Self>]) -> Result<Vec<Option<Flaw>>> {
        let named = of.iter().filter_map(put).map(|item| item.course.as_str()).collect();
        let named = courses_named(conn, writer, named)?;
        let there = courses_of!(conn, grades, writer, ids(of)).into_keys().collect();
        strangers(conn, writer, of, &there, |item| {
            (&item.student, named.get(&item.course).map(|course| (*course, item.graded_on)))
        })
    }
}

/// What was noted for one child is deleted.
macro_rules! withdraw_of_child {
    ($table:ident as $row:ty) => {
        fn leaving(conn: &mut Conn, writer: Writer, ids: &[String]) -> Result<Scope> {
            let query = $table::table
                .filter($table::school_id.eq(writer.school).and($table::external_id.eq_any(ids)))
                .select($table::child_id);
            Ok(on_backend!(conn => query.load::<ChildId>(conn))?.into())
        }

        fn withdraw(conn: &mut Conn, touch: &mut Touch, writer: Writer, _: NaiveDate, id: &str) -> Result<Outcome> {
            delete_told!(conn, touch, writer, $table, $row, id)
        }
    };
}

impl Delivered for PeriodGrade {
    const COLLECTION: Collection = Collection::PeriodGrades;
    withdraw_of_child!(period_grades as PeriodGradeRow);
}

impl Delivered for Attendance {
    const COLLECTION: Collection = Collection::Attendance;
    withdraw_of_child!(attendance as AttendanceRow);

    fn not_taught(conn: &mut Conn, writer: Writer, teacher: StaffId, of: &[Entry<Self>]) -> Result<Vec<Option<Flaw>>> {
        let taught = Taught::by(conn, writer.school, teacher)?;
        let named: Vec<&str> = of.iter().filter_map(put).map(|item| item.lesson.as_str()).collect();
        let met = taught.lessons(conn, writer.school, &named)?;
        let query = attendance::table
            .inner_join(lessons::table)
            .filter(attendance::school_id.eq(writer.school).and(attendance::external_id.eq_any(ids(of))))
            .select((attendance::external_id, lessons::course_id));
        let lies_in = on_backend!(conn => query.load::<(String, CourseId)>(conn))?.into_iter().collect();
        let goes_to = |item: &Self, _: &HashMap<String, CourseId>| {
            if met.contains(&item.lesson) { Ok(()) } else { Err(unknown("/lessonExternalId", &item.lesson)) }
        };
        Ok(taught.judge(of, &lies_in, goes_to))
    }

    fn not_members(conn: &mut Conn, writer: Writer, of: &[Entry<Self>]) -> Result<Vec<Option<Flaw>>> {
        let named = of.iter().filter_map(put).map(|item| item.lesson.as_str()).collect();
        let named = lessons_named(conn, writer, named)?;
        let query = attendance::table
            .filter(attendance::school_id.eq(writer.school).and(attendance::external_id.eq_any(ids(of))))
            .select(attendance::external_id);
        let there = on_backend!(conn => query.load::<String>(conn))?.into_iter().collect();
        strangers(conn, writer, of, &there, |item| (&item.student, named.get(&item.lesson).copied()))
    }
}
