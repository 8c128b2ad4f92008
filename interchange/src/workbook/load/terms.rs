//! The calendar a workbook is laid out over: the school's own, or the preset of the country where it has none for the year.

use std::ops::RangeInclusive;

use chrono::NaiveDate;
use domain::db::{Db, Scope};
use domain::intake::{self, Writer};
use domain::presets;
use domain::schools::{self, Calendar, Span};
use domain::types::{DayOff, PeriodKind, SchoolId};

use crate::workbook::words::Period;

/// The school's calendar of the year, completed by a preset where it has no periods.
pub(super) struct Planned {
    pub(super) calendar: Calendar,
    /// What is to be written first.
    missing: Vec<intake::Period>,
}

pub(super) fn calendar(db: &Db, school: SchoolId, year: i32) -> domain::Result<Planned> {
    let mut calendar = db.read_here(|conn| schools::calendar(conn, school, year))?;
    let preset = if calendar.periods.is_empty() { presets::kazakhstan(year) } else { None };
    let Some(preset) = preset else { return Ok(Planned { calendar, missing: Vec::new() }) };
    let span = |period: &intake::Period| Span {
        external_id: period.external_id.clone(),
        kind: period.kind,
        starts_on: period.starts_on,
        ends_on: period.ends_on,
    };
    calendar.periods = preset.periods.iter().map(span).collect();
    let fresh: Vec<DayOff> = preset.days_off.into_iter().filter(|off| !calendar.days_off.contains(off)).collect();
    calendar.days_off.extend(fresh);
    Ok(Planned { calendar, missing: preset.periods })
}

/// Writes what the school lacks of its calendar.
pub(super) fn write(db: &Db, writer: Writer, planned: &Planned) -> domain::Result<()> {
    if planned.missing.is_empty() {
        return Ok(());
    }
    intake::put(db, writer, &planned.missing)?;
    let scope = |_: &mut _| Ok(Scope { school: Some(writer.school), ..Scope::default() });
    db.write_children_here(scope, |conn, touch| {
        schools::set_days_off(conn, touch, writer.school, &planned.calendar.days_off)
    })
}

/// The periods of the year as the rows name them.
pub(super) struct Terms<'a> {
    year: i32,
    periods: &'a [Span],
}

impl<'a> Terms<'a> {
    pub(super) fn new(year: i32, planned: &'a Planned) -> Self {
        Self { year, periods: &planned.calendar.periods }
    }

    fn of(&self, kind: PeriodKind) -> impl Iterator<Item = &'a Span> {
        self.periods.iter().filter(move |period| period.kind == kind)
    }

    /// The first day of the school year.
    pub(super) fn first_day(&self) -> NaiveDate {
        let first = self.periods.iter().map(|period| period.starts_on).min();
        first.or_else(|| NaiveDate::from_ymd_opt(self.year, 9, 1)).unwrap_or_default()
    }

    /// The runs of days in which lessons are held: quarters, else semesters, else the year.
    pub(super) fn taught(&self) -> Vec<RangeInclusive<NaiveDate>> {
        let kinds = [PeriodKind::Quarter, PeriodKind::Semester, PeriodKind::Year];
        let runs = |kind| self.of(kind).map(|period| period.starts_on..=period.ends_on).collect::<Vec<_>>();
        kinds.into_iter().map(runs).find(|runs| !runs.is_empty()).unwrap_or_default()
    }

    /// Which of the runs of days a day belongs to; holidays belong to the run before them.
    pub(super) fn run(&self, day: NaiveDate) -> usize {
        self.taught().iter().filter(|run| *run.start() <= day).count().max(1)
    }

    /// The school's own id of a period; what is given for the whole year hangs on the year.
    pub(super) fn id(&self, period: Period) -> Option<&'a str> {
        let nth = |number: u8| usize::from(number.saturating_sub(1));
        let found = match period {
            Period::Quarter(number) => self.of(PeriodKind::Quarter).nth(nth(number)),
            Period::Semester(number) => self.of(PeriodKind::Semester).nth(nth(number)),
            Period::Whole(_) => self.of(PeriodKind::Year).next(),
        };
        found.map(|span| span.external_id.as_str())
    }
}
