//! Exact numbers: fractions of whole numbers of any size, and the decimals they are read from and shown as.

use std::fmt;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number that is never rounded on the way.
pub type Exact = BigRational;

/// A whole number.
pub(super) fn whole(number: impl Into<BigInt>) -> Exact {
    Exact::from_integer(number.into())
}

/// A number of hundredths, as the diary keeps points, weights and percents.
pub(super) fn hundredths(number: i64) -> Exact {
    Exact::new(number.into(), 100.into())
}

/// The number as hundredths, cut off: what is shown stands on the same side of every border as the number itself.
pub fn cut(number: &Exact) -> i64 {
    (number * whole(100)).floor().to_integer().to_i64().unwrap_or(i64::MAX)
}

/// The nearest whole number; a half goes up.
pub(super) fn half_up(number: &Exact) -> Exact {
    (number + Exact::new(1.into(), 2.into())).floor()
}

/// The mean of numbers with their weights; `None` if nothing weighs anything.
pub(super) fn mean(weighed: impl IntoIterator<Item = (Exact, Exact)>) -> Option<Exact> {
    let start = (Exact::zero(), Exact::zero());
    let (sum, weights) = weighed.into_iter().fold(start, |(sum, weights), (number, weight)| {
        let part = number * &weight;
        (sum + part, weights + weight)
    });
    (!weights.is_zero()).then(|| sum / weights)
}

/// A decimal of at most two places, as hundredths; `None` for anything that is not a number ("зачёт").
pub fn decimal(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    if whole.is_empty() || whole.len() > 9 || fraction.len() > 2 {
        return None;
    }
    if !(whole.bytes().chain(fraction.bytes())).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let fraction = format!("{fraction:0<2}");
    Some(whole.parse::<i64>().ok()? * 100 + fraction.parse::<i64>().ok()?)
}

/// A number of a scheme, in hundredths. In JSON a whole number, or a text (`"3.7"`): a JSON number with a point is a binary
/// float in most programs that would write one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(pub i64);

impl Decimal {
    pub const fn whole(number: i64) -> Self {
        Self(number * 100)
    }

    pub(super) fn exact(self) -> Exact {
        hundredths(self.0)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.0 / 100, self.0 % 100);
        match fraction {
            0 => write!(f, "{whole}"),
            _ if fraction % 10 == 0 => write!(f, "{whole}.{}", fraction / 10),
            _ => write!(f, "{whole}.{fraction:02}"),
        }
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 100 == 0 { serializer.serialize_i64(self.0 / 100) } else { serializer.collect_str(self) }
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;

        impl Visitor<'_> for Number {
            type Value = Decimal;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number, or a text like \"3.7\" with at most two decimals")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Decimal, E> {
                let small = u32::try_from(number).map_err(|_| E::custom("the number is too great"))?;
                Ok(Decimal::whole(small.into()))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Decimal, E> {
                decimal(text).map(Decimal).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_any(Number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_read_and_written_without_a_float() {
        for (json, hundredths) in [("4", 400), ("\"3.7\"", 370), ("\"0.05\"", 5), ("0", 0)] {
            let decimal: Decimal = serde_json::from_str(json).unwrap();
            assert_eq!((decimal.0, serde_json::to_string(&decimal).unwrap().as_str()), (hundredths, json));
        }
        for wrong in ["3.7", "-1", "\"3.705\"", "\"x\"", "4294967296", "null"] {
            assert!(serde_json::from_str::<Decimal>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_shown_is_cut_and_never_crosses_a_border() {
        let just_below = hundredths(3950) - Exact::new(1.into(), 1_000_000.into());
        assert_eq!(cut(&just_below), 3949);
        assert_eq!(half_up(&just_below), whole(39));
        assert_eq!(half_up(&hundredths(3950)), whole(40));
    }
}
