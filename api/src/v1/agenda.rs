//! What a family has to do when, as an RFC 5545 calendar. Times are in UTC, so that no calendar needs a table of zones.

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use domain::access::ChildAccess;
use domain::assessments::{self, Assessment};
use domain::db::Conn;
use domain::homework::{self, Homework};
use domain::timetable::{self, Lesson};
use domain::types::{GradeKind, Language, LessonStatus};
use domain::{Result, people};
use icalendar::{Calendar, Component, Event, EventLike, EventStatus, Property};

/// The days before and after today that are in the calendar.
const DAYS: (i64, i64) = (14, 60);

/// One child's part of the calendar.
pub struct Agenda {
    child: i64,
    /// Set where there are siblings to tell it from.
    name: Option<String>,
    zone: Tz,
    /// Moves with everything that is in here.
    sequence: u32,
    stamp: DateTime<Utc>,
    lessons: Vec<Lesson>,
    homework: Vec<Homework>,
    works: Vec<Assessment>,
}

/// Reads what the children have before them and just behind.
pub fn read(conn: &mut Conn, rights: &[ChildAccess]) -> Result<Vec<Agenda>> {
    let names = if rights.len() > 1 { people::children(conn, rights)? } else { Vec::new() };
    let one = |right: &ChildAccess| {
        let (today, counters) = (right.today(), right.counters());
        let (from, to) = (today - Duration::days(DAYS.0), today + Duration::days(DAYS.1));
        let mut works = assessments::between(conn, right, from, to)?;
        works.retain(|work| matches!(work.kind, GradeKind::Section | GradeKind::Term | GradeKind::Exam));
        Ok(Agenda {
            child: right.child().0,
            name: names.iter().find(|(child, _)| child.id == right.child()).map(|(child, _)| child.first.clone()),
            zone: right.zone(),
            sequence: u32::try_from(counters.child + counters.school).unwrap_or(u32::MAX) & 0x7fff_ffff,
            stamp: today.and_time(NaiveTime::MIN).and_utc(),
            lessons: timetable::lessons(conn, right, from, to)?,
            homework: homework::due(conn, right, from, to)?,
            works,
        })
    };
    rights.iter().map(one).collect()
}

/// The calendar as text. `host` makes the ids of its events unique in the world; they stay while the things they stand for do.
pub fn calendar(agendas: &[Agenda], language: Language, host: &str) -> String {
    let words = Words::of(language);
    let mut calendar = Calendar::empty();
    for (key, value) in [("VERSION", "2.0"), ("PRODID", "-//Apta//Diary//EN"), ("CALSCALE", "GREGORIAN")] {
        calendar.append_property(Property::new(key, value));
    }
    calendar.append_property(Property::new("METHOD", "PUBLISH"));
    calendar.name(words.diary).ttl(&Duration::hours(1));
    for agenda in agendas {
        let scribe = Scribe { agenda, words: &words, language, host };
        agenda.lessons.iter().for_each(|lesson| {
            calendar.push(scribe.lesson(lesson));
        });
        agenda.homework.iter().for_each(|homework| {
            calendar.push(scribe.homework(homework));
        });
        agenda.works.iter().for_each(|work| {
            calendar.push(scribe.work(work));
        });
    }
    calendar.to_string()
}

/// Writes the events of one child.
struct Scribe<'a> {
    agenda: &'a Agenda,
    words: &'a Words,
    language: Language,
    host: &'a str,
}

