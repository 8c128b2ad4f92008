//! What stands in one cell, whether a spreadsheet or a CSV file holds it.

use chrono::{NaiveDate, NaiveTime};
use domain::letters::is_hidden;

use super::dates;

/// A cell as the file keeps it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Value {
    #[default]
    Empty,
    Text(String),
    Number(f64),
    /// A day, a time or both: days since 30 December 1899.
    Moment(f64),
    Flag(bool),
    /// `#DIV/0!` and its like.
    Error(String),
    /// A formula whose file does not hold what it came to.
    Formula,
}

impl Value {
    pub(crate) fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.chars().all(|c| c.is_whitespace() || is_hidden(c)),
            _ => false,
        }
    }

    /// The cell as text on one line, without what cannot be seen and with single spaces; nothing if it is blank.
    pub(crate) fn text(&self) -> Option<String> {
        let text = match self {
            Self::Empty | Self::Formula => return None,
            Self::Text(text) => tidy(text),
            Self::Number(number) => shown(*number),
            Self::Moment(serial) => moment(*serial),
            Self::Flag(flag) => if *flag { "TRUE" } else { "FALSE" }.to_owned(),
            Self::Error(error) => error.clone(),
        };
        Some(text).filter(|text| !text.is_empty())
    }

    pub(crate) fn day(&self) -> Option<NaiveDate> {
        match self {
            Self::Text(text) => dates::day(&tidy(text)),
            Self::Number(number) => dates::day_of_number(*number),
            Self::Moment(serial) => dates::day_of_serial(*serial),
            _ => None,
        }
    }

    pub(crate) fn time(&self) -> Option<NaiveTime> {
        match self {
            Self::Text(text) => dates::time(&tidy(text)),
            Self::Number(number) if (0.0..1.0).contains(number) => dates::time_of_serial(*number),
            Self::Moment(serial) => dates::time_of_serial(*serial),
            _ => None,
        }
    }

    /// A number in hundredths, from 9.5, «9,5» or «9,50»; more than two decimals are rounded half up.
    pub(crate) fn hundredths(&self) -> Option<i64> {
        let text = match self {
            Self::Text(text) => tidy(text).replace(',', ".").replace(' ', ""),
            Self::Number(number) => shown(*number),
            _ => return None,
        };
        crate::oneroster::Hundredths::read(&text).map(|read| read.0)
    }

    /// A whole number that is not negative.
    pub(crate) fn whole(&self) -> Option<i32> {
        let hundredths = self.hundredths().filter(|number| *number >= 0 && number % 100 == 0)?;
        i32::try_from(hundredths / 100).ok()
    }

    /// What it weighs in memory, beside itself.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Text(text) | Self::Error(text) => text.len(),
            _ => 0,
        }
    }
}

/// Spaces of every kind become one plain space, what cannot be seen is gone.
pub(crate) fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    for word in text.split(char::is_whitespace) {
        let before = tidied.len();
        if before > 0 {
            tidied.push(' ');
        }
        let bare = tidied.len();
        tidied.extend(word.chars().filter(|c| !is_hidden(*c)));
        if tidied.len() == bare {
            tidied.truncate(before);
        }
    }
    tidied
}

/// A number as people write it: 1001, 9.5, never 9.50 nor 1e3.
fn shown(number: f64) -> String {
    // A spreadsheet shows 15 digits; what lies behind them is the error of binary fractions.
    let text = format!("{number:.9}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

fn moment(serial: f64) -> String {
    let time = dates::time_of_serial(serial).map(dates::shown_time);
    let day = dates::day_of_serial(serial).filter(|_| serial >= 1.0).map(dates::shown);
    match (day, time) {
        (Some(day), _) => day,
        (None, Some(time)) => time,
        (None, None) => shown(serial),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn stray_spaces_and_hidden_letters_are_gone() {
        assert_eq!(text("\u{a0} 7 \u{2009}\n Ә\u{200b} ").text().as_deref(), Some("7 Ә"));
        assert_eq!(text(" \u{200b} a").text().as_deref(), Some("a"));
        assert!(text(" \u{a0}\u{feff}").is_blank());
        assert_eq!(text(" \u{a0}").text(), None);
    }

    #[test]
    fn numbers_have_decimal_points_or_commas() {
        for (value, expected) in [
            (text("9,5"), Some(950)),
            (text("9.50"), Some(950)),
            (Value::Number(0.1 + 0.2), Some(30)),
            (text("1 001"), Some(100_100)),
            (text("1.2.3"), None),
            (Value::Number(f64::NAN), None),
            (Value::Number(1e300), None),
            (Value::Flag(true), None),
        ] {
            assert_eq!(value.hundredths(), expected, "{value:?}");
        }
        assert_eq!(Value::Number(7.0).whole(), Some(7));
        assert_eq!(Value::Number(7.5).whole(), None);
        assert_eq!(text("-1").whole(), None);
    }

    #[test]
    fn a_number_is_shown_as_it_was_typed() {
        for (number, expected) in
            [(1001.0, "1001"), (9.5, "9.5"), (0.1 + 0.2, "0.3"), (-0.0, "0"), (1_234_567.0, "1234567")]
        {
            assert_eq!(Value::Number(number).text().as_deref(), Some(expected));
        }
        assert_eq!(Value::Moment(46270.0).text().as_deref(), Some("05.09.2026"));
        assert_eq!(Value::Moment(0.354_166_7).text().as_deref(), Some("08:30"));
    }
}
