//! What many answers together say: whether our key is wrong, and whether tokens die faster than phones do.

use std::time::Duration;

use crate::window::Window;

/// Fewer of them are chance.
const FEWEST_WRONG: u32 = 5;
const FEWEST_DEAD: u32 = 10;

/// What one answer says of its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Alive,
    Dead,
    WrongSender,
}

/// The answers of the last five minutes: all, those of phones that are gone, those of another project's.
#[derive(Debug, Default)]
pub(super) struct Health(Window<3>);

impl Health {
    /// Counts an answer. `now` is counted since 1970; a clock that is set back makes everything forgotten.
    pub fn count(&mut self, now: Duration, said: Said) {
        self.0.count(now, [true, said == Said::Dead, said == Said::WrongSender]);
    }

    /// More than 1 % say that the token is another project's: not the tokens are wrong, our key is. Nothing must be sent.
    pub fn is_key_wrong(&mut self, now: Duration) -> bool {
        let [all, _, wrong] = self.0.total(now);
        wrong >= FEWEST_WRONG && wrong * 100 > all
    }

    /// More than 5 % say that the phone is gone: more than ever leave on one day. No token must be deleted on their word.
    pub fn is_dying_too_fast(&mut self, now: Duration) -> bool {
        let [all, dead, _] = self.0.total(now);
        dead >= FEWEST_DEAD && dead * 20 > all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(alive: u32, other: u32, said: Said) -> Health {
        let mut health = Health::default();
        (0..alive).for_each(|_| health.count(Duration::ZERO, Said::Alive));
        (0..other).for_each(|_| health.count(Duration::ZERO, said));
        health
    }

    #[test]
    fn more_than_one_wrong_sender_in_a_hundred_says_that_our_key_is_wrong() {
        let wrong = |alive, wrong| health(alive, wrong, Said::WrongSender).is_key_wrong(Duration::ZERO);
        assert!(!wrong(594, 6) && wrong(593, 6));
        assert!(!wrong(0, 4) && wrong(0, 5));
    }

    #[test]
    fn more_than_five_dead_in_a_hundred_are_not_believed() {
        let dying = |alive, dead| health(alive, dead, Said::Dead).is_dying_too_fast(Duration::ZERO);
        assert!(!dying(190, 10) && dying(189, 10));
        assert!(!dying(0, 9) && dying(0, 10));
    }

    #[test]
    fn after_five_minutes_it_is_forgotten() {
        let mut health = health(0, 50, Said::Dead);
        health.count(Duration::from_secs(299), Said::Alive);
        assert!(health.is_dying_too_fast(Duration::from_secs(299)));
        assert!(!health.is_dying_too_fast(Duration::from_secs(300)));
        assert_eq!(health.0.total(Duration::from_secs(300))[0], 1);
    }
}
