//! What the line is worth to a parent: how often she reads what the exact middle would have told her.

use rating::Position;
use rating::line::{Law, Line};

use crate::classes::{Shape, dice};
use crate::tables;

const CLASSES: usize = 400;

/// Sums over children and chances.
#[derive(Debug, Default)]
struct Sums {
    children: f64,
    agree: f64,
    sided: f64,
    confused: f64,
    off: f64,
    far: f64,
}

/// The middle of the sorted results, in hundredths.
fn median(class: &[i64]) -> i64 {
    let mut sorted = class.to_vec();
    sorted.sort_unstable();
    let (low, high) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
    i64::midpoint(low, high)
}

/// What the exact middle says, by the rule of [`Position::of`].
fn exact(own: i64, median: i64) -> Position {
    match own - median {
        501.. => Position::Above,
        -500..=500 => Position::Near,
        _ => Position::Below,
    }
}

impl Sums {
    #[allow(clippy::cast_precision_loss, reason = "statistics")]
    fn add(&mut self, class: &[i64]) {
        let (law, median) = (Law::of(class), median(class));
        let chances: Vec<(Line, f64)> =
            law.weights().map(|(line, weight)| (line, weight as f64 / law.total() as f64)).collect();
        for (line, chance) in &chances {
            let off = (line.hundredths() - median.clamp(4000, 9000)).abs() as f64 / 100.0;
            self.off += chance * off * class.len() as f64;
            self.far += if off > 7.5 { chance * class.len() as f64 } else { 0.0 };
        }
        for own in class {
            let truth = exact(*own, median);
            self.children += 1.0;
            self.sided += f64::from(u8::from(truth != Position::Near));
            for (line, chance) in &chances {
                let shown = Position::of(*own, *line);
                self.agree += if shown == truth { *chance } else { 0.0 };
                let opposite = truth != Position::Near && shown != Position::Near && shown != truth;
                self.confused += if opposite { *chance } else { 0.0 };
            }
        }
    }

    /// Above told as below or the reverse, of those who are either.
    fn confusion(&self) -> f64 {
        self.confused / self.sided
    }

    fn row(&self, shape: Shape, children: usize) -> String {
        format!(
            "| {} | {children} | {:.1} % | {:.1} | {:.1} % | {:.2} % |",
            shape.name(),
            100.0 * self.agree / self.children,
            self.off / self.children,
            100.0 * self.far / self.children,
            100.0 * self.confusion(),
        )
    }
}

#[test]
fn above_and_below_are_confused_for_at_most_two_of_a_hundred_children_even_in_the_smallest_class() {
    let mut rows = Vec::new();
    for shape in Shape::ALL {
        for children in [20, 25, 30, 50, 100] {
            let (mut sums, mut dice) = (Sums::default(), dice(children as u64));
            for _ in 0..CLASSES {
                sums.add(&shape.class(&mut dice, children));
            }
            rows.push(sums.row(shape, children));
            assert!(sums.confusion() <= 0.02, "{}", sums.row(shape, children));
        }
    }
    let head = "| results | children | same word as the exact middle | line off, points | off by more than 7.5 | above and below confused |\n\
                | --- | --- | --- | --- | --- | --- |";
    tables::keep("utility", head, &rows);
}
