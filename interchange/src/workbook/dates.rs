//! Days, times and school years, as spreadsheets keep them and as people type them.

use chrono::{Datelike, Days, NaiveDate, NaiveTime, Timelike};

/// The days that may be meant: what lies outside is a slip of the keyboard.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2100;
/// The serial numbers of 1 January 1955 and 31 December 2100: a plain number between them is a day whose cell lost its format.
const SERIALS: std::ops::RangeInclusive<u32> = 20_090..=73_415;

/// A day written as 05.09.2026, 5.9.2026 or 2026-09-05; «г.» and «ж.» after it do no harm.
pub(crate) fn day(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let text = ["г.", "г", "ж.", "ж"].iter().find_map(|end| text.strip_suffix(end)).unwrap_or(text).trim_end();
    // An instant: the day is what stands before the time.
    let text = text.split_once([' ', 'T']).map_or(text, |(day, _)| day);
    let (separator, iso) = if text.contains('-') { ('-', true) } else { ('.', false) };
    let parts: Vec<&str> = text.split(separator).collect();
    let [first, month, last] = parts.as_slice() else { return None };
    let (year, day) = if iso { (first, last) } else { (last, first) };
    let number = |text: &str, most: usize| {
        let digits = !text.is_empty() && text.len() <= most && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<u32>().ok()).flatten()
    };
    let year = number(year, 4).filter(|_| year.len() == 4)?;
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, number(month, 2)?, number(day, 2)?).filter(|day| is_sane(*day))
}

fn is_sane(day: NaiveDate) -> bool {
    YEARS.contains(&day.year())
}

/// The day of a serial number: days since 30 December 1899, the time of the day after the point.
pub(crate) fn day_of_serial(serial: f64) -> Option<NaiveDate> {
    let days = whole(serial.floor())?;
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(days.into())).filter(|day| is_sane(*day))
}

/// The same of a number whose cell does not say that it is a day.
pub(crate) fn day_of_number(number: f64) -> Option<NaiveDate> {
    whole(number).filter(|serial| SERIALS.contains(serial)).and_then(|serial| day_of_serial(serial.into()))
}

/// A whole number that a spreadsheet keeps as a binary fraction.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between the limits nothing is cut")]
pub(crate) fn whole(number: f64) -> Option<u32> {
    let fits = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
    fits.then_some(number as u32)
}

/// A time written as 8:00, 08:30, 8.30 or 08:30:00.
pub(crate) fn time(text: &str) -> Option<NaiveTime> {
    let parts: Vec<&str> = text.trim().split([':', '.', '-']).collect();
    let ([hour, minute] | [hour, minute, "00"]) = parts.as_slice() else { return None };
    let digits = |text: &str| !text.is_empty() && text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(hour) || !digits(minute) || minute.len() != 2 {
        return None;
    }
    NaiveTime::from_hms_opt(hour.parse().ok()?, minute.parse().ok()?, 0)
}

/// The time of a serial number, to the minute.
pub(crate) fn time_of_serial(serial: f64) -> Option<NaiveTime> {
    let minutes = whole((serial.fract() * 24.0 * 60.0).round())?;
    NaiveTime::from_num_seconds_from_midnight_opt(minutes % (24 * 60) * 60, 0)
}

/// The year a school year starts in, from 2026/27, 2026-2027, «2026–2027 оқу жылы» or 2026.
pub(crate) fn school_year(text: &str) -> Option<i32> {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let first = numbers.next().filter(|year| year.len() == 4)?;
    let year: i32 = first.parse().ok()?;
    let next = (year + 1).to_string();
    let follows = numbers.next().is_none_or(|part| part == next || next.get(2..) == Some(part));
    (follows && numbers.next().is_none() && YEARS.contains(&year)).then_some(year)
}

/// 05.09.2026, as the template and the report show a day.
pub(crate) fn shown(day: NaiveDate) -> String {
    day.format("%d.%m.%Y").to_string()
}

/// 08:30.
pub(crate) fn shown_time(time: NaiveTime) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(year, month, day)
    }

    #[test]
    fn days_are_read_as_they_are_written_here() {
        for text in [
            "05.09.2026",
            "5.9.2026",
            " 05.09.2026 г.",
            "05.09.2026ж.",
            "2026-09-05",
            "2026-09-05T00:00:00",
            "05.09.2026 0:00:00",
        ] {
            assert_eq!(day(text), date(2026, 9, 5), "{text}");
        }
        for text in [
            "",
            "31.02.2026",
            "9/5/2026",
            "05.09.26",
            "2026.09.05",
            "05-09-2026",
            "05.09",
            "1.1.0001",
            "٠٥.٠٩.2026",
            "+5.9.2026",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn serial_numbers_are_days_and_times() {
        assert_eq!(day_of_serial(46270.75), date(2026, 9, 5));
        assert_eq!(day_of_number(46270.0), date(2026, 9, 5));
        for number in [0.0, 7.0, 1001.0, 46270.5, -46270.0, 1e300, f64::NAN, f64::INFINITY] {
            assert_eq!(day_of_number(number), None, "{number}");
        }
        assert_eq!(time_of_serial(0.354_166_666_666_667).map(shown_time).as_deref(), Some("08:30"));
        assert_eq!(time_of_serial(46_270.354_166_7).map(shown_time).as_deref(), Some("08:30"));
        assert_eq!(day_of_serial(f64::NAN), None);
    }

    #[test]
    fn times_are_hours_and_minutes() {
        for text in ["8:30", "08:30", "8.30", "08-30", "08:30:00"] {
            assert_eq!(time(text), NaiveTime::from_hms_opt(8, 30, 0), "{text}");
        }
        for text in ["", "8", "8:3", "25:00", "8:60", "8:30:15", "08:30 - 09:15"] {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[test]
    fn a_school_year_is_known_by_its_first_half() {
        for text in ["2026/27", "2026-2027", "2026–2027 оқу жылы", "2026", " 2026 / 2027 уч. год"] {
            assert_eq!(school_year(text), Some(2026), "{text}");
        }
        for text in ["", "26/27", "2026/28", "2026/27/28", "7 Ә"] {
            assert_eq!(school_year(text), None, "{text}");
        }
    }
}
