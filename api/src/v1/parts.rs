//! Views that several resources share.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use domain::assessment::decimal;
use domain::types::Language;
use domain::{assessments, grades, homework, timetable};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

use crate::words::{self, Word};

/// Hundredths, as a JSON number with at most two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = f64, example = 8.5)]
pub struct Hundredths(pub i64);

impl Serialize for Hundredths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 100 == 0 {
            return serializer.serialize_i64(self.0 / 100);
        }
        let small = i32::try_from(self.0).map_err(serde::ser::Error::custom)?;
        serializer.serialize_f64(f64::from(small) / 100.0)
    }
}

/// Read without reckoning: the shortest text of a number is the one that was written.
impl<'de> Deserialize<'de> for Hundredths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        let wrong = || D::Error::custom(format!("{number} is no number from 0 with at most two decimals"));
        decimal(&number.to_string()).map(Self).ok_or_else(wrong)
    }
}

/// A UTC instant as the API writes it.
pub fn utc(instant: NaiveDateTime) -> DateTime<Utc> {
    instant.and_utc()
}

/// A school subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Subject {
    /// The subject's id.
    pub id: i64,
    /// Its name in the language of the answer.
    #[schema(example = "Алгебра")]
    pub name: String,
}

impl Subject {
    pub fn of(subject: &timetable::Subject, language: Language) -> Self {
        Self { id: subject.id.0, name: subject.names.in_language(language).to_owned() }
    }
}

/// A subject taught to a class or a subgroup.
#[derive(Debug, Serialize, ToSchema)]
pub struct Course {
    /// The course's id.
    pub id: i64,
    /// Its name, with the class or the subgroup.
    pub name: String,
}

/// A member of the school's staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Teacher {
    /// The teacher's id.
    pub id: i64,
    /// Last, first and middle name.
    pub name: String,
}

impl Teacher {
    pub fn of(teacher: &timetable::Teacher) -> Self {
        Self { id: teacher.id.0, name: teacher.name() }
    }
}

/// One meeting of a course.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Lesson {
    /// The lesson's id.
    pub id: i64,
    /// The local day.
    pub date: NaiveDate,
    /// Its place in the day.
    pub number: i32,
    /// Local time of its start, HH:MM.
    #[schema(example = "08:00")]
    pub starts_at: String,
    /// Local time of its end, HH:MM.
    #[schema(example = "08:45")]
    pub ends_at: String,
    /// The subject.
    pub subject: Subject,
    /// The course.
    pub course: Course,
    /// Who teaches it on this day.
    pub teacher: Option<Teacher>,
    /// The room.
    pub room: Option<String>,
    /// What it is about.
    pub topic: Option<String>,
    /// What became of it.
    pub status: words::LessonStatus,
    /// What it was before it was changed.
    pub change: Option<Change>,
    /// Homework due at this lesson.
    pub homework: Vec<Homework>,
    /// Grades given in this lesson.
    pub grades: Vec<Grade>,
    /// Whether the child was there, where that was noted.
    pub attendance: Option<Presence>,
}

/// What a lesson was before it was changed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Why.
    pub reason: Option<String>,
    /// Who was to teach it.
    pub previous_teacher: Option<String>,
    /// Where it was to be.
    pub previous_room: Option<String>,
    /// When it was to start, local time HH:MM.
    pub previous_starts_at: Option<String>,
}

/// Whether a child was there.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Presence {
    /// Present or not, and why.
    pub status: words::AttendanceStatus,
    /// Minutes late, with the status `late`.
    pub minutes_late: Option<i32>,
    /// What the teacher noted.
    pub comment: Option<String>,
}

impl Presence {
    pub fn of(presence: timetable::Presence) -> Self {
        Self { status: Word(presence.status), minutes_late: presence.minutes_late, comment: presence.comment }
    }
}

impl Lesson {
    /// The lesson without what hangs on it.
    pub fn bare(lesson: timetable::Lesson, language: Language) -> Self {
        Self {
            id: lesson.id.0,
            date: lesson.date,
            number: lesson.number,
            starts_at: lesson.starts_at.format("%H:%M").to_string(),
            ends_at: lesson.ends_at.format("%H:%M").to_string(),
            subject: Subject::of(&lesson.subject, language),
            course: Course { id: lesson.course.id.0, name: lesson.course.name },
            teacher: lesson.teacher.as_ref().map(Teacher::of),
            room: lesson.room,
            topic: lesson.topic,
            status: Word(lesson.status),
            change: lesson.change.map(|change| Change {
                reason: change.reason,
                previous_teacher: change.previous_teacher,
                previous_room: change.previous_room,
                previous_starts_at: change.previous_starts_at,
            }),
            homework: Vec::new(),
            grades: Vec::new(),
            attendance: lesson.attendance.map(Presence::of),
        }
    }
}

