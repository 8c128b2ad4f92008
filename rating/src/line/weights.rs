//! The weights e^(-distance/2) as whole numbers.
//!
//! They are built from the smallest up, each at most e^(1/4) times the one before, because the factor is below e^(1/4) and every
//! product is cut down. So two weights whose doubled distances differ by 2 never differ by more than e^(1/2): the bound holds
//! for the whole numbers themselves, not only for what they stand for.

use std::sync::LazyLock;

/// e^(1/4), cut down to 32 binary places.
const FACTOR: u128 = 5_514_847_171;
const PLACES: u32 = 32;
/// The doubled distance from which on all weights are the smallest: 128 children, e^(-64).
const FARTHEST: usize = 256;
/// The smallest weight; large enough that cutting down costs the others nothing that shows.
const SMALLEST: u128 = 1 << 24;

/// By doubled distance, from 0.
static WEIGHTS: LazyLock<Vec<u128>> = LazyLock::new(|| {
    let next = |weight: &u128| Some(times_factor(*weight));
    let mut weights: Vec<u128> = std::iter::successors(Some(SMALLEST), next).take(FARTHEST + 1).collect();
    weights.reverse();
    weights
});

/// The weight at a doubled distance.
pub(super) fn of(twice_off: u64) -> u128 {
    let place = usize::try_from(twice_off).unwrap_or(usize::MAX);
    WEIGHTS.get(place).copied().unwrap_or(SMALLEST)
}

/// In two halves, since the product as a whole has more than 128 bits.
fn times_factor(weight: u128) -> u128 {
    let (high, low) = (weight >> PLACES, weight & ((1 << PLACES) - 1));
    high * FACTOR + ((low * FACTOR) >> PLACES)
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;

    use super::*;

    /// e, cut down to 15 places.
    fn below_e() -> (BigUint, BigUint) {
        (BigUint::from(2_718_281_828_459_045_u64), BigUint::from(1_000_000_000_000_000_u64))
    }

    #[test]
    fn no_two_neighbouring_weights_differ_by_more_than_the_fourth_root_of_e() {
        let (e, one) = below_e();
        for off in 0..FARTHEST as u64 + 2 {
            let (near, far) = (BigUint::from(of(off)), BigUint::from(of(off + 1)));
            assert!(near >= far);
            assert!(near.pow(4) * &one <= far.pow(4) * &e, "at {off}");
        }
    }

    #[test]
    #[allow(clippy::cast_precision_loss, reason = "compared to six places")]
    fn the_weights_are_the_powers_of_e_they_stand_for() {
        for off in 0..=FARTHEST as u64 {
            let exact = (-(off as f64) / 4.0).exp();
            let ratio = of(off) as f64 / of(0) as f64 / exact;
            assert!((ratio - 1.0).abs() < 1e-6, "at {off}: {ratio}");
        }
    }

    #[test]
    fn eleven_weights_can_be_added() {
        assert!(of(0) < u128::MAX / 16);
    }
}