impl Scribe<'_> {
    fn event(&self, noun: &str, id: i64, summary: &str) -> Event {
        let Agenda { child, name, sequence, stamp, .. } = self.agenda;
        let name = name.as_ref().map_or_else(String::new, |name| format!("{name}: "));
        let mut event = Event::new();
        event.uid(&format!("{noun}-{id}-{child}@{}", self.host)).timestamp(*stamp).sequence(*sequence);
        event.summary(&plain(&format!("{name}{summary}")));
        event
    }

    fn lesson(&self, lesson: &Lesson) -> Event {
        let subject = lesson.subject.names.in_language(self.language);
        let summary = match self.words.status(lesson.status) {
            Some(word) => format!("{word}: {subject}"),
            None => subject.to_owned(),
        };
        let mut event = self.event("lesson", lesson.id.0, &summary);
        event.starts(self.instant(lesson.date, lesson.starts_at)).ends(self.instant(lesson.date, lesson.ends_at));
        if lesson.status == LessonStatus::Cancelled {
            event.status(EventStatus::Cancelled).append_property(Property::new("TRANSP", "TRANSPARENT"));
        } else {
            event.status(EventStatus::Confirmed);
        }
        if let Some(room) = &lesson.room {
            event.location(&plain(room));
        }
        let mut lines: Vec<String> = lesson.teacher.iter().map(timetable::Teacher::name).collect();
        lines.extend(lesson.topic.clone());
        if let Some(change) = &lesson.change {
            lines.extend(change.reason.clone());
            let was = [&change.previous_starts_at, &change.previous_teacher, &change.previous_room];
            let was: Vec<&str> = was.into_iter().flatten().map(String::as_str).collect();
            if !was.is_empty() {
                lines.push(format!("{}: {}", self.words.was, was.join(", ")));
            }
        }
        describe(event, &lines.join("\n"))
    }

    fn homework(&self, homework: &Homework) -> Event {
        let subject = homework.subject.names.in_language(self.language);
        let done = if homework.done_at.is_some() { "✓ " } else { "" };
        let summary = format!("{done}{}: {subject}", self.words.homework);
        let mut event = self.event("homework", homework.id.0, &summary);
        event.starts(homework.due_on).append_property(Property::new("TRANSP", "TRANSPARENT"));
        describe(event, &homework.text)
    }

    /// A work stands at its lesson's time where that is known, else on its day.
    fn work(&self, work: &Assessment) -> Event {
        let summary = format!("{}: {}", work.title, work.subject.names.in_language(self.language));
        let mut event = self.event("work", work.id.0, &summary);
        match self.agenda.lessons.iter().find(|lesson| Some(lesson.id) == work.lesson && lesson.date == work.date) {
            Some(at) => event.starts(self.instant(at.date, at.starts_at)).ends(self.instant(at.date, at.ends_at)),
            None => event.starts(work.date),
        };
        event.append_property(Property::new("TRANSP", "TRANSPARENT")).done()
    }

    /// A local time that the clocks skip is taken as the clocks went before.
    fn instant(&self, day: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
        let local = day.and_time(time);
        let zone = self.agenda.zone;
        let there = zone.from_local_datetime(&local).earliest().map(|there| there.with_timezone(&Utc));
        there.unwrap_or_else(|| (local - zone.offset_from_utc_datetime(&local).fix()).and_utc())
    }
}

fn describe(mut event: Event, text: &str) -> Event {
    if !text.is_empty() {
        event.description(&plain(text));
    }
    event
}

/// No control characters but line breaks: RFC 5545 has no way to write them, and a lone return would end a line.
fn plain(text: &str) -> String {
    text.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}

/// The words a calendar adds to what the school wrote.
struct Words {
    diary: &'static str,
    homework: &'static str,
    cancelled: &'static str,
    substituted: &'static str,
    moved: &'static str,
    was: &'static str,
}

impl Words {
    fn of(language: Language) -> Self {
        match language {
            Language::Kk => Self {
                diary: "Күнделік",
                homework: "Үй тапсырмасы",
                cancelled: "Сабақ болмайды",
                substituted: "Алмастыру",
                moved: "Сабақ ауыстырылды",
                was: "Бұрын",
            },
            Language::Ru => Self {
                diary: "Дневник",
                homework: "Домашнее задание",
                cancelled: "Урока не будет",
                substituted: "Замена",
                moved: "Урок перенесён",
                was: "Было",
            },
            Language::En => Self {
                diary: "Diary",
                homework: "Homework",
                cancelled: "Cancelled",
                substituted: "Substitution",
                moved: "Moved",
                was: "Before",
            },
        }
    }

    fn status(&self, status: LessonStatus) -> Option<&'static str> {
        match status {
            LessonStatus::Planned | LessonStatus::Held => None,
            LessonStatus::Cancelled => Some(self.cancelled),
            LessonStatus::Substituted => Some(self.substituted),
            LessonStatus::Moved => Some(self.moved),
        }
    }
}
