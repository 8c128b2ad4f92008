//! What came back in the last five minutes, counted by sorts: one answer says little, many say what is wrong.

use std::collections::VecDeque;
use std::time::Duration;

/// What is looked back on.
const LENGTH: Duration = Duration::from_secs(300);

/// Counted together.
const STEP: Duration = Duration::from_secs(5);

/// Answers by sorts; one may be of several. Moments are counted since 1970; a clock that is set back makes everything forgotten.
#[derive(Debug)]
pub(crate) struct Window<const SORTS: usize> {
    steps: VecDeque<(Duration, [u32; SORTS])>,
    total: [u32; SORTS],
}

impl<const SORTS: usize> Default for Window<SORTS> {
    fn default() -> Self {
        Self { steps: VecDeque::new(), total: [0; SORTS] }
    }
}

impl<const SORTS: usize> Window<SORTS> {
    /// Counts an answer.
    pub fn count(&mut self, now: Duration, sorts: [bool; SORTS]) {
        self.forget(now);
        if self.steps.back().is_none_or(|(since, _)| now >= *since + STEP) {
            self.steps.push_back((now, [0; SORTS]));
        }
        let step = self.steps.back_mut().map(|(_, counts)| counts);
        for counts in step.into_iter().chain([&mut self.total]) {
            counts.iter_mut().zip(sorts).for_each(|(count, is)| *count += u32::from(is));
        }
    }

    /// How many there were of each sort.
    pub fn total(&mut self, now: Duration) -> [u32; SORTS] {
        self.forget(now);
        self.total
    }

    fn forget(&mut self, now: Duration) {
        if self.steps.back().is_some_and(|(since, _)| now < *since) {
            *self = Self::default();
        }
        while let Some((_, counts)) = self.steps.front().filter(|(since, _)| now >= *since + LENGTH) {
            self.total.iter_mut().zip(counts).for_each(|(total, count)| *total -= count);
            self.steps.pop_front();
        }
    }
}
