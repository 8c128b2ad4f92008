//! Which changes families are told of: the pure rules.

use chrono::NaiveDate;

use super::facts::Step;
use super::preferences::Choice;
use crate::changes::{Change, Entity};
use crate::grades::Grade;
use crate::timetable::Lesson;
use crate::types::{AttendanceStatus, EventKind, GradeKind, LessonStatus, StaffId, Threshold};

/// Only what happens in the days ahead is worth an alarm: a timetable made anew for the next term is none.
const LESSONS_AHEAD: i64 = 14;
/// An absence noted later than that alarms nobody.
const ABSENCES_BACK: i64 = 14;

/// What is new to somebody who last heard of a thing before `first` of several changes and hears of it again after the last.
#[derive(Debug, Clone, PartialEq)]
pub struct Net {
    pub step: Step,
    pub entity: Entity,
    pub previous: Option<Entity>,
}

/// All changes of one thing from the first to the last in one; `None` if nothing is left to tell of them.
pub fn net(first: &Change, last: &Change) -> Option<Net> {
    match (before(first), after(last)) {
        (None, None) => None,
        (None, Some(now)) => Some(Net { step: Step::Created, entity: now.clone(), previous: None }),
        (Some(was), Some(now)) if looks_the_same(was, now) => None,
        (Some(was), Some(now)) => Some(Net { step: Step::Changed, entity: now.clone(), previous: Some(was.clone()) }),
        (Some(was), None) => Some(Net { step: Step::Removed, entity: was.clone(), previous: None }),
    }
}

fn before(change: &Change) -> Option<&Entity> {
    match step(change.kind) {
        Some(Step::Created) | None => None,
        Some(Step::Changed) => Some(change.previous.as_ref().unwrap_or(&change.entity)),
        Some(Step::Removed) => Some(&change.entity),
    }
}

fn after(change: &Change) -> Option<&Entity> {
    (step(change.kind) != Some(Step::Removed)).then_some(&change.entity)
}

/// Whether a thing came, changed or went; `None` for what happened to an account.
fn step(kind: EventKind) -> Option<Step> {
    use EventKind as Kind;
    Some(match kind {
        Kind::GradeCreated
        | Kind::HomeworkCreated
        | Kind::LessonCreated
        | Kind::AttendanceCreated
        | Kind::PeriodGradeCreated
        | Kind::AssessmentCreated => Step::Created,
        Kind::GradeChanged
        | Kind::HomeworkChanged
        | Kind::LessonChanged
        | Kind::AttendanceChanged
        | Kind::PeriodGradeChanged
        | Kind::AssessmentChanged => Step::Changed,
        Kind::GradeRemoved
        | Kind::HomeworkRemoved
        | Kind::LessonRemoved
        | Kind::AttendanceRemoved
        | Kind::PeriodGradeRemoved
        | Kind::AssessmentRemoved => Step::Removed,
        Kind::ChildAdded | Kind::ChildRemoved => return None,
    })
}

/// Whether an alert would say the same of both: a comment, a room, a tick of the family's own are no news.
fn looks_the_same(was: &Entity, now: &Entity) -> bool {
    match (was, now) {
        (Entity::Grade(was), Entity::Grade(now)) => (was.status, &was.value) == (now.status, &now.value),
        (Entity::Homework(was), Entity::Homework(now)) => (was.due_on, &was.text) == (now.due_on, &now.text),
        (Entity::Lesson(was), Entity::Lesson(now)) => face(was) == face(now),
        (Entity::Attendance(was), Entity::Attendance(now)) => {
            let (was, now) = (&was.presence, &now.presence);
            (was.status, was.minutes_late) == (now.status, now.minutes_late)
        }
        (Entity::Assessment(was), Entity::Assessment(now)) => {
            (was.kind, &was.title, was.date) == (now.kind, &now.title, now.date)
        }
        (Entity::PeriodGrade(was), Entity::PeriodGrade(now)) => (was.status, &was.value) == (now.status, &now.value),
        _ => false,
    }
}

type Face = (NaiveDate, chrono::NaiveTime, LessonStatus, Option<StaffId>);

/// What of a lesson is worth an alarm: that it is held is as planned, and who teaches matters where another one does.
fn face(lesson: &Lesson) -> Face {
    let status = if lesson.status == LessonStatus::Held { LessonStatus::Planned } else { lesson.status };
    let teacher = lesson.teacher.as_ref().filter(|_| status == LessonStatus::Substituted).map(|teacher| teacher.id);
    (lesson.date, lesson.starts_at, status, teacher)
}

/// Whether families want to hear of it on the day `today`, where the school is.
pub fn is_worth_telling(net: &Net, today: NaiveDate) -> bool {
    let ahead = |day: NaiveDate| day >= today;
    match (&net.entity, &net.previous) {
        (Entity::Grade(_) | Entity::PeriodGrade(_), _) => true,
        (Entity::Homework(homework), _) => ahead(homework.due_on),
        (Entity::Lesson(lesson), was) => {
            let near = |day: NaiveDate| ahead(day) && (day - today).num_days() <= LESSONS_AHEAD;
            let was_near = matches!(was, Some(Entity::Lesson(was)) if near(was.date));
            let unplanned = !matches!(lesson.status, LessonStatus::Planned | LessonStatus::Held);
            match net.step {
                Step::Created => near(lesson.date) && unplanned,
                Step::Changed => near(lesson.date) || was_near,
                // A lesson that was called off already is not called off again.
                Step::Removed => near(lesson.date) && lesson.status != LessonStatus::Cancelled,
            }
        }
        (Entity::Attendance(noted), was) => {
            let missed = |status| matches!(status, AttendanceStatus::Absent | AttendanceStatus::Late);
            let was_missed = matches!(was, Some(Entity::Attendance(was)) if missed(was.presence.status));
            (missed(noted.presence.status) || was_missed) && (today - noted.date).num_days() <= ABSENCES_BACK
        }
        (Entity::Assessment(work), was) => {
            let was_ahead = matches!(was, Some(Entity::Assessment(was)) if ahead(was.date));
            matches!(work.kind, GradeKind::Section | GradeKind::Term) && (ahead(work.date) || was_ahead)
        }
    }
}

/// Whether a threshold lets it through: as it is or as it was, so that nobody keeps what was taken back. A grade without a
/// number is let through.
pub fn passes(choice: &Choice, net: &Net) -> bool {
    let than = choice.than.unwrap_or_default();
    let lets = |points: Option<i64>| match choice.only {
        Threshold::All => true,
        Threshold::Below => points.is_none_or(|points| points < than),
        Threshold::Above => points.is_none_or(|points| points > than),
    };
    let grade = |entity: &Entity| match entity {
        Entity::Grade(grade) => lets(points(grade)),
        _ => true,
    };
    grade(&net.entity) || net.previous.as_ref().is_some_and(grade)
}

/// What the parent reads as a number, in hundredths: the value («5» of a percentage scale is no 92), else the points.
fn points(grade: &Grade) -> Option<i64> {
    let read = grade.value.as_ref().and_then(|value| value.trim().parse::<i64>().ok()).map(|value| value * 100);
    read.or(grade.points)
}