/// A piece of homework.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Homework {
    /// The homework's id.
    pub id: i64,
    /// The subject.
    pub subject: Subject,
    /// The lesson it is due at.
    pub lesson_id: Option<i64>,
    /// The local day it was given.
    pub assigned_on: NaiveDate,
    /// The local day it is due.
    pub due_on: NaiveDate,
    /// What to do.
    pub text: String,
    /// Files that belong to it.
    pub attachments: Vec<Attachment>,
    /// The family's own tick.
    pub done: bool,
    /// When the school last changed it.
    pub updated_at: DateTime<Utc>,
}

/// A file; `GET /v1/files/{id}` reads it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// The file's id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its size in bytes.
    pub size: i64,
}

impl Attachment {
    pub fn of(file: homework::Attachment) -> Self {
        Self { id: file.id.0, name: file.name, media_type: file.media_type, size: file.size }
    }
}

impl Homework {
    pub fn of(homework: homework::Homework, language: Language) -> Self {
        Self {
            id: homework.id.0,
            subject: Subject::of(&homework.subject, language),
            lesson_id: homework.lesson.map(|lesson| lesson.0),
            assigned_on: homework.assigned_on,
            due_on: homework.due_on,
            text: homework.text,
            attachments: homework.attachments.0.into_iter().map(Attachment::of).collect(),
            done: homework.done_at.is_some(),
            updated_at: utc(homework.updated_at),
        }
    }
}

/// What a child got.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Grade {
    /// The grade's id.
    pub id: i64,
    /// The subject.
    pub subject: Subject,
    /// The lesson it was given in.
    pub lesson_id: Option<i64>,
    /// The work it was given for.
    pub assessment: Option<Work>,
    /// What kind of work it was.
    pub kind: words::GradeKind,
    /// `graded`, or why there is no number; none of the others is a zero.
    pub status: words::GradeStatus,
    /// What the parent reads.
    #[schema(example = "8")]
    pub value: Option<String>,
    /// Points reached.
    pub points: Option<Hundredths>,
    /// Points there were.
    pub max_points: Option<Hundredths>,
    /// How much it weighs; 1 counts once.
    pub weight: Hundredths,
    /// What the teacher says about it.
    pub comment: Option<String>,
    /// The local day it is for.
    pub graded_on: NaiveDate,
    /// When it was written.
    pub recorded_at: DateTime<Utc>,
    /// How often it was written.
    pub revision: i32,
    /// Whether it was corrected; the history tells what it was.
    pub changed: bool,
}

/// The work a grade was given for.
#[derive(Debug, Serialize, ToSchema)]
pub struct Work {
    /// The assessment's id.
    pub id: i64,
    /// Its title.
    pub title: String,
    /// Its kind.
    pub kind: words::GradeKind,
}

impl Grade {
    pub fn of(grade: grades::Grade, language: Language) -> Self {
        Self {
            id: grade.id.0,
            subject: Subject::of(&grade.subject, language),
            lesson_id: grade.lesson.map(|lesson| lesson.0),
            assessment: grade.assessment.map(|work| Work { id: work.id.0, title: work.title, kind: Word(work.kind) }),
            kind: Word(grade.kind),
            status: Word(grade.status),
            value: grade.value,
            points: grade.points.map(Hundredths),
            max_points: grade.max_points.map(Hundredths),
            weight: Hundredths(grade.weight),
            comment: grade.comment,
            graded_on: grade.graded_on,
            recorded_at: utc(grade.recorded_at),
            revision: grade.revision,
            changed: grade.revision > 1,
        }
    }
}

/// A piece of work that is graded.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Assessment {
    /// The assessment's id.
    pub id: i64,
    /// The subject.
    pub subject: Subject,
    /// The lesson it is written in.
    pub lesson_id: Option<i64>,
    /// Its kind.
    pub kind: words::GradeKind,
    /// Its title.
    pub title: String,
    /// The local day.
    pub date: NaiveDate,
    /// The most points there are.
    pub max_points: Option<Hundredths>,
}

impl Assessment {
    pub fn of(assessment: assessments::Assessment, language: Language) -> Self {
        Self {
            id: assessment.id.0,
            subject: Subject::of(&assessment.subject, language),
            lesson_id: assessment.lesson.map(|lesson| lesson.0),
            kind: Word(assessment.kind),
            title: assessment.title,
            date: assessment.date,
            max_points: assessment.max_points.map(Hundredths),
        }
    }
}

/// A grading period, or the school year.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Period {
    /// The period's id.
    pub id: i64,
    /// Its name in the language of the answer.
    pub name: String,
    /// Its first local day.
    pub starts_on: NaiveDate,
    /// Its last local day.
    pub ends_on: NaiveDate,
}

impl Period {
    pub fn of(period: &domain::periods::Period, language: Language) -> Self {
        Self {
            id: period.id.0,
            name: period.names.in_language(language).to_owned(),
            starts_on: period.starts_on,
            ends_on: period.ends_on,
        }
    }
}
