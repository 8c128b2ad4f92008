//! The journal: lessons, assessments, homework, grades, attendance, period grades. A teacher may write them for her courses.

use std::collections::HashSet;

use chrono::NaiveDate;
use domain::error::Flaw;
use domain::intake;
use domain::timetable::Change;
use domain::types::{FileId, GradeStatus, LessonStatus};
use serde::Deserialize;
use utoipa::ToSchema;

use super::delivery::Form;
use super::fields::{LocalTime, external_id, line, lines, optional, reference};
use crate::v1::parts::Hundredths;
use crate::words::{self, Word};

/// One meeting of a course. Of a lesson that is substituted, moved or cancelled the diary keeps teacher, room and time as they were before.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LessonForm {
    /// The school's own id.
    external_id: String,
    /// True takes it back; what was noted at it must be taken back first.
    #[serde(default, rename = "deleted")]
    _deleted: bool,
    /// The course; it cannot change.
    course_external_id: String,
    /// The local day.
    date: NaiveDate,
    /// Which lesson of the day, 0 to 20.
    number: i32,
    /// When it begins, local time.
    starts_at: LocalTime,
    /// When it ends, local time.
    ends_at: LocalTime,
    /// Who gives it.
    teacher_external_id: Option<String>,
    /// Where.
    #[schema(max_length = 50)]
    room: Option<String>,
    /// What it is about.
    #[schema(max_length = 500)]
    topic: Option<String>,
    /// Default: planned.
    status: Option<words::LessonStatus>,
    /// Why it is substituted, moved or cancelled.
    #[schema(max_length = 200)]
    change_reason: Option<String>,
}

impl Form for LessonForm {
    type Item = intake::Lesson;
    fn item(self) -> Result<intake::Lesson, Flaw> {
        if !(0..=20).contains(&self.number) {
            return Err(Flaw::new("/number", "range", "A lesson's number is 0 to 20."));
        }
        let status = self.status.map_or(LessonStatus::Planned, |status| status.0);
        let reason = optional("/changeReason", self.change_reason, 200)?;
        let changed = !matches!(status, LessonStatus::Planned | LessonStatus::Held);
        if reason.is_some() && !changed {
            let detail = "A changeReason goes with a lesson that is substituted, moved or cancelled.";
            return Err(Flaw::new("/changeReason", "status", detail));
        }
        Ok(intake::Lesson {
            external_id: external_id("/externalId", &self.external_id)?,
            course: external_id("/courseExternalId", &self.course_external_id)?,
            date: self.date,
            number: self.number,
            starts_at: self.starts_at.0,
            ends_at: self.ends_at.0,
            teacher: reference("/teacherExternalId", self.teacher_external_id)?,
            room: optional("/room", self.room, 50)?,
            topic: optional("/topic", self.topic, 500)?,
            status,
            change: changed.then(|| Change { reason, ..Change::default() }),
        })
    }
}

/// A piece of work to be graded.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AssessmentForm {
    /// The school's own id.
    external_id: String,
    /// True takes it back; its grades must be taken back first.
    #[serde(default, rename = "deleted")]
    _deleted: bool,
    /// The course; it cannot change.
    course_external_id: String,
    /// The lesson at which it is written.
    lesson_external_id: Option<String>,
    /// The period it counts in.
    period_external_id: Option<String>,
    /// What kind of work.
    kind: words::GradeKind,
    /// What it is called.
    #[schema(example = "БЖБ 1", max_length = 200)]
    title: String,
    /// The local day.
    date: NaiveDate,
    /// The most points there are.
    #[schema(value_type = Option<f64>)]
    max_points: Option<Hundredths>,
    /// How often it counts; default 1.
    #[schema(value_type = Option<f64>)]
    weight: Option<Hundredths>,
}

impl Form for AssessmentForm {
    type Item = intake::Assessment;
    fn item(self) -> Result<intake::Assessment, Flaw> {
        Ok(intake::Assessment {
            external_id: external_id("/externalId", &self.external_id)?,
            course: external_id("/courseExternalId", &self.course_external_id)?,
            lesson: reference("/lessonExternalId", self.lesson_external_id)?,
            period: reference("/periodExternalId", self.period_external_id)?,
            kind: self.kind.0,
            title: line("/title", &self.title, 200)?,
            date: self.date,
            max_points: positive("/maxPoints", self.max_points)?,
            weight: weight(self.weight)?,
        })
    }
}

