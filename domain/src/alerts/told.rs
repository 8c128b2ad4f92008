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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessments::Assessment;
    use crate::attendance::Noted;
    use crate::homework::{Attachments, Homework};
    use crate::timetable::{Course, Presence, Subject, Teacher};
    use crate::types::{AssessmentId, CourseId, HomeworkId, LessonId, Names, SubjectId};

    const TODAY: &str = "2026-11-18";

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn subject() -> Subject {
        Subject { id: SubjectId(1), names: Names::same("Algebra") }
    }

    fn lesson(date: &str, status: LessonStatus) -> Lesson {
        let at = |text: &str| text.parse().unwrap();
        Lesson {
            id: LessonId(1),
            date: day(date),
            number: 1,
            starts_at: at("08:00:00"),
            ends_at: at("08:45:00"),
            room: None,
            topic: None,
            status,
            change: None,
            course: Course { id: CourseId(1), name: "7a".to_owned() },
            subject: subject(),
            teacher: None,
            attendance: None,
        }
    }

    fn homework(due_on: &str) -> Entity {
        let at = day(TODAY).and_hms_opt(7, 0, 0).unwrap();
        Entity::Homework(Homework {
            id: HomeworkId(1),
            course: CourseId(1),
            lesson: None,
            assigned_on: day("2026-11-01"),
            due_on: day(due_on),
            text: "214".to_owned(),
            attachments: Attachments::default(),
            updated_at: at,
            subject: subject(),
            done_at: None,
        })
    }

    fn work(kind: GradeKind, date: &str) -> Entity {
        let (id, title) = (AssessmentId(1), "1".to_owned());
        Entity::Assessment(Assessment {
            id,
            lesson: None,
            kind,
            title,
            date: day(date),
            max_points: None,
            subject: subject(),
        })
    }

    fn noted(date: &str, status: AttendanceStatus) -> Entity {
        let presence = Presence { status, minutes_late: None, comment: None };
        Entity::Attendance(Noted { lesson: LessonId(1), date: day(date), number: 1, subject: subject(), presence })
    }

    fn is_told(step: Step, entity: Entity, previous: Option<Entity>) -> bool {
        is_worth_telling(&Net { step, entity, previous }, day(TODAY))
    }

    #[test]
    fn lessons_are_told_of_today_and_the_fourteen_days_behind_it() {
        let cancelled = |date| lesson(date, LessonStatus::Cancelled);
        let was = |date| Some(Entity::Lesson(lesson(date, LessonStatus::Planned)));
        let changed = |date| is_told(Step::Changed, Entity::Lesson(cancelled(date)), was(date));
        assert!(changed(TODAY) && changed("2026-12-02"));
        assert!(!changed("2026-11-17") && !changed("2026-12-03"));
        let made = |date, status| is_told(Step::Created, Entity::Lesson(lesson(date, status)), None);
        assert!(made("2026-12-02", LessonStatus::Substituted) && !made("2026-12-03", LessonStatus::Substituted));
        assert!(!made(TODAY, LessonStatus::Planned) && !made(TODAY, LessonStatus::Held), "a timetable is no news");
        let gone = |date, status| is_told(Step::Removed, Entity::Lesson(lesson(date, status)), None);
        assert!(gone("2026-12-02", LessonStatus::Planned) && !gone("2026-12-03", LessonStatus::Planned));
        assert!(!gone(TODAY, LessonStatus::Cancelled), "it was called off already");
    }

    #[test]
    fn a_lesson_that_moves_is_told_if_it_leaves_or_enters_the_days_ahead() {
        let at = |date| Entity::Lesson(lesson(date, LessonStatus::Planned));
        let moved = |from, to| is_told(Step::Changed, at(to), Some(at(from)));
        assert!(moved("2026-11-19", "2027-01-20") && moved("2027-01-20", "2026-11-19"));
        assert!(moved("2026-11-19", "2026-11-10"), "nobody waits for it in vain");
        assert!(!moved("2027-01-20", "2027-01-21") && !moved("2026-11-10", "2026-11-11"));
    }

    #[test]
    fn homework_that_is_past_is_told_to_nobody() {
        for step in [Step::Created, Step::Changed, Step::Removed] {
            let told = |due_on| is_told(step, homework(due_on), Some(homework("2026-11-19")));
            assert!(told(TODAY) && told("2027-05-01") && !told("2026-11-17"), "{step:?}");
        }
    }

    #[test]
    fn only_the_work_of_a_section_or_a_term_is_told_and_only_ahead() {
        let told = |kind, date| is_told(Step::Created, work(kind, date), None);
        for kind in [GradeKind::Section, GradeKind::Term] {
            assert!(told(kind, TODAY) && told(kind, "2027-05-01") && !told(kind, "2026-11-17"), "{kind:?}");
        }
        assert!(!told(GradeKind::Formative, "2026-11-19"));
        let moved = |from, to| is_told(Step::Changed, work(GradeKind::Term, to), Some(work(GradeKind::Term, from)));
        assert!(moved("2026-11-19", "2026-11-10") && moved("2026-11-10", "2026-11-19"));
        assert!(!moved("2026-11-10", "2026-11-11"));
    }

    #[test]
    fn an_absence_is_told_for_fourteen_days_and_so_is_its_end() {
        let (missed, there) = (AttendanceStatus::Absent, AttendanceStatus::Present);
        let told = |date, status| is_told(Step::Created, noted(date, status), None);
        assert!(told(TODAY, missed) && told("2026-11-04", AttendanceStatus::Late) && !told("2026-11-03", missed));
        assert!(!told(TODAY, there));
        assert!(is_told(Step::Changed, noted(TODAY, there), Some(noted(TODAY, missed))), "it was a mistake");
    }

    #[test]
    fn what_looks_the_same_is_no_news() {
        let change = |kind, entity, previous| Change {
            kind,
            at: day(TODAY).and_hms_opt(7, 0, 0).unwrap(),
            entity: Entity::Lesson(entity),
            previous: Some(Entity::Lesson(previous)),
        };
        let planned = lesson(TODAY, LessonStatus::Planned);
        let teacher = Teacher { id: StaffId(2), first: "A".to_owned(), last: "B".to_owned(), middle: None };
        let told = |now: Lesson| {
            let change = change(EventKind::LessonChanged, now, planned.clone());
            net(&change, &change).is_some()
        };
        assert!(!told(Lesson { room: Some("5".to_owned()), ..planned.clone() }));
        assert!(!told(lesson(TODAY, LessonStatus::Held)), "that it is held is as planned");
        assert!(!told(Lesson { teacher: Some(teacher.clone()), ..planned.clone() }));
        let substituted = lesson(TODAY, LessonStatus::Substituted);
        assert!(
            told(Lesson { teacher: Some(teacher), ..substituted }) && told(lesson("2026-11-19", LessonStatus::Planned))
        );
    }
}
