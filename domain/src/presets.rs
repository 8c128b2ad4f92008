//! School years as a country orders them: terms, public holidays, breaks; data, ready to be written to a school.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::intake::Period;
use crate::types::{DayOff, Names, PeriodKind};

/// The periods and the days off of one school year.
#[derive(Debug, Clone)]
pub struct SchoolYear {
    /// The year itself, then its terms in their order.
    pub periods: Vec<Period>,
    /// Public holidays first, then the breaks: a holiday inside a break keeps its name.
    pub days_off: Vec<DayOff>,
}

type MonthDay = (u32, u32);
type InThreeLanguages = (&'static str, &'static str, &'static str);

struct Order {
    school_year: i32,
    terms: [(MonthDay, MonthDay); 4],
}

/// The orders of Kazakhstan's Minister of Education for schools. Level 1 has one more break in February; that hangs on a
/// class, not on a school, and is not here.
const KAZAKHSTAN: &[Order] = &[
    Order {
        school_year: 2025,
        terms: [((9, 1), (10, 26)), ((11, 3), (12, 28)), ((1, 8), (3, 18)), ((3, 30), (5, 25))],
    },
    Order {
        school_year: 2026,
        terms: [((9, 1), (10, 25)), ((11, 2), (12, 27)), ((1, 11), (3, 21)), ((3, 29), (5, 25))],
    },
];

/// Kazakhstan's public holidays; both days are included.
const HOLIDAYS: &[(MonthDay, MonthDay, InThreeLanguages)] = &[
    ((10, 25), (10, 25), ("Республика күні", "День Республики", "Republic Day")),
    ((12, 16), (12, 16), ("Тәуелсіздік күні", "День Независимости", "Independence Day")),
    ((1, 1), (1, 2), ("Жаңа жыл", "Новый год", "New Year")),
    ((3, 8), (3, 8), ("Халықаралық әйелдер күні", "Международный женский день", "International Women's Day")),
    ((3, 15), (3, 15), ("Конституция күні", "День Конституции", "Constitution Day")),
    ((3, 21), (3, 23), ("Наурыз мейрамы", "Наурыз мейрамы", "Nauryz")),
    ((5, 1), (5, 1), ("Қазақстан халқының бірлігі мерекесі", "Праздник единства народа Казахстана", "Unity Day")),
    ((5, 7), (5, 7), ("Отан қорғаушы күні", "День защитника Отечества", "Defender of the Fatherland Day")),
    ((5, 9), (5, 9), ("Жеңіс күні", "День Победы", "Victory Day")),
    ((7, 6), (7, 6), ("Астана күні", "День столицы", "Capital City Day")),
];

const BREAKS: [InThreeLanguages; 3] = [
    ("Күзгі каникул", "Осенние каникулы", "Autumn break"),
    ("Қысқы каникул", "Зимние каникулы", "Winter break"),
    ("Көктемгі каникул", "Весенние каникулы", "Spring break"),
];
const SUMMER: InThreeLanguages = ("Жазғы каникул", "Летние каникулы", "Summer break");

/// Kazakhstan's school year that starts in `school_year`, if it has been ordered.
pub fn kazakhstan(school_year: i32) -> Option<SchoolYear> {
    let order = KAZAKHSTAN.iter().find(|order| order.school_year == school_year)?;
    lay_out(order, school_year)
}

/// As [`kazakhstan`]; for a year not ordered (yet), the same dates as in the nearest one that was. For samples and drafts.
pub fn kazakhstan_or_alike(school_year: i32) -> Option<SchoolYear> {
    let order = KAZAKHSTAN.iter().min_by_key(|order| order.school_year.abs_diff(school_year))?;
    lay_out(order, school_year)
}

fn lay_out(order: &Order, school_year: i32) -> Option<SchoolYear> {
    let terms: Option<Vec<(NaiveDate, NaiveDate)>> =
        order.terms.iter().map(|(from, to)| Some((day(school_year, *from)?, day(school_year, *to)?))).collect();
    let terms = terms?;
    let mut days_off = holidays(school_year)?;
    days_off.extend(breaks(school_year, &terms)?);
    Some(SchoolYear { periods: periods(school_year, &terms)?, days_off })
}

/// The day in a school year that runs from September to August.
fn day(school_year: i32, (month, day): MonthDay) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(if month >= 9 { school_year } else { school_year + 1 }, month, day)
}

fn periods(school_year: i32, terms: &[(NaiveDate, NaiveDate)]) -> Option<Vec<Period>> {
    let (years, next) = (format!("{school_year}/{}", school_year + 1), school_year + 1);
    let period = |external_id, kind, names, (starts_on, ends_on)| Period {
        external_id,
        kind,
        school_year,
        names,
        starts_on,
        ends_on,
    };
    let names = Names::of(
        &format!("{school_year}–{next} оқу жылы"),
        &format!("{school_year}–{next} учебный год"),
        &format!("School year {years}"),
    );
    let whole = (terms.first()?.0, terms.last()?.1);
    let mut periods = vec![period(format!("year-{school_year}"), PeriodKind::Year, names, whole)];
    for (term, number) in terms.iter().zip(1..) {
        let names =
            Names::of(&format!("{number}-тоқсан"), &format!("{number}-я четверть"), &format!("Quarter {number}"));
        periods.push(period(format!("quarter-{school_year}-{number}"), PeriodKind::Quarter, names, *term));
    }
    Some(periods)
}

