//! Lessons, attendance, homework and its ticks.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use diesel::prelude::*;

use super::attachments::Repeated;
use super::files::{insert_new, kept_by_id, page_of, row, shape};
use super::people::pupils;
use super::{Cell, Fault, Page, Ref, Row, Target, Written};
use crate::Result;
use crate::db::{Conn, on_backend};
use crate::schema::{attendance, homework, homework_done, lessons};
use crate::timetable::Change;
use crate::types::{AttendanceStatus, LessonStatus, SchoolId};

row! {
    /// One meeting of a course.
    Lesson of lessons in school_id {
        external_id "externalId": Cell,
        course_id "courseExternalId": Ref => Courses,
        date "date": NaiveDate,
        number "number": i32,
        starts_at "startsAt": NaiveTime,
        ends_at "endsAt": NaiveTime,
        staff_id "teacherExternalId": Option<Ref> => Staff,
        room "room": Option<Cell>,
        topic "topic": Option<Cell>,
        status "status": LessonStatus,
        change "change": Option<Cell>,
    }
}

row! {
    /// What was noted for one pupil and lesson.
    Attendance of attendance in school_id {
        external_id "externalId": Cell,
        child_id "studentExternalId": Ref => Students,
        lesson_id "lessonExternalId": Ref => Lessons,
        date "date": NaiveDate,
        status "status": AttendanceStatus,
        minutes_late "minutesLate": Option<i32>,
        comment "comment": Option<Cell>,
    }
}

row! {
    /// Work to do at home.
    Homework of homework in school_id {
        external_id "externalId": Cell,
        course_id "courseExternalId": Ref => Courses,
        lesson_id "lessonExternalId": Option<Ref> => Lessons,
        assigned_on "assignedOn": NaiveDate,
        due_on "dueOn": NaiveDate,
        text "text": Cell,
        attachments "attachments": Repeated,
        updated_at "updatedAt": NaiveDateTime,
    }
}

row! {
    /// A family's tick that a piece of homework is done.
    HomeworkDone of homework_done {
        child_id "studentExternalId": Ref => Students,
        homework_id "homeworkExternalId": Ref => Homework,
        done_at "doneAt": NaiveDateTime,
    }
}

kept_by_id!(Lesson of lessons, "lessons.csv" as Lessons, checked by Lesson::changed);
kept_by_id!(Attendance of attendance, "attendance.csv", also unique by Attendance::once);
kept_by_id!(Homework of homework, "homework.csv" as Homework);

impl Lesson {
    fn changed(&self) -> Result<(), Fault> {
        let Some(change) = &self.change else { return Ok(()) };
        let rule = "change must be a JSON object with reason, previousTeacher, previousRoom or previousStartsAt";
        serde_json::from_str::<Change>(change.as_str()).map(drop).map_err(|_| Fault { column: "change", rule })
    }
}

impl Attendance {
    fn once(&self, take: &mut dyn FnMut(&[&str])) {
        take(&["student and lesson", self.child_id.key.as_str(), self.lesson_id.key.as_str()]);
    }
}

/// How many pupils' ticks are read at once.
const PUPILS: i64 = 20;

impl Row for HomeworkDone {
    shape!("homework_done.csv", None);

    fn unique(&self, take: &mut dyn FnMut(&[&str])) {
        take(&["student and homework", self.child_id.key.as_str(), self.homework_id.key.as_str()]);
    }

    /// By pupil in the order of `students.csv`, then by homework.
    fn page(conn: &mut Conn, school: SchoolId, after: i64) -> Result<Page<Self>> {
        let (of, next) = pupils(conn, school, after, PUPILS)?;
        let place: HashMap<i64, usize> = of.iter().enumerate().map(|(place, child)| (child.0, place)).collect();
        let query = homework_done::table
            .inner_join(homework::table)
            .filter(homework_done::child_id.eq_any(of))
            .filter((homework::school_id + 0).eq(school));
        let mut rows: Vec<Self> = on_backend!(conn => query.select(Self::as_select()).load(conn))?;
        rows.sort_by_key(|row| (place.get(&row.child_id.id).copied(), row.homework_id.id));
        Ok(Page { rows, next })
    }

    fn write(conn: &mut Conn, _: Target, rows: Vec<Self>) -> Result<Written> {
        insert_new!(conn, homework_done, rows)
    }
}