fn positive(pointer: &'static str, number: Option<Hundredths>) -> Result<Option<i64>, Flaw> {
    match number {
        Some(Hundredths(number)) if number <= 0 => Err(Flaw::new(pointer, "range", "This is more than 0.")),
        other => Ok(other.map(|number| number.0)),
    }
}

fn weight(weight: Option<Hundredths>) -> Result<i64, Flaw> {
    match weight {
        Some(Hundredths(weight)) if !(0..=10_000).contains(&weight) => {
            Err(Flaw::new("/weight", "range", "A weight is 0 to 100."))
        }
        other => Ok(other.map_or(100, |weight| weight.0)),
    }
}

/// Work to do at home.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct HomeworkForm {
    /// The school's own id.
    external_id: String,
    /// True takes it back, and the families' ticks with it.
    #[serde(default, rename = "deleted")]
    _deleted: bool,
    /// The course; it cannot change.
    course_external_id: String,
    /// The lesson at which it is due.
    lesson_external_id: Option<String>,
    /// The local day it was given.
    assigned_on: NaiveDate,
    /// The local day it is due.
    due_on: NaiveDate,
    /// What to do.
    #[schema(max_length = 5000)]
    text: String,
    /// The ids of files you sent in (`POST /v1/schools/{id}/files`), in their order, at most 20; without this field, or with
    /// null, the files that are there stay.
    #[schema(max_items = 20)]
    attachments: Option<Vec<i64>>,
}

impl Form for HomeworkForm {
    type Item = intake::Homework;
    fn item(self) -> Result<intake::Homework, Flaw> {
        Ok(intake::Homework {
            external_id: external_id("/externalId", &self.external_id)?,
            course: external_id("/courseExternalId", &self.course_external_id)?,
            lesson: reference("/lessonExternalId", self.lesson_external_id)?,
            assigned_on: self.assigned_on,
            due_on: self.due_on,
            text: lines("/text", &self.text, 5000)?,
            files: self.attachments.map(attachments).transpose()?,
        })
    }
}

fn attachments(ids: Vec<i64>) -> Result<Vec<FileId>, Flaw> {
    if ids.len() > 20 {
        return Err(Flaw::new("/attachments", "length", "A piece of homework has at most 20 files."));
    }
    if ids.iter().collect::<HashSet<_>>().len() < ids.len() {
        return Err(Flaw::new("/attachments", "duplicate", "The same file stands here twice."));
    }
    Ok(ids.into_iter().map(FileId).collect())
}

/// What a pupil got. Every change is one more revision in the grade's history, taking it back included.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct GradeForm {
    /// The school's own id.
    external_id: String,
    /// True takes it back and keeps its history.
    #[serde(default, rename = "deleted")]
    _deleted: bool,
    /// The pupil; it cannot change.
    student_external_id: String,
    /// The course.
    course_external_id: String,
    /// The lesson at which it was given.
    lesson_external_id: Option<String>,
    /// The work it is for.
    assessment_external_id: Option<String>,
    /// What kind of work.
    kind: words::GradeKind,
    /// Default: graded. The others are no numbers and never count as zero.
    status: Option<words::GradeStatus>,
    /// What the parent reads.
    #[schema(example = "8", max_length = 50)]
    value: Option<String>,
    /// Points.
    #[schema(value_type = Option<f64>)]
    points: Option<Hundredths>,
    /// The most points there are.
    #[schema(value_type = Option<f64>)]
    max_points: Option<Hundredths>,
    /// How often it counts; default 1.
    #[schema(value_type = Option<f64>)]
    weight: Option<Hundredths>,
    /// A word to the family.
    #[schema(max_length = 1000)]
    comment: Option<String>,
    /// The local day it is for.
    graded_on: NaiveDate,
}

