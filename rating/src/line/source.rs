//! Where the chance of a release comes from: a key outside the database and the unit, so that a second draw is the same draw.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretBox};
use sha2::{Digest, Sha256};

use super::MECHANISM;
use crate::unit::Unit;

/// The key of all draws. Whoever has it and all results can draw again what was released, nothing more; whoever changes it
/// draws anew what a lost database forgot, so it is kept as long as the releases are.
#[derive(Clone)]
pub struct ReleaseKey(std::sync::Arc<SecretBox<[u8; ReleaseKey::BYTES]>>);

impl ReleaseKey {
    pub const BYTES: usize = 32;

    pub fn new(bytes: [u8; Self::BYTES]) -> Self {
        Self(std::sync::Arc::new(SecretBox::new(Box::new(bytes))))
    }

    /// The key in the text of its file; none in less than 32 characters.
    pub fn from_text(text: &str) -> Option<Self> {
        let text = text.trim();
        (text.len() >= 32).then(|| Self::new(Sha256::digest(text.as_bytes()).into()))
    }

    /// The draw of a unit, always the same.
    pub fn draw(&self, unit: &Unit) -> Draw {
        Draw { key: self.clone(), text: unit.to_string() }
    }
}

impl fmt::Debug for ReleaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReleaseKey([REDACTED])")
    }
}

/// The chance of one unit.
#[derive(Debug)]
pub struct Draw {
    key: ReleaseKey,
    text: String,
}

impl Draw {
    /// A number below `end`, each as likely as any other: what does not fit is thrown away, not folded.
    pub(super) fn below(&self, end: u128) -> u128 {
        let unused = end.leading_zeros();
        let fits = |number: &u128| *number < end;
        // More than half of the numbers fit, so this ends.
        (0..=u64::MAX).map(|round| self.number(round).checked_shr(unused).unwrap_or(0)).find(fits).unwrap_or(0)
    }

    #[allow(clippy::expect_used, reason = "HMAC takes keys of any length")]
    fn number(&self, round: u64) -> u128 {
        let key = self.key.0.expose_secret().as_slice();
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
        for part in [MECHANISM.as_bytes(), &[0], self.text.as_bytes(), &[0], &round.to_be_bytes()] {
            mac.update(part);
        }
        let bytes = mac.finalize().into_bytes();
        bytes.iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::Cohort;

    fn draw(key: u8, period: i64) -> Draw {
        ReleaseKey::new([key; 32]).draw(&Unit { cohort: Cohort::Class(1), subject: 2, period })
    }

    #[test]
    fn the_same_key_and_unit_draw_the_same_and_others_draw_others() {
        let end = u128::MAX / 3;
        assert_eq!(draw(1, 1).below(end), draw(1, 1).below(end));
        assert_ne!(draw(1, 1).below(end), draw(2, 1).below(end));
        assert_ne!(draw(1, 1).below(end), draw(1, 2).below(end));
    }

    #[test]
    fn every_number_is_as_likely_as_any_other() {
        let mut counts = [0_u32; 11];
        for period in 0..22_000 {
            counts[usize::try_from(draw(1, period).below(11)).unwrap()] += 1;
        }
        // Chi-squared with 10 degrees of freedom: 29.6 is passed once in a thousand keys, and this key is fixed.
        let squares: f64 = counts.iter().map(|count| (f64::from(*count) - 2000.0).powi(2) / 2000.0).sum();
        assert!(squares < 29.6, "{counts:?}");
    }

    #[test]
    fn the_key_does_not_show() {
        assert!(!format!("{:?}", draw(7, 1)).contains("7, 7"));
    }
}
