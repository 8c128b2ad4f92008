//! The middle line of a cohort: one of eleven values, drawn so that no child's result moves its odds by more than e.
//!
//! The exponential mechanism at epsilon 1. A grid point is the better the nearer half of the children lies to the run of ranks
//! whose results round to it. One child more, fewer or other moves that distance by one at most, and so the weight
//! of a grid point by e^(1/2), and a chance by e.

mod source;
mod weights;

pub use source::{Draw, ReleaseKey};

/// Names the mechanism in the budget: a change of anything that moves chances needs another name.
pub const MECHANISM: &str = "middle-line/1";

/// The lowest and the highest line, and the step between lines, in percent.
const LOWEST: i64 = 40;
const HIGHEST: i64 = 90;
const STEP: i64 = 5;
const PERCENT: i64 = 100;

/// How many lines there are.
pub const LINES: usize = 11;

/// A line of the grid 40, 45 .. 90 percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line(i64);

impl Line {
    /// The line at so many percent; none off the grid.
    pub fn from_percent(percent: i64) -> Option<Self> {
        Self::grid().find(|line| line.0 == percent)
    }

    /// All lines, from the lowest.
    pub fn grid() -> impl Iterator<Item = Self> {
        (0..).map(|step| Self(LOWEST + step * STEP)).take(LINES)
    }

    pub fn percent(self) -> i64 {
        self.0
    }

    pub fn hundredths(self) -> i64 {
        self.0 * PERCENT
    }
}

/// The chances of every line for one cohort, as whole numbers. They hang on the multiset of the results and on nothing
/// else: there is no place for a child's name or number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Law([u128; LINES]);

impl Law {
    /// The law for these frozen results, in hundredths of a percent.
    pub fn of(results: &[i64]) -> Self {
        let children = results.len() as u64;
        let (mut law, mut first) = ([0; LINES], 0);
        for (weight, count) in law.iter_mut().zip(counts(results)) {
            let last = first + count;
            *weight = weights::of(twice_off(children, first, last));
            first = last;
        }
        Self(law)
    }

    /// The weight of each line; its chance is its weight over the sum of all.
    pub fn weights(&self) -> impl Iterator<Item = (Line, u128)> {
        Line::grid().zip(self.0)
    }

    pub fn total(&self) -> u128 {
        self.0.iter().sum()
    }

    /// The line this draw gives.
    pub fn draw(&self, draw: &Draw) -> Line {
        let mut left = draw.below(self.total());
        for (line, weight) in self.weights() {
            if left < weight {
                return line;
            }
            left -= weight;
        }
        // Not reached: the draw is below the sum of the weights.
        Line(HIGHEST)
    }
}

/// How many results belong to each line: from 2 points below it to 3 points above, those beyond the grid to its ends.
fn counts(results: &[i64]) -> [u64; LINES] {
    let mut counts = [0; LINES];
    for result in results {
        let clamped = (*result).clamp(LOWEST * PERCENT, HIGHEST * PERCENT);
        let place = (clamped - (LOWEST - 2) * PERCENT) / (STEP * PERCENT);
        if let Some(count) = usize::try_from(place).ok().and_then(|place| counts.get_mut(place)) {
            *count += 1;
        }
    }
    counts
}

/// Twice the distance from half of the children to the ranks from `first` to `last`, a whole number.
fn twice_off(children: u64, first: u64, last: u64) -> u64 {
    (2 * first).saturating_sub(children).max(children.saturating_sub(2 * last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_children_within_the_ranks_of_a_line_is_no_distance() {
        let offs = [(0, 1), (1, 2), (2, 3), (3, 5)].map(|(first, last)| twice_off(5, first, last));
        assert_eq!(offs, [3, 1, 0, 1]);
    }

    #[test]
    fn a_line_counts_from_two_points_below_to_three_points_above() {
        for edge in (3800..9300).step_by(500) {
            let place = |result: i64| counts(&[result]).iter().position(|count| *count == 1).unwrap();
            let below = |result: i64, percent: i64| result.clamp(4000, 9000) < percent * 100;
            for result in edge - 1..edge + 2 {
                let line = Line::grid().nth(place(result)).unwrap();
                assert!(!below(result, line.percent() - 2) && below(result, line.percent() + 3), "{result}");
            }
        }
    }

    #[test]
    fn results_beyond_the_grid_count_as_its_ends() {
        assert_eq!(Law::of(&[-5, 0, 10_000]), Law::of(&[4000, 4000, 9000]));
    }

    #[test]
    fn a_class_of_equals_most_often_gets_its_own_line() {
        let law = Law::of(&[7300; 20]);
        let (best, _) = law.weights().max_by_key(|(_, weight)| *weight).unwrap();
        assert_eq!(best.percent(), 75);
    }
}
