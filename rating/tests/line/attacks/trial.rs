//! One attack many times: nature tosses a coin, the line is drawn, the attacker says how the coin fell.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rating::line::{Law, Line, ReleaseKey};
use rating::unit::{Cohort, Unit};

use super::naive;
use super::plots::{Plot, World};
use crate::classes::dice;

pub const TRIALS: u32 = 4_000;

/// How often the secret was guessed.
#[derive(Debug)]
pub struct Outcome {
    hits: u32,
    naive_hits: u32,
}

impl Outcome {
    pub fn success(&self) -> f64 {
        f64::from(self.hits) / f64::from(TRIALS)
    }

    pub fn naive(&self) -> f64 {
        f64::from(self.naive_hits) / f64::from(TRIALS)
    }

    /// The chance of success above which so few hits come in one of a hundred experiments (Clopper and Pearson).
    pub fn upper_bound(&self) -> f64 {
        let (mut low, mut high) = (self.success(), 1.0);
        for _ in 0..40 {
            let middle = f64::midpoint(low, high);
            if at_most(self.hits, middle) > 0.01 { low = middle } else { high = middle }
        }
        high
    }
}

/// The chance of at most so many hits.
fn at_most(hits: u32, chance: f64) -> f64 {
    let (mut log, mut sum) = (f64::from(TRIALS) * (1.0 - chance).ln(), 0.0);
    for hit in 0..=hits {
        sum += log.exp();
        log += (f64::from(TRIALS - hit) / f64::from(hit + 1)).ln() + (chance / (1.0 - chance)).ln();
    }
    sum
}

/// What comes of an attack in classes of so many children.
pub fn outcome(plot: &Plot, children: usize) -> Outcome {
    let mut dice = dice(plot.seed * 1_000 + children as u64);
    let mut outcome = Outcome { hits: 0, naive_hits: 0 };
    let key = ReleaseKey::new([42; ReleaseKey::BYTES]);
    for trial in 0..TRIALS {
        let worlds = (plot.worlds)(&mut dice, children);
        let truth = usize::from(dice.random::<bool>());
        let lines = release(&key, plot, (children, trial), &worlds[truth]);
        outcome.hits += u32::from(guess(&mut dice, &worlds, &lines) == truth);
        outcome.naive_hits += u32::from(guess_naive(&mut dice, &worlds, truth) == truth);
    }
    outcome
}

/// The lines the world of this trial gets to see, drawn as they are for families.
fn release(key: &ReleaseKey, plot: &Plot, (children, trial): (usize, u32), world: &World) -> Vec<Line> {
    let unit = |period: usize| {
        let class = i64::from(trial) * 1_000 + children as i64;
        Unit { cohort: Cohort::Class(class), subject: plot.seed as i64, period: period as i64 }
    };
    world.frozen.iter().enumerate().map(|(at, class)| Law::of(class).draw(&key.draw(&unit(at)))).collect()
}

/// The world in which these lines are likelier; nobody can do better with them. A tie is a coin.
fn guess(dice: &mut ChaCha8Rng, worlds: &[World; 2], lines: &[Line]) -> usize {
    let [first, second] = [0, 1].map(|world: usize| likelihood(&worlds[world], lines));
    if (first - second).abs() < 1e-9 { usize::from(dice.random::<bool>()) } else { usize::from(second > first) }
}

#[allow(clippy::cast_precision_loss, reason = "likelihoods are compared")]
fn likelihood(world: &World, lines: &[Line]) -> f64 {
    let pairs = world.frozen.iter().zip(lines);
    pairs
        .map(|(class, seen)| {
            let law = Law::of(class);
            let weight = law.weights().find(|(line, _)| line == seen).map_or(0, |(_, weight)| weight);
            (weight as f64 / law.total() as f64).ln()
        })
        .sum()
}

fn guess_naive(dice: &mut ChaCha8Rng, worlds: &[World; 2], truth: usize) -> usize {
    let read =
        |world: &World| -> Vec<_> { world.live.iter().map(|class| naive::read(class, world.watchers)).collect() };
    if read(&worlds[0]) == read(&worlds[1]) { usize::from(dice.random::<bool>()) } else { truth }
}
