//! What many answers together say: whether addresses die faster than families leave them.

use std::time::Duration;

use crate::window::Window;

/// Fewer refusals are chance.
const FEWEST: u32 = 10;

/// Whether the server's word that there is no such address counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Believed,
    /// More than 5 % are refused: not the addresses are wrong, the server or our right to send by it is.
    Doubted {
        /// The first one of a wave.
        begins: bool,
    },
}

/// The answers of the last five minutes, all and those that refuse. A clock that is set back makes everything forgotten.
#[derive(Debug, Default)]
pub(super) struct Health {
    answers: Window<2>,
    /// Since when there are doubts.
    doubts: Option<Duration>,
}

impl Health {
    /// The server took a letter. This alone ends doubts: what was refused comes again later than the window is long.
    pub fn taken(&mut self, now: Duration) {
        self.answers.count(now, [true, false]);
        self.doubts = self.doubts.filter(|_| self.answers.are_too_many(now));
    }

    /// The server refused an address for good.
    pub fn refused(&mut self, now: Duration) -> Word {
        self.answers.count(now, [true, true]);
        self.doubts = self.doubts.filter(|since| *since <= now);
        if self.doubts.is_none() && !self.answers.are_too_many(now) {
            return Word::Believed;
        }
        let begins = self.doubts.is_none();
        self.doubts.get_or_insert(now);
        Word::Doubted { begins }
    }
}

impl Window<2> {
    /// Whether more than 5 % refuse.
    fn are_too_many(&mut self, now: Duration) -> bool {
        let [all, refused] = self.total(now);
        refused >= FEWEST && refused * 20 > all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOUBTED: Word = Word::Doubted { begins: false };
    const BEGINS: Word = Word::Doubted { begins: true };

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn after(taken: u32, refused: u32) -> Health {
        let mut health = Health::default();
        (0..taken).for_each(|_| health.taken(at(0)));
        (0..refused).for_each(|_| assert_eq!(health.refused(at(0)), Word::Believed));
        health
    }

    #[test]
    fn more_than_five_refused_in_a_hundred_are_not_believed() {
        assert_eq!(after(190, 9).refused(at(0)), Word::Believed);
        assert_eq!(after(189, 9).refused(at(0)), BEGINS);
        assert_eq!(after(0, 8).refused(at(0)), Word::Believed);
        assert_eq!(after(0, 9).refused(at(0)), BEGINS);
    }

    #[test]
    fn refusals_that_lie_five_minutes_apart_are_no_wave() {
        let mut health = after(0, 9);
        assert_eq!(health.refused(at(300)), Word::Believed);
    }

    #[test]
    fn a_wave_begins_once_and_lasts_until_letters_are_taken_again() {
        let mut health = after(0, 9);
        assert_eq!((health.refused(at(0)), health.refused(at(1))), (BEGINS, DOUBTED));
        assert_eq!(health.refused(at(1800)), DOUBTED, "what is tried again is no new word");
        health.taken(at(1801));
        assert_eq!(health.refused(at(1802)), Word::Believed);
    }

    #[test]
    fn a_letter_that_is_taken_in_a_wave_does_not_end_it() {
        let mut health = after(0, 9);
        assert_eq!(health.refused(at(0)), BEGINS);
        health.taken(at(1));
        assert_eq!(health.refused(at(2)), DOUBTED);
    }

    #[test]
    fn a_clock_that_is_set_back_makes_everything_forgotten() {
        let mut health = Health::default();
        let words: Vec<Word> = (0..10).map(|_| health.refused(at(1000))).collect();
        assert_eq!(words.last(), Some(&BEGINS));
        assert_eq!(health.refused(at(0)), Word::Believed);
    }
}
