//! What a parent reads: above, near or below the line. It needs the child's own result and the line, nothing else.

use crate::line::Line;

/// How a result stands to the released line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Position {
    Below,
    Near,
    Above,
}

/// Within so many hundredths of a percent a result is near the line.
const NEAR: i64 = 500;

impl Position {
    /// The position of a child's own frozen result, in hundredths of a percent. A higher result never gets a lower position.
    pub fn of(own: i64, line: Line) -> Self {
        let middle = line.hundredths();
        if own > middle + NEAR {
            Self::Above
        } else if own < middle - NEAR {
            Self::Below
        } else {
            Self::Near
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Below => "below",
            Self::Near => "near",
            Self::Above => "above",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_within_five_points_is_near() {
        let line = Line::from_percent(70).unwrap();
        let positions = [6499, 6500, 7000, 7500, 7501].map(|own| Position::of(own, line));
        assert_eq!(positions, [Position::Below, Position::Near, Position::Near, Position::Near, Position::Above]);
    }

    #[test]
    fn a_higher_own_result_never_gets_a_lower_position() {
        for line in Line::grid() {
            let positions: Vec<Position> = (0..=10_000).map(|own| Position::of(own, line)).collect();
            assert!(positions.is_sorted());
        }
    }
}
