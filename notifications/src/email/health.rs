//! What many answers together say: whether addresses die faster than families leave them.

use std::collections::VecDeque;
use std::time::Duration;

/// What is looked back on.
const WINDOW: Duration = Duration::from_secs(300);

/// Counted together.
const STEP: Duration = Duration::from_secs(5);

/// Fewer refusals are chance.
const FEWEST: u32 = 10;

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    all: u32,
    refused: u32,
}

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

/// The answers of the last five minutes. Moments are counted since 1970; a clock that is set back makes everything forgotten.
#[derive(Debug, Default)]
pub(super) struct Health {
    steps: VecDeque<(Duration, Count)>,
    total: Count,
    doubts: bool,
}

impl Health {
    /// The server took a letter. This alone ends doubts: what was refused comes again later than the window is long.
    pub fn taken(&mut self, now: Duration) {
        self.count(now, 0);
        self.doubts &= self.is_too_many();
    }

    /// The server refused an address for good.
    pub fn refused(&mut self, now: Duration) -> Word {
        self.count(now, 1);
        if !self.doubts && !self.is_too_many() {
            return Word::Believed;
        }
        let begins = !self.doubts;
        self.doubts = true;
        Word::Doubted { begins }
    }

    fn is_too_many(&self) -> bool {
        self.total.refused >= FEWEST && self.total.refused * 20 > self.total.all
    }

    fn count(&mut self, now: Duration, refused: u32) {
        self.forget(now);
        if self.steps.back().is_none_or(|(since, _)| now >= *since + STEP) {
            self.steps.push_back((now, Count::default()));
        }
        let step = self.steps.back_mut().map(|(_, count)| count);
        for count in step.into_iter().chain([&mut self.total]) {
            count.all += 1;
            count.refused += refused;
        }
    }

    fn forget(&mut self, now: Duration) {
        if self.steps.back().is_some_and(|(since, _)| now < *since) {
            *self = Self::default();
        }
        while let Some((_, count)) = self.steps.front().filter(|(since, _)| now >= *since + WINDOW) {
            self.total.all -= count.all;
            self.total.refused -= count.refused;
            self.steps.pop_front();
        }
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
