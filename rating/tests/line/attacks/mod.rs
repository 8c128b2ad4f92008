//! Attackers who know everything but one thing, and guess it as well as anybody can; the same against a module that tells
//! exact ranks, which must fall, else the attacks prove nothing.

mod naive;
mod plots;
mod trial;

use crate::tables;
use plots::{FOUR_PERIODS, ONE_RELEASE, Plot, REPORTED, TWO_CHILDREN};
use trial::{TRIALS, outcome};

/// One row: what was tried, in classes of how many, how often it came out, and what is allowed.
fn row(plot: &Plot, children: usize, most: Option<f64>) -> String {
    let outcome = outcome(plot, children);
    let bound = outcome.upper_bound();
    assert!(outcome.naive() >= 0.95, "{} proves nothing: {:.3} against exact ranks", plot.name, outcome.naive());
    if let Some(most) = most {
        assert!(bound <= most, "{} in classes of {children}: {bound:.3}", plot.name);
    }
    format!(
        "| {} | {children} | {:.3} | {bound:.3} | {} | {:.3} |",
        plot.name,
        outcome.success(),
        most.map_or("told only".to_owned(), |most| format!("{most:.2}")),
        outcome.naive(),
    )
}

#[test]
fn nobody_guesses_much_better_than_by_chance_what_exact_ranks_give_away() {
    let mut rows = Vec::new();
    let groups = [(ONE_RELEASE, Some(0.65)), (TWO_CHILDREN, Some(0.70)), (FOUR_PERIODS, Some(0.70)), (REPORTED, None)];
    for (plots, most) in groups {
        for plot in plots {
            rows.extend([20, 30, 50, 100].map(|children| row(plot, children, most)));
        }
    }
    println!("{TRIALS} trials each");
    let head = "| attack | children | success | 99 % upper bound | allowed | success against exact ranks |\n\
                | --- | --- | --- | --- | --- | --- |";
    tables::keep("attacks", head, &rows);
}
