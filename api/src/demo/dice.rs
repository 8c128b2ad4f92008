//! Dice with a seed: the same seed and label give the same throws, whatever else was thrown before.

use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub struct Dice(ChaCha8Rng);

impl Dice {
    pub fn new(seed: u64, label: &str) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed ^ fingerprint(label)))
    }

    /// Whether something happens that happens `times` times in ten thousand.
    pub fn happens(&mut self, times: i64) -> bool {
        self.between(1, 10_000) <= times
    }

    /// A number from `least` to `most`, both included.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        self.0.random_range(least..=most.max(least))
    }

    pub fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from.choose(&mut self.0).copied().unwrap_or_default()
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        items.shuffle(&mut self.0);
    }
}

/// A number of a text that stays the same from one version to the next (FNV-1a).
pub fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
