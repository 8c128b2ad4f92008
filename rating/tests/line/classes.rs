//! Made-up classes, the same in every run: results in hundredths of a percent.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The generator of one experiment.
pub fn dice(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// How the results of a class lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Around one middle.
    Bell,
    /// A strong and a weak group.
    TwoGroups,
    /// Most at the top, a tail below.
    Top,
}

impl Shape {
    pub const ALL: [Self; 3] = [Self::Bell, Self::TwoGroups, Self::Top];

    pub fn name(self) -> &'static str {
        match self {
            Self::Bell => "one middle",
            Self::TwoGroups => "two groups",
            Self::Top => "most at the top",
        }
    }

    /// A class of this shape with a middle and a spread of its own.
    pub fn class(self, dice: &mut ChaCha8Rng, children: usize) -> Vec<i64> {
        let (middle, spread) = (dice.random_range(58.0..82.0), dice.random_range(7.0..14.0));
        (0..children).map(|_| self.result(dice, middle, spread)).collect()
    }

    fn result(self, dice: &mut ChaCha8Rng, middle: f64, spread: f64) -> i64 {
        let bell = bell(dice);
        let percent = match self {
            Self::Bell => middle + spread * bell,
            Self::TwoGroups => middle + spread * bell * 0.5 + if dice.random() { spread } else { -spread },
            Self::Top => 97.0 - spread * 1.5 * bell.abs(),
        };
        hundredths(percent)
    }
}

/// A percent as it is stored.
#[allow(clippy::cast_possible_truncation, reason = "at most 10,000")]
fn hundredths(percent: f64) -> i64 {
    (percent.clamp(0.0, 100.0) * 100.0).round() as i64
}

/// Nearly normal: twelve even numbers together.
fn bell(dice: &mut ChaCha8Rng) -> f64 {
    (0..12).map(|_| dice.random::<f64>()).sum::<f64>() - 6.0
}
