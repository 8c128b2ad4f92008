//! Scores and weights as whole hundredths, because binary fractions move the borders between grades.

/// A number in hundredths: 12.5 is 1250. At most twelve digits before the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hundredths(pub i64);

/// More digits than any score or weight has, and far from the limits of 64 bits.
const DIGITS_MAX: usize = 12;

impl Hundredths {
    /// Reads `-12`, `12.`, `.5` or `12.345`; further decimals are rounded half up by magnitude (12.345 is 12.35).
    /// A comma, an exponent, a sign alone or `NaN` is no number.
    pub fn read(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit());
        if !all_digits || whole.len() + fraction.len() == 0 || whole.len() > DIGITS_MAX {
            return None;
        }
        let magnitude = thousandths(whole, fraction)?.checked_add(5)? / 10;
        Some(Self(if negative { -magnitude } else { magnitude }))
    }
}

/// The third decimal alone decides the rounding, so the rest is not read.
fn thousandths(whole: &str, fraction: &str) -> Option<i64> {
    let decimals = fraction.bytes().chain(std::iter::repeat(b'0')).take(3);
    whole
        .bytes()
        .chain(decimals)
        .try_fold(0_i64, |sum, digit| sum.checked_mul(10)?.checked_add(i64::from(digit.checked_sub(b'0')?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_whole_hundredths() {
        let cases = [("0", 0), ("12", 1200), ("12.5", 1250), (".5", 50), ("7.", 700), ("-3.25", -325), ("+4", 400)];
        for (text, hundredths) in cases {
            assert_eq!(Hundredths::read(text), Some(Hundredths(hundredths)), "{text}");
        }
    }

    #[test]
    fn a_third_decimal_is_rounded_half_up() {
        let cases =
            [("0.004", 0), ("0.005", 1), ("64.494999", 6449), ("64.495", 6450), ("1.005", 101), ("-1.005", -101)];
        for (text, hundredths) in cases {
            assert_eq!(Hundredths::read(text), Some(Hundredths(hundredths)), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_plain_decimal_is_no_number() {
        for text in ["", ".", "-", "1,5", "1e3", "NaN", "inf", "1 000", "--1", "0x1", "1.2.3", "٣", "9999999999999"] {
            assert_eq!(Hundredths::read(text), None, "{text}");
        }
    }
}