/// The public holidays of the school year. What falls on a weekend gives a day off on the next working day.
fn holidays(school_year: i32) -> Option<Vec<DayOff>> {
    let runs: Option<Vec<(NaiveDate, NaiveDate, InThreeLanguages)>> = HOLIDAYS
        .iter()
        .map(|(from, to, names)| Some((day(school_year, *from)?, day(school_year, *to)?, *names)))
        .collect();
    let mut found: Vec<DayOff> =
        runs?.into_iter().map(|(from, to, (kk, ru, en))| DayOff { from, to, names: Names::of(kk, ru, en) }).collect();
    for holiday in found.clone() {
        let on_weekends = holiday.from.iter_days().take_while(|day| *day <= holiday.to).filter(|day| is_weekend(*day));
        for _ in on_weekends {
            let free = |day: &NaiveDate| is_weekend(*day) || found.iter().any(|off| off.from <= *day && *day <= off.to);
            let moved = holiday.to.iter_days().find(|day| !free(day))?;
            found.push(DayOff { from: moved, to: moved, names: moved_names(&holiday.names) });
        }
    }
    found.sort_by_key(|off| off.from);
    Some(found)
}

fn moved_names(names: &Names) -> Names {
    let notes = [("kk", "ауыстырылған демалыс"), ("ru", "перенос выходного"), ("en", "day off moved")];
    let note = |language: &str| notes.iter().find(|(code, _)| *code == language).map_or("", |(_, note)| *note);
    Names(names.0.iter().map(|(language, name)| (language.clone(), format!("{name} ({})", note(language)))).collect())
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

fn breaks(school_year: i32, terms: &[(NaiveDate, NaiveDate)]) -> Option<Vec<DayOff>> {
    let mut breaks = Vec::new();
    for ((before, after), (kk, ru, en)) in terms.iter().zip(terms.iter().skip(1)).zip(BREAKS) {
        let (from, to) = (before.1.checked_add_days(Days::new(1))?, after.0.checked_sub_days(Days::new(1))?);
        breaks.push(DayOff { from, to, names: Names::of(kk, ru, en) });
    }
    let from = terms.last()?.1.checked_add_days(Days::new(1))?;
    breaks.push(DayOff { from, to: day(school_year, (8, 31))?, names: Names::of(SUMMER.0, SUMMER.1, SUMMER.2) });
    Some(breaks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn name(year: &SchoolYear, day: &str) -> Option<String> {
        let day = date(day);
        year.days_off.iter().find(|off| off.from <= day && day <= off.to).map(|off| off.names.0["en"].clone())
    }

    #[test]
    fn a_holiday_on_a_weekend_moves_the_day_off_to_the_next_working_day() {
        let year = kazakhstan(2025).unwrap();
        assert_eq!(name(&year, "2025-10-25").unwrap(), "Republic Day");
        assert_eq!(name(&year, "2025-10-27").unwrap(), "Republic Day (day off moved)");
        assert_eq!(name(&year, "2026-03-09").unwrap(), "International Women's Day (day off moved)");
        assert_eq!(name(&year, "2026-05-11").unwrap(), "Victory Day (day off moved)");
        assert_eq!(name(&year, "2025-12-17"), None, "16 December 2025 is a Tuesday");
    }

    #[test]
    fn two_holidays_on_one_weekend_move_to_two_days() {
        let year = kazakhstan_or_alike(2027).unwrap();
        assert_eq!(name(&year, "2028-01-03").unwrap(), "New Year (day off moved)");
        assert_eq!(name(&year, "2028-01-04").unwrap(), "New Year (day off moved)");
    }

    #[test]
    fn a_year_has_four_terms_with_breaks_between_them_and_a_summer() {
        let year = kazakhstan(2026).unwrap();
        let ids: Vec<&str> = year.periods.iter().map(|period| period.external_id.as_str()).collect();
        assert_eq!(ids, ["year-2026", "quarter-2026-1", "quarter-2026-2", "quarter-2026-3", "quarter-2026-4"]);
        assert_eq!((year.periods[0].starts_on, year.periods[0].ends_on), (date("2026-09-01"), date("2027-05-25")));
        assert_eq!((year.periods[3].starts_on, year.periods[3].ends_on), (date("2027-01-11"), date("2027-03-21")));
        assert_eq!(name(&year, "2026-10-28").unwrap(), "Autumn break");
        assert_eq!(name(&year, "2027-07-06").unwrap(), "Capital City Day");
        assert_eq!(name(&year, "2027-08-31").unwrap(), "Summer break");
        assert_eq!(name(&year, "2027-01-11"), None);
    }

    #[test]
    fn a_year_not_ordered_yet_has_no_preset_but_something_alike() {
        assert!(kazakhstan(2024).is_none());
        assert!(kazakhstan(2031).is_none());
        assert_eq!(kazakhstan_or_alike(2031).unwrap().periods[1].starts_on, date("2031-09-01"));
    }
}
