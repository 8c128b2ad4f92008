//! What the full level adds: values, days, names.

use chrono::{Datelike, NaiveDate, NaiveTime};
use domain::alerts::facts::{Detail, Step, Thing};
use domain::types::{AttendanceStatus, GradeKind, GradeStatus, Language, LessonStatus, PeriodGradeKind, Word};
use fluent_bundle::FluentArgs;

use super::catalogue::{Part, text};

/// A text to be looked up, and what fills it.
pub(super) struct Entry<'a> {
    pub key: String,
    pub part: Part,
    pub values: FluentArgs<'a>,
}

/// How a thing is told: which message, which of its texts, and their values.
pub(super) fn entry(thing: &Thing, language: Language) -> Entry<'_> {
    let step = match thing.step {
        Step::Created => "created",
        Step::Changed => "changed",
        Step::Removed => "removed",
    };
    let mut values = FluentArgs::new();
    values.set("subject", thing.subject.as_deref().unwrap_or_default());
    values.set("work", work(thing.detail.as_ref()));
    let mut entry = Entry { key: format!("{}-{step}", thing.kind.as_str()), part: Part::Detail, values };
    if let Some(detail) = &thing.detail {
        entry.fill(detail, language);
        if thing.step == Step::Removed {
            entry.part = Part::Detail;
        } else if let Detail::Lesson { status, teacher, previous, .. } = detail {
            entry.lesson(*status, teacher.as_deref(), previous.is_some());
        }
    }
    entry
}

impl<'a> Entry<'a> {
    fn fill(&mut self, detail: &'a Detail, language: Language) {
        match detail {
            Detail::Grade { status, value, previous, .. } => {
                self.values.set("value", mark(*status, value.as_deref(), language));
                self.before(previous.clone());
            }
            Detail::Homework { due_on, text } => {
                self.values.set("date", day(*due_on, language));
                self.values.set("text", text.as_str());
            }
            Detail::Lesson { date, starts_at, room, teacher, previous, .. } => {
                self.values.set("when", when(*date, *starts_at, room.as_deref(), language));
                self.values.set("teacher", teacher.as_deref().unwrap_or_default());
                self.before(previous.map(|(date, time)| when(date, time, None, language)));
            }
            Detail::Attendance { status, date, number, minutes_late } => {
                self.values.set("date", day(*date, language));
                self.values.set("number", *number);
                self.values.set("presence", presence(*status, *minutes_late, language));
            }
            Detail::Assessment { title, date, previous, .. } => {
                self.values.set("title", title.as_str());
                self.values.set("date", day(*date, language));
                self.before(previous.map(|date| day(date, language)));
            }
            Detail::News { title } => self.values.set("title", title.as_str()),
            Detail::ReportCard { kind, status, value, previous } => {
                self.values.set("what", text(language, what(*kind), Part::Headline, &FluentArgs::new()));
                self.values.set("value", mark(*status, value.as_deref(), language));
                self.before(previous.clone());
            }
        }
    }

    fn before(&mut self, before: Option<String>) {
        if let Some(before) = before {
            self.values.set("before", before);
            self.part = Part::Was;
        }
    }

    /// A lesson that stays is told by what became of it.
    fn lesson(&mut self, status: LessonStatus, teacher: Option<&str>, moved: bool) {
        let (key, part) = match (status, teacher) {
            (LessonStatus::Cancelled, _) => ("lesson-cancelled", Part::Detail),
            (LessonStatus::Substituted, Some(_)) => ("lesson-substituted", Part::Detail),
            _ if moved => ("lesson-moved", Part::Was),
            (LessonStatus::Moved, _) => ("lesson-moved", Part::Detail),
            _ => return,
        };
        key.clone_into(&mut self.key);
        self.part = part;
    }
}

/// The word the catalogue picks a headline by.
fn work(detail: Option<&Detail>) -> &'static str {
    match detail {
        Some(Detail::Assessment { kind: GradeKind::Section, .. }) => "section",
        Some(Detail::Assessment { kind: GradeKind::Term, .. }) => "term",
        Some(Detail::Assessment { kind: GradeKind::Exam, .. }) => "exam",
        _ => "other",
    }
}

/// What a parent reads as the grade: its value, or why there is none.
fn mark(status: GradeStatus, value: Option<&str>, language: Language) -> String {
    match (status, value) {
        (GradeStatus::Graded, Some(value)) => value.to_owned(),
        _ => text(language, &format!("status-{}", status.as_str()), Part::Headline, &FluentArgs::new()),
    }
}

fn day(date: NaiveDate, language: Language) -> String {
    let mut values = FluentArgs::new();
    values.set("day", date.day());
    values.set("month", date.month());
    values.set("weekday", date.weekday().number_from_monday());
    text(language, "date", Part::Headline, &values)
}

fn when(date: NaiveDate, time: NaiveTime, room: Option<&str>, language: Language) -> String {
    let mut when = format!("{}, {}", day(date, language), time.format("%H:%M"));
    if let Some(room) = room {
        when.push_str(", ");
        when.push_str(&place(room, language));
    }
    when
}

/// "204" is a room; "Спортзал" says itself what it is.
fn place(room: &str, language: Language) -> String {
    if !room.starts_with(|c: char| c.is_ascii_digit()) {
        return room.to_owned();
    }
    let mut values = FluentArgs::new();
    values.set("room", room);
    text(language, "room", Part::Headline, &values)
}

fn presence(status: AttendanceStatus, minutes_late: Option<i32>, language: Language) -> String {
    let mut values = FluentArgs::new();
    let minutes = minutes_late.filter(|minutes| *minutes > 0 && status == AttendanceStatus::Late);
    if let Some(minutes) = minutes {
        values.set("count", minutes);
        return text(language, "presence-late-by", Part::Headline, &values);
    }
    text(language, &format!("presence-{}", status.as_str()), Part::Headline, &values)
}

fn what(kind: PeriodGradeKind) -> &'static str {
    match kind {
        PeriodGradeKind::Period => "report-card-period",
        PeriodGradeKind::Year => "report-card-year",
        PeriodGradeKind::Exam => "report-card-exam",
        PeriodGradeKind::Final => "report-card-final",
    }
}
