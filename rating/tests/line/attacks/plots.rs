//! The attacks: two worlds that differ in one secret, and what can be seen of each.
//!
//! The attackers know all other results, and the two results in question are as far apart as results can be: nobody in a
//! real class knows so much or has so much to see.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::classes::Shape;

/// What one answer to the secret looks like. The first `watchers` children of every class are the attackers' own.
#[derive(Debug, Clone)]
pub struct World {
    /// What closings froze: one line is released of each.
    pub frozen: Vec<Vec<i64>>,
    /// What a live module would show of, time after time.
    pub live: Vec<Vec<i64>>,
    pub watchers: usize,
}

/// An attack; its seed is its own.
pub struct Plot {
    pub name: &'static str,
    pub seed: u64,
    pub worlds: fn(&mut ChaCha8Rng, usize) -> [World; 2],
}

const WEAK: i64 = 4000;
const STRONG: i64 = 9000;

pub const ONE_RELEASE: &[Plot] = &[
    Plot {
        name: "differencing in time",
        seed: 1,
        worlds: |dice, n| {
            let others = others(dice, n - 1);
            [WEAK, STRONG].map(|now| seen(1, vec![with(&others, &[WEAK]), with(&others, &[now])]))
        },
    },
    Plot { name: "n-1 parents pool", seed: 2, worlds: |dice, n| pooled(dice, n, 1) },
    Plot {
        name: "a child joins",
        seed: 3,
        worlds: |dice, n| {
            let others = others(dice, n);
            [WEAK, STRONG].map(|joiner| seen(1, vec![others.clone(), with(&others, &[joiner])]))
        },
    },
    Plot {
        name: "a child leaves",
        seed: 4,
        worlds: |dice, n| {
            let others = others(dice, n);
            [WEAK, STRONG].map(|leaver| seen(1, vec![with(&others, &[leaver]), others.clone()]))
        },
    },
    Plot {
        name: "a grade is corrected after the close",
        seed: 5,
        worlds: |dice, n| {
            let others = others(dice, n - 1);
            let frozen = vec![with(&others, &[WEAK])];
            [WEAK, STRONG].map(|now| {
                let live = vec![frozen[0].clone(), with(&others, &[now])];
                World { frozen: frozen.clone(), live, watchers: 1 }
            })
        },
    },
    Plot {
        name: "is the child counted?",
        seed: 6,
        worlds: |dice, n| {
            let others = others(dice, n);
            [others.clone(), with(&others, &[STRONG])].map(|class| seen(1, vec![class]))
        },
    },
];

/// Two children who always go together are a group: the bound for them is that of one child, squared.
pub const TWO_CHILDREN: &[Plot] = &[Plot {
    name: "twins of one result",
    seed: 7,
    worlds: |dice, n| {
        let others = others(dice, n - 2);
        [WEAK, STRONG].map(|both| seen(1, vec![with(&others, &[both, both])]))
    },
}];

pub const FOUR_PERIODS: &[Plot] = &[
    Plot { name: "four periods, n-1 parents pool", seed: 8, worlds: |dice, n| pooled(dice, n, 4) },
    Plot {
        name: "four periods, is the child counted?",
        seed: 9,
        worlds: |dice, n| {
            let classes: Vec<Vec<i64>> = (0..4).map(|_| others(dice, n)).collect();
            let counted = classes.iter().map(|others| with(others, &[STRONG])).collect();
            [classes, counted].map(|classes| seen(1, classes))
        },
    },
];

pub const REPORTED: &[Plot] = &[
    Plot { name: "12 subjects at once, n-1 parents pool", seed: 10, worlds: |dice, n| pooled(dice, n, 12) },
    Plot { name: "12 subjects over four periods, n-1 parents pool", seed: 11, worlds: |dice, n| pooled(dice, n, 48) },
];

/// The parents of all others tell each other everything: is the last child weak or strong, in so many releases at once?
fn pooled(dice: &mut ChaCha8Rng, children: usize, releases: usize) -> [World; 2] {
    let others: Vec<Vec<i64>> = (0..releases).map(|_| others(dice, children - 1)).collect();
    [WEAK, STRONG].map(|last| {
        let classes = others.iter().map(|others| with(others, &[last])).collect();
        seen(children - 1, classes)
    })
}

/// A world in which a live module and a closing see the same.
fn seen(watchers: usize, classes: Vec<Vec<i64>>) -> World {
    World { frozen: classes.clone(), live: classes, watchers }
}

fn with(others: &[i64], more: &[i64]) -> Vec<i64> {
    [others, more].concat()
}

/// Other children, of a shape of their own; the first is an attacker's, of middling result.
fn others(dice: &mut ChaCha8Rng, children: usize) -> Vec<i64> {
    let shape = Shape::ALL[dice.random_range(0..Shape::ALL.len())];
    let mut class = shape.class(dice, children);
    class[0] = class[0].clamp(5000, 8500);
    class
}
