//! The bound itself, counted out with whole numbers: no chance of any line moves by more than e.

use num_bigint::BigUint;
use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rating::line::Law;

use crate::classes::{Shape, dice};

const PAIRS: usize = 100_000;

/// e, cut down to 15 places: what is below it is below e.
const E: (u64, u64) = (2_718_281_828_459_045, 1_000_000_000_000_000);

/// A class of any size, a third of them with every result at an edge where it changes its line.
fn class(dice: &mut ChaCha8Rng) -> Vec<i64> {
    let children = dice.random_range(1..=60);
    match dice.random_range(0..3) {
        0 => (0..children).map(|_| edge(dice)).collect(),
        1 => (0..children).map(|_| dice.random_range(0..=10_000)).collect(),
        _ => Shape::Bell.class(dice, children),
    }
}

fn edge(dice: &mut ChaCha8Rng) -> i64 {
    dice.random_range(8..=18) * 500 + if dice.random() { 300 } else { 299 }
}

/// The same class with one child replaced, one more, or one fewer.
fn neighbour(dice: &mut ChaCha8Rng, class: &[i64]) -> Vec<i64> {
    let mut other = class.to_vec();
    let place = dice.random_range(0..class.len());
    match dice.random_range(0..3) {
        0 => other[place] = if dice.random() { dice.random_range(0..=10_000) } else { edge(dice) },
        1 => other.push(dice.random_range(0..=10_000)),
        _ => drop(other.remove(place)),
    }
    other
}

/// Whether every chance of `one` is at most e times its chance in `other`, in whole numbers.
fn within_e(one: &Law, other: &Law) -> bool {
    let big = |number: u128| BigUint::from(number);
    let mut pairs = one.weights().zip(other.weights());
    pairs.all(|((_, first), (_, second))| big(first) * other.total() * E.1 <= big(second) * one.total() * E.0)
}

#[allow(clippy::cast_precision_loss, reason = "only told, not judged")]
fn largest(one: &Law, other: &Law) -> f64 {
    let chance = |law: &Law, weight: u128| weight as f64 / law.total() as f64;
    let pairs = one.weights().zip(other.weights());
    pairs.map(|((_, first), (_, second))| (chance(one, first) / chance(other, second)).ln().abs()).fold(0.0, f64::max)
}

#[test]
fn no_child_moves_the_chance_of_any_line_by_more_than_e() {
    let mut dice = dice(2);
    let mut most: f64 = 0.0;
    for _ in 0..PAIRS {
        let class = class(&mut dice);
        let other = neighbour(&mut dice, &class);
        let (law, moved) = (Law::of(&class), Law::of(&other));
        assert!(within_e(&law, &moved) && within_e(&moved, &law), "{class:?} and {other:?}");
        most = most.max(largest(&law, &moved));
    }
    println!("the largest |ln ratio| of {PAIRS} pairs is {most:.4}");
    // The pairs come near the bound, else they would prove little.
    assert!(most > 0.8, "{most}");
}

#[test]
fn two_children_together_can_move_it_by_more_so_the_check_can_fail() {
    let (one, other) = (vec![4000; 20], [vec![4000; 8], vec![9000; 12]].concat());
    assert!(!within_e(&Law::of(&one), &Law::of(&other)) || !within_e(&Law::of(&other), &Law::of(&one)));
}

#[test]
fn the_order_of_the_children_changes_no_chance() {
    let mut dice = dice(1);
    for _ in 0..2_000 {
        let class = class(&mut dice);
        let mut shuffled = class.clone();
        shuffled.shuffle(&mut dice);
        assert_eq!(Law::of(&class), Law::of(&shuffled));
    }
}
