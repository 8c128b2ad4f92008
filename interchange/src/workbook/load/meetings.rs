//! The weekly timetable laid out over the year: every lesson by its course, day and number.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate, NaiveTime};
use domain::schools::Calendar;

use super::desk::{Desk, Origin};
use super::ids;
use super::terms::{Planned, Terms};
use crate::report::Flaw;
use crate::workbook::book::{At, at, get};
use crate::workbook::columns::Field;
use crate::workbook::teaching::Slot;
use crate::workbook::{Book, Sheet, dates};

/// One lesson: its row of the timetable, its day, its times.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meeting {
    pub(super) slot: At,
    pub(super) date: NaiveDate,
    pub(super) starts_at: NaiveTime,
    pub(super) ends_at: NaiveTime,
}

#[derive(Debug, Default)]
pub(super) struct Meetings {
    /// In the order of the rows and the days.
    pub(super) all: Vec<Meeting>,
    /// Numbers of lessons by course and day.
    numbers: HashMap<(At, NaiveDate), Vec<i32>>,
}

impl Meetings {
    /// Lays out the rows. One that gives no lesson, or one that is there already, is refused.
    pub(super) fn lay_out(book: &Book, planned: &Planned, terms: &Terms<'_>, desk: &mut Desk<'_>) -> Self {
        let days = school_days(&planned.calendar, terms);
        let mut meetings = Self::default();
        for (place, slot) in book.slots.iter().enumerate() {
            if let Err(flaw) = meetings.add(book, at(place), slot, &planned.calendar, &days, desk) {
                desk.refuse(Sheet::Timetable, Origin { at: place, line: slot.line }, flaw);
            }
        }
        meetings
    }

    fn add(
        &mut self,
        book: &Book,
        place: At,
        slot: &Slot,
        calendar: &Calendar,
        days: &[NaiveDate],
        desk: &Desk<'_>,
    ) -> Result<(), Flaw> {
        let flaw = |field, value: &str, reason: String, mend: &'static str| {
            Err(desk.log.flaw(Sheet::Timetable, field, value, reason, mend))
        };
        let Some((starts_at, ends_at)) = times(book, slot, calendar) else {
            let mend = "Write when the lesson begins and ends";
            return flaw(
                Field::Begins,
                "",
                "the row has no times and the school has no bells for this lesson".to_owned(),
                mend,
            );
        };
        if days.is_empty() {
            let reason = format!("the school has no periods in the school year {}", book.year);
            return flaw(
                Field::Weekday,
                "",
                reason,
                "Write the school year of the classes, or import the periods first",
            );
        }
        let valid = |day: &NaiveDate| {
            slot.since.is_none_or(|since| since <= *day) && slot.until.is_none_or(|until| *day <= until)
        };
        let own: Vec<NaiveDate> =
            days.iter().copied().filter(|day| day.weekday() == slot.weekday && valid(day)).collect();
        if own.is_empty() {
            let since = slot.since.map(dates::shown).unwrap_or_default();
            return flaw(
                Field::Since,
                &since,
                "no school day lies between the two dates".to_owned(),
                "Correct the dates of the row",
            );
        }
        let taken = |day: &&NaiveDate| self.has(slot.course, **day, slot.number);
        if let Some(day) = own.iter().find(taken) {
            let reason = format!("the subject has this lesson on {} in a row above", dates::shown(*day));
            return flaw(
                Field::Lesson,
                &slot.number.to_string(),
                reason,
                "Keep one of the rows, or part them by dates",
            );
        }
        for date in own {
            self.numbers.entry((slot.course, date)).or_default().push(slot.number);
            self.all.push(Meeting { slot: place, date, starts_at, ends_at });
        }
        Ok(())
    }

    /// What each lesson is called.
    pub(super) fn ids<'b>(&'b self, book: &'b Book) -> impl Iterator<Item = String> + 'b {
        let id = |meeting: &Meeting| {
            let slot = get(&book.slots, meeting.slot)?;
            Some(ids::lesson(book, slot.course, meeting.date, slot.number))
        };
        self.all.iter().filter_map(id)
    }

    pub(super) fn has(&self, course: At, date: NaiveDate, number: i32) -> bool {
        self.numbers(course, date).contains(&number)
    }

    /// The numbers of the lessons a course has on a day.
    pub(super) fn numbers(&self, course: At, date: NaiveDate) -> &[i32] {
        self.numbers.get(&(course, date)).map_or(&[], Vec::as_slice)
    }
}

/// Every day of the year that is taught on, whatever its day of the week.
fn school_days(calendar: &Calendar, terms: &Terms<'_>) -> Vec<NaiveDate> {
    let free = |day: &NaiveDate| calendar.days_off.iter().any(|off| off.from <= *day && *day <= off.to);
    let runs = terms.taught().into_iter();
    runs.flat_map(|run| run.start().iter_days().take_while(move |day| run.contains(day)))
        .filter(|day| !free(day))
        .collect()
}

/// The times of the row, else the bells of the shift of the class.
fn times(book: &Book, slot: &Slot, calendar: &Calendar) -> Option<(NaiveTime, NaiveTime)> {
    if slot.times.is_some() {
        return slot.times;
    }
    let shift = get(&book.courses, slot.course).and_then(|course| get(&book.classes, course.class))?.shift;
    let bell = calendar.bells.iter().find(|bell| bell.shift == shift && bell.number == slot.number)?;
    Some((bell.starts_at, bell.ends_at))
}
