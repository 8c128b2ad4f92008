//! Which days the demo is about: the school years around now, and the weeks whose lessons are written.

use std::collections::BTreeSet;

use anyhow::Context;
use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use domain::intake;
use domain::presets::{self, SchoolYear};
use domain::types::{DayOff, PeriodKind};

/// So many weeks with lessons are shown, the current one included.
const WEEKS: usize = 9;

pub struct Calendar {
    /// The school years with classes of their own, the oldest first.
    pub years: Vec<Year>,
    pub periods: Vec<intake::Period>,
    pub days_off: Vec<DayOff>,
    /// Now, where the school is.
    pub now: NaiveDateTime,
    /// The first and the last day of the lessons that are written.
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// The weeks somebody looks at: the last nine with lessons. Early in a whole year they reach into its future.
    pub shown: (NaiveDate, NaiveDate),
    /// Whether a whole school year is written, its future included.
    pub whole: bool,
}

pub struct Year {
    /// The year it starts in.
    pub start: i32,
    pub external_id: String,
    pub first_day: NaiveDate,
    pub last_day: NaiveDate,
    pub terms: Vec<Term>,
    /// The days with lessons.
    pub days: Vec<NaiveDate>,
}

pub struct Term {
    pub external_id: String,
    pub number: usize,
    pub from: NaiveDate,
    pub to: NaiveDate,
}

impl Calendar {
    /// The calendar around `now`, local time. A whole year needs no year before it.
    pub fn around(now: NaiveDateTime, whole: bool) -> anyhow::Result<Self> {
        let today = now.date();
        let start = if today.month() >= 9 { today.year() } else { today.year() - 1 };
        let (before, current, after) = (preset(start - 1)?, preset(start)?, preset(start + 1)?);
        let mut years = vec![Year::of(&current).context("the preset of a school year has no days")?];
        if !whole {
            years.insert(0, Year::of(&before).context("the preset of a school year has no days")?);
        }
        let past = weeks(&years, today).context("no lessons on or before this day")?;
        let (from, to, shown) = match years.last() {
            Some(year) if whole => (year.first_day, year.last_day, (past, today.max(year.first_day + Days::new(20)))),
            _ => (past, today.week(Weekday::Mon).first_day() + Days::new(13), (past, today)),
        };
        let announced = [before, current, after].into_iter().filter(|year| begins_before(year, today + Days::new(60)));
        let (mut periods, mut days_off) = (Vec::new(), Vec::new());
        for year in announced {
            periods.extend(year.periods);
            days_off.extend(year.days_off);
        }
        Ok(Self { years, periods, days_off, now, from, to, shown, whole })
    }

    pub fn today(&self) -> NaiveDate {
        self.now.date()
    }

    /// Whether the lessons of this day are written.
    pub fn shows(&self, date: NaiveDate) -> bool {
        self.from <= date && date <= self.to
    }

    /// Whether a lesson that ends then is over.
    pub fn is_over(&self, date: NaiveDate, ends_at: NaiveTime) -> bool {
        date.and_time(ends_at) <= self.now
    }

    /// Whether the journal has something to say about this day yet; in a whole year it speaks of the future too.
    pub fn is_noted(&self, date: NaiveDate, ends_at: NaiveTime) -> bool {
        self.whole || self.is_over(date, ends_at)
    }

    /// Whether a term's grades are set.
    pub fn is_closed(&self, last_day: NaiveDate) -> bool {
        self.whole || last_day < self.today()
    }
}

fn preset(school_year: i32) -> anyhow::Result<SchoolYear> {
    presets::kazakhstan_or_alike(school_year).with_context(|| format!("no calendar for the school year {school_year}"))
}

fn begins_before(year: &SchoolYear, day: NaiveDate) -> bool {
    year.periods.iter().any(|period| period.starts_on < day)
}

/// The Monday that begins the last nine weeks with lessons, the current one included.
fn weeks(years: &[Year], today: NaiveDate) -> Option<NaiveDate> {
    let past = years.iter().flat_map(|year| &year.days).filter(|day| **day <= today);
    let weeks: BTreeSet<NaiveDate> = past.map(|day| day.week(Weekday::Mon).first_day()).collect();
    let first = weeks.len().saturating_sub(WEEKS);
    weeks.into_iter().nth(first)
}

impl Year {
    fn of(preset: &SchoolYear) -> Option<Self> {
        let whole = preset.periods.iter().find(|period| period.kind == PeriodKind::Year)?;
        let quarters = preset.periods.iter().filter(|period| period.kind == PeriodKind::Quarter);
        let terms: Vec<Term> = quarters
            .zip(1..)
            .map(|(period, number)| Term {
                external_id: period.external_id.clone(),
                number,
                from: period.starts_on,
                to: period.ends_on,
            })
            .collect();
        let off = |day: NaiveDate| preset.days_off.iter().any(|off| off.from <= day && day <= off.to);
        let weekend = |day: NaiveDate| matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        let all = whole.starts_on.iter_days().take_while(|day| *day <= whole.ends_on);
        Some(Self {
            start: whole.school_year,
            external_id: whole.external_id.clone(),
            first_day: whole.starts_on,
            last_day: whole.ends_on,
            days: all.filter(|day| !weekend(*day) && !off(*day)).collect(),
            terms,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(now: &str, whole: bool) -> (String, String) {
        let calendar = Calendar::around(now.parse().unwrap(), whole).unwrap();
        (calendar.from.to_string(), calendar.to.to_string())
    }

    #[test]
    fn nine_weeks_with_lessons_and_the_coming_one_are_shown() {
        assert_eq!(around("2026-12-18T10:00:00", false), ("2026-10-12".to_owned(), "2026-12-27".to_owned()));
        assert_eq!(around("2027-07-20T10:00:00", false).0, "2027-03-29");
        assert_eq!(around("2026-09-02T10:00:00", false), ("2026-04-06".to_owned(), "2026-09-13".to_owned()));
        assert_eq!(around("2027-07-20T10:00:00", true), ("2026-09-01".to_owned(), "2027-05-25".to_owned()));
    }

    #[test]
    fn a_holiday_has_no_lessons_in_any_year() {
        let calendar = Calendar::around("2031-02-11T06:00:00".parse().unwrap(), false).unwrap();
        assert_eq!(calendar.years.len(), 2);
        assert!(calendar.years.iter().all(|year| year.terms.len() == 4 && year.days.len() > 150));
        assert!(!calendar.years.iter().any(|year| year.days.contains(&"2030-12-16".parse().unwrap())));
    }
}
