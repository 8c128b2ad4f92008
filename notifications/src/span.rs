//! Spans of time in settings: `60s`, `2m`, `1h`.

use std::collections::BTreeMap;
use std::time::Duration;

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
            .ok_or_else(|| D::Error::custom(format!("{kind:?} is no kind of alert")))?;
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
    fn a_span_is_a_number_and_a_unit() {
        assert_eq!(parse("0s"), Some(Duration::ZERO));
        assert_eq!(parse("60s"), parse("1m"));
        assert_eq!(parse("2h"), Some(Duration::from_secs(7200)));
        for wrong in ["", "60", "s", "-1s", "1.5m", "1d", "1 s", "99999999999999999999s"] {
            assert_eq!(parse(wrong), None, "{wrong:?}");
        }
    }
}
