//! What goes otherwise than planned: cancelled lessons, substitutions, lessons that change places.

use std::rc::Rc;

use chrono::NaiveDate;
use domain::timetable::Change;
use domain::types::{Language, LessonStatus};

use super::calendar::Calendar;
use super::dice::Dice;
use super::lessons::Lesson;
use super::roster::Teacher;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Cancel,
    Substitute,
    Swap,
}

/// Changes a few lessons at random, and in the class of the first child on days that every run has. `lessons` stand class
/// by class and day by day.
pub fn happen(lessons: &mut [Lesson], teachers: &[Rc<Teacher>], calendar: &Calendar, dice: &mut Dice) {
    let shown = shown(lessons, calendar);
    for day in lessons.chunk_by_mut(|a, b| Rc::ptr_eq(&a.class, &b.class) && a.row.date == b.row.date) {
        let Some(first) = day.first() else { continue };
        let (date, chosen) = (first.row.date, first.class.pupils.iter().any(|pupil| pupil.shown));
        let fixed = shown.iter().find(|(day, _)| chosen && *day == date).map(|(_, turn)| *turn);
        let turn = fixed.or_else(|| match dice.between(1, 1000) {
            1..=20 => Some(Turn::Cancel),
            21..=70 => Some(Turn::Substitute),
            71..=90 => Some(Turn::Swap),
            _ => None,
        });
        match turn {
            Some(Turn::Cancel) => cancel(day),
            Some(Turn::Substitute) => substitute(day, teachers, dice),
            Some(Turn::Swap) => swap(day),
            None => {}
        }
    }
}

/// The days of the first child's class on which something changes: the last three with lessons, one more, the next two.
fn shown(lessons: &[Lesson], calendar: &Calendar) -> Vec<(NaiveDate, Turn)> {
    let own = lessons.iter().filter(|lesson| lesson.class.pupils.iter().any(|pupil| pupil.shown));
    let mut days: Vec<NaiveDate> = own.map(|lesson| lesson.row.date).collect();
    days.sort_unstable();
    days.dedup();
    let (past, future): (Vec<NaiveDate>, Vec<NaiveDate>) = days.iter().partition(|day| **day <= calendar.shown.1);
    let before = [Some(Turn::Swap), Some(Turn::Substitute), Some(Turn::Cancel), None, None, Some(Turn::Substitute)];
    let after = [Some(Turn::Substitute), Some(Turn::Cancel)];
    let before = past.into_iter().rev().zip(before);
    let fixed = before.chain(future.into_iter().zip(after));
    fixed.filter_map(|(day, turn)| Some((day, turn?))).collect()
}

/// The lessons of a day that may change: the whole class is there, in a classroom, and nothing is written.
fn free(day: &mut [Lesson]) -> impl Iterator<Item = &mut Lesson> {
    let whole = |lesson: &&mut Lesson| lesson.course.subgroup.is_none() && lesson.course.subject.key != "pe";
    day.iter_mut().filter(|lesson| lesson.work.is_none()).filter(whole)
}

fn cancel(day: &mut [Lesson]) {
    let Some(lesson) = free(day).last() else { return };
    let reason = said(lesson, "Мұғалім ауырып қалды, сабақ кейін өтеледі", "Учитель заболел, урок будет восполнен");
    lesson.row.status = LessonStatus::Cancelled;
    lesson.row.topic = None;
    lesson.row.change = Some(Change { reason: Some(reason), ..Change::default() });
}

fn substitute(day: &mut [Lesson], teachers: &[Rc<Teacher>], dice: &mut Dice) {
    let Some(lesson) = free(day).next() else { return };
    let own = &lesson.course.teacher;
    let others: Vec<&Rc<Teacher>> = teachers.iter().filter(|other| other.number != own.number).collect();
    let same = others.iter().find(|other| other.subject == own.subject).copied();
    let any = usize::try_from(dice.between(0, 1000)).unwrap_or(0).checked_rem(others.len());
    let Some(other) = same.or_else(|| others.get(any?).copied()) else { return };
    let reason = said(lesson, "Мұғалім біліктілікті арттыру курсында", "Учитель на курсах повышения квалификации");
    lesson.row.status = LessonStatus::Substituted;
    lesson.row.change =
        Some(Change { reason: Some(reason), previous_teacher: Some(own.name.formal()), ..Change::default() });
    lesson.row.teacher = Some(other.number.clone());
}

/// Two lessons of the day change places, and go to each other's rooms.
fn swap(day: &mut [Lesson]) {
    let mut free = free(day);
    let (Some(one), Some(other)) = (free.next(), free.next()) else { return };
    let (before, after) = (place(one), place(other));
    for (lesson, old, new) in [(&mut *one, &before, &after), (&mut *other, &after, &before)] {
        let reason = said(lesson, "Кесте өзгерді: кабинет жөнделуде", "Изменение в расписании: ремонт кабинета");
        (lesson.row.number, lesson.row.starts_at, lesson.row.ends_at) = (new.0, new.1, new.2);
        lesson.row.room.clone_from(&new.3);
        lesson.row.status = LessonStatus::Moved;
        lesson.row.change = Some(Change {
            reason: Some(reason),
            previous_room: old.3.clone(),
            previous_starts_at: Some(old.1.format("%H:%M").to_string()),
            ..Change::default()
        });
    }
}

type Place = (i32, chrono::NaiveTime, chrono::NaiveTime, Option<String>);

fn place(lesson: &Lesson) -> Place {
    (lesson.row.number, lesson.row.starts_at, lesson.row.ends_at, lesson.row.room.clone())
}

fn said(lesson: &Lesson, kk: &str, ru: &str) -> String {
    if lesson.class.language == Language::Kk { kk } else { ru }.to_owned()
}
