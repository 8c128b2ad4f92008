//! Whom each kind of row is told to, and as what.

use diesel::prelude::*;

use super::grades::{AssessmentRow, GradeRow};
use super::period_grades::PeriodGradeRow;
use super::telling::{Audience, Seen};
use super::timetable::{AttendanceRow, HomeworkRow, LessonRow};
use crate::Result;
use crate::db::{Conn, on_backend};
use crate::schema::{attendance, grades};
use crate::types::{AssessmentId, ChildId, EventKind};

impl Seen for LessonRow {
    type Entity = crate::timetable::Lesson;
    const KINDS: [EventKind; 3] = [EventKind::LessonCreated, EventKind::LessonChanged, EventKind::LessonRemoved];

    fn audience(&self) -> Audience {
        Audience::Course(self.course_id, self.date, self.date)
    }

    fn told(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(i64, Self::Entity)>> {
        crate::timetable::told(conn, ids)
    }

    /// Attendance stays, whatever becomes of the membership.
    fn bound(conn: &mut Conn, ids: &[i64], children: &[ChildId]) -> Result<Vec<ChildId>> {
        let query = attendance::table
            .filter(attendance::child_id.eq_any(children).and(attendance::lesson_id.eq_any(ids)))
            .select(attendance::child_id);
        Ok(on_backend!(conn => query.load(conn))?)
    }
}

impl Seen for HomeworkRow {
    type Entity = crate::homework::Homework;
    const KINDS: [EventKind; 3] = [EventKind::HomeworkCreated, EventKind::HomeworkChanged, EventKind::HomeworkRemoved];

    fn audience(&self) -> Audience {
        Audience::Course(self.course_id, self.assigned_on, self.due_on)
    }

    fn told(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(i64, Self::Entity)>> {
        crate::homework::told(conn, ids)
    }
}

impl Seen for AttendanceRow {
    type Entity = crate::attendance::Noted;
    const KINDS: [EventKind; 3] =
        [EventKind::AttendanceCreated, EventKind::AttendanceChanged, EventKind::AttendanceRemoved];

    fn audience(&self) -> Audience {
        Audience::Child(self.child_id)
    }

    fn told(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(i64, Self::Entity)>> {
        crate::attendance::told(conn, ids)
    }
}

impl Seen for AssessmentRow {
    type Entity = crate::assessments::Assessment;
    const KINDS: [EventKind; 3] =
        [EventKind::AssessmentCreated, EventKind::AssessmentChanged, EventKind::AssessmentRemoved];

    fn audience(&self) -> Audience {
        Audience::Course(self.course_id, self.date, self.date)
    }

    fn told(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(i64, Self::Entity)>> {
        crate::assessments::told(conn, ids)
    }

    /// Whoever was graded for a work reads its title with the grade.
    fn bound(conn: &mut Conn, ids: &[i64], children: &[ChildId]) -> Result<Vec<ChildId>> {
        let works = ids.iter().map(|id| Some(AssessmentId(*id)));
        let query = grades::table
            .filter(grades::child_id.eq_any(children).and(grades::assessment_id.eq_any(works)))
            .select(grades::child_id);
        Ok(on_backend!(conn => query.load(conn))?)
    }
}

impl Seen for GradeRow {
    type Entity = crate::grades::Grade;
    const KINDS: [EventKind; 3] = [EventKind::GradeCreated, EventKind::GradeChanged, EventKind::GradeRemoved];

    fn audience(&self) -> Audience {
        Audience::Child(self.child_id)
    }

    fn is_there(&self) -> bool {
        !self.removed
    }

    fn told(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(i64, Self::Entity)>> {
        crate::grades::told(conn, ids)
    }
}

impl Seen for PeriodGradeRow {
    type Entity = crate::report_card::Entry;
    const KINDS: [EventKind; 3] =
        [EventKind::PeriodGradeCreated, EventKind::PeriodGradeChanged, EventKind::PeriodGradeRemoved];

    fn audience(&self) -> Audience {
        Audience::Child(self.child_id)
    }

    fn told(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(i64, Self::Entity)>> {
        crate::report_card::told(conn, ids)
    }
}
