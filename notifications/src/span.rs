//! Spans of time in settings: `60s`, `2m`, `1h`.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::alerts::windows;
use domain::types::{AlertKind, Word as _};
use serde::{Deserialize, Deserializer, de::Error};

/// Reads a number of seconds, minutes or hours.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    read(&String::deserialize(deserializer)?)
}

/// Reads spans by kind of alert. A variable of the environment may write `_` for `-`.
pub fn by_kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<AlertKind, Duration>, D::Error> {
    let spans = BTreeMap::<String, String>::deserialize(deserializer)?;
    let read = |(kind, span): (String, String)| {
        let kind = AlertKind::parse(&kind.replace('_', "-"))
            .filter(|kind| windows::settles(*kind))
            .ok_or_else(|| D::Error::custom(format!("{kind:?} is no kind of alert that waits for corrections")))?;
        Ok((kind, read(&span)?))
    };
    spans.into_iter().map(read).collect()
}

fn read<E: Error>(text: &str) -> Result<Duration, E> {
    parse(text).ok_or_else(|| E::custom(format!("{text:?} is no span of time: write 60s, 2m or 1h")))
}

fn parse(text: &str) -> Option<Duration> {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.strip_prefix(number)? {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return None,
    };
    Some(Duration::from_secs(number.parse::<u64>().ok()?.checked_mul(unit)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_written_as_a_variable_or_as_it_is_and_only_what_settles_has_a_span() {
        let read = |text: &str| by_kind(&mut serde_json::Deserializer::from_str(text));
        let ten = Duration::from_secs(600);
        for text in [r#"{"report_card": "10m"}"#, r#"{"report-card": "10m"}"#] {
            assert_eq!(read(text).unwrap(), [(AlertKind::ReportCard, ten)].into());
        }
        for wrong in [r#"{"marks": "10m"}"#, r#"{"account": "10m"}"#, r#"{"grade": "10"}"#] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_span_is_a_number_and_a_unit() {
        assert_eq!(parse("0s"), Some(Duration::ZERO));
        assert_eq!(parse("60s"), parse("1m"));
        assert_eq!(parse("2h"), Some(Duration::from_secs(7200)));
        for wrong in ["", "60", "s", "-1s", "1.5m", "1d", "1 s", "99999999999999999999s"] {
            assert_eq!(parse(wrong), None, "{wrong:?}");
        }
    }
}