impl Form for GradeForm {
    type Item = intake::Grade;
    fn item(self) -> Result<intake::Grade, Flaw> {
        let comment = self.comment.filter(|text| !text.trim().is_empty());
        Ok(intake::Grade {
            external_id: external_id("/externalId", &self.external_id)?,
            student: external_id("/studentExternalId", &self.student_external_id)?,
            course: external_id("/courseExternalId", &self.course_external_id)?,
            lesson: reference("/lessonExternalId", self.lesson_external_id)?,
            assessment: reference("/assessmentExternalId", self.assessment_external_id)?,
            kind: self.kind.0,
            status: status(self.status),
            value: optional("/value", self.value, 50)?,
            points: self.points.map(|points| points.0),
            max_points: positive("/maxPoints", self.max_points)?,
            weight: weight(self.weight)?,
            comment: comment.map(|text| lines("/comment", &text, 1000)).transpose()?,
            graded_on: self.graded_on,
            removed: false,
        })
    }
}

fn status(status: Option<Word<GradeStatus>>) -> GradeStatus {
    status.map_or(GradeStatus::Graded, |status| status.0)
}

/// Whether a pupil was there.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AttendanceForm {
    /// The school's own id.
    external_id: String,
    /// True takes it back; the other fields are not needed then.
    #[serde(default, rename = "deleted")]
    _deleted: bool,
    /// The pupil; it cannot change.
    student_external_id: String,
    /// The lesson.
    lesson_external_id: String,
    /// Whether the pupil was there.
    status: words::AttendanceStatus,
    /// Minutes late, with the status `late` and only with it: 1 to 240.
    minutes_late: Option<i32>,
    /// The reason, for the family.
    #[schema(max_length = 500)]
    comment: Option<String>,
}

impl Form for AttendanceForm {
    type Item = intake::Attendance;
    fn item(self) -> Result<intake::Attendance, Flaw> {
        if self.minutes_late.is_some_and(|minutes| !(1..=240).contains(&minutes)) {
            return Err(Flaw::new("/minutesLate", "range", "Minutes late are 1 to 240."));
        }
        Ok(intake::Attendance {
            external_id: external_id("/externalId", &self.external_id)?,
            student: external_id("/studentExternalId", &self.student_external_id)?,
            lesson: external_id("/lessonExternalId", &self.lesson_external_id)?,
            status: self.status.0,
            minutes_late: self.minutes_late,
            comment: optional("/comment", self.comment, 500)?,
        })
    }
}

/// An entry of the report card.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PeriodGradeForm {
    /// The school's own id.
    external_id: String,
    /// True takes it back; the other fields are not needed then.
    #[serde(default, rename = "deleted")]
    _deleted: bool,
    /// The pupil; it cannot change.
    student_external_id: String,
    /// The subject.
    subject_external_id: String,
    /// The period; for year, exam and final grades the school year.
    period_external_id: String,
    /// What it is the grade of.
    kind: words::PeriodGradeKind,
    /// Default: graded.
    status: Option<words::GradeStatus>,
    /// What the parent reads.
    #[schema(example = "5", max_length = 50)]
    value: Option<String>,
    /// The percentage, 0 to 100.
    #[schema(value_type = Option<f64>)]
    percent: Option<Hundredths>,
}

impl Form for PeriodGradeForm {
    type Item = intake::PeriodGrade;
    fn item(self) -> Result<intake::PeriodGrade, Flaw> {
        if self.percent.is_some_and(|percent| !(0..=10_000).contains(&percent.0)) {
            return Err(Flaw::new("/percent", "range", "A percentage is 0 to 100."));
        }
        Ok(intake::PeriodGrade {
            external_id: external_id("/externalId", &self.external_id)?,
            student: external_id("/studentExternalId", &self.student_external_id)?,
            subject: external_id("/subjectExternalId", &self.subject_external_id)?,
            period: external_id("/periodExternalId", &self.period_external_id)?,
            kind: self.kind.0,
            status: status(self.status),
            value: optional("/value", self.value, 50)?,
            percent: self.percent.map(|percent| percent.0),
        })
    }
}
