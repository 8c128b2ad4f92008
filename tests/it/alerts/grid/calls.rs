//! The calls of a run: a second sending needs a cause, waits as long as it must, and tells nothing that was told.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use support::fcm::Call;

use super::Cell;
use super::scene::{Death, Scene};

/// Nothing is sent again sooner.
const SOONEST: Duration = Duration::from_secs(10);
/// As long before it is noticed something may have been on its way.
const ON_THE_WAY: Duration = Duration::from_secs(2);
/// As many may be under way at once: one about each child on each phone.
const IN_FLIGHT: usize = 5;

/// Why a message was sent once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Whoever sent it before died, or slept until another one had what it held.
    Death,
    /// What came back leaves open whether it was delivered: 500, 503, an answer that broke off, or made no sense.
    Unclear,
    /// The access token was not taken; the next one is tried at once.
    Token,
    /// Too many came.
    Quota,
    /// The phone is said to be gone, as all others are.
    Disbelieved,
}

/// A message that was sent once more.
#[derive(Debug)]
pub struct Again<'a> {
    pub before: &'a Call,
    pub call: &'a Call,
    pub cause: Option<Cause>,
}

impl Again<'_> {
    /// From the answer to the next sending.
    fn waited(&self) -> Duration {
        self.call.at.saturating_duration_since(self.before.ended)
    }
}

impl Death {
    /// Whether it is why `call` came after `before`.
    fn lies_between(&self, before: &Call, call: &Call) -> bool {
        let was_its_own = self.access.contains(&before.access) && before.at < self.at + ON_THE_WAY;
        was_its_own && self.at < call.at && !self.access.contains(&call.access)
    }
}

/// Whether the connection ended about then, which many share over HTTP/2: a good answer may have ended with it.
pub fn went_down(calls: &[Call], call: &Call) -> bool {
    let near = |one: &Call| one.at.max(call.at) - one.at.min(call.at) < Duration::from_secs(1);
    let shared = |one: &&Call| call.connection.is_some() && one.connection == call.connection && one.status.is_none();
    calls.iter().filter(shared).any(near)
}

/// What a run knows that its calls are judged by.
pub struct Judge<'a> {
    pub deaths: &'a [Death],
    /// When an operator mended what kept the provider from taking anything.
    pub mended: Option<Instant>,
    /// Whether the provider said of all phones that they are gone.
    pub wave: bool,
    /// How many things were corrected.
    pub corrected: usize,
}

impl Scene {
    /// What was sent once more, each time with a cause and late enough.
    pub fn judged<'a>(&self, cell: &Cell, calls: &'a [Call]) -> Vec<Again<'a>> {
        let (wave, corrected) = (cell.believed > 0, cell.corrected() + cell.thirds());
        Judge { deaths: &self.deaths, mended: self.mended, wave, corrected }.judge(calls)
    }
}

impl Judge<'_> {
    pub fn judge<'a>(&self, calls: &'a [Call]) -> Vec<Again<'a>> {
        let again = self.repeated(calls);
        let groundless: Vec<_> = again.iter().filter(|one| one.cause.is_none()).collect();
        assert!(groundless.is_empty(), "sent again without a cause: {groundless:#?}");
        let early: Vec<_> = again.iter().filter(|one| self.is_early(one)).collect();
        assert!(early.is_empty(), "too early: {early:#?}");
        quiet(calls);
        told_once(self.corrected, calls);
        for death in self.deaths {
            let mut later = calls.iter().filter(|call| call.at > death.at);
            let known = |call: &&Call| death.accepted.contains(&(call.token.clone(), call.alert.clone()));
            assert!(later.find(known).is_none(), "sent again though the books said that it was accepted");
        }
        again
    }

    fn repeated<'a>(&self, calls: &'a [Call]) -> Vec<Again<'a>> {
        let mut last: BTreeMap<(&str, &str), &Call> = BTreeMap::new();
        let mut found = Vec::new();
        for call in calls {
            if let Some(before) = last.insert((&call.token, &call.alert), call) {
                found.push(Again { before, call, cause: self.cause(calls, before, call) });
            }
        }
        found
    }

    fn cause(&self, calls: &[Call], before: &Call, call: &Call) -> Option<Cause> {
        if self.deaths.iter().any(|death| death.lies_between(before, call)) {
            return Some(Cause::Death);
        }
        match before.status {
            None | Some(500 | 503) => Some(Cause::Unclear),
            Some(200) if before.fault || went_down(calls, before) => Some(Cause::Unclear),
            Some(401) if before.access != call.access => Some(Cause::Token),
            Some(429) => Some(Cause::Quota),
            Some(404) if self.wave => Some(Cause::Disbelieved),
            _ => None,
        }
    }

    fn is_early(&self, again: &Again<'_>) -> bool {
        let mended = self.mended.is_some_and(|mended| again.before.at < mended && mended < again.call.at);
        let at_once = matches!(again.cause, Some(Cause::Death | Cause::Token)) || mended;
        !at_once && again.waited() < SOONEST
    }
}

/// Once a provider has had too much nothing comes but what was on its way.
fn quiet(calls: &[Call]) {
    for hushed in calls.iter().filter(|call| call.status == Some(429)) {
        let since = |call: &&Call| call.at.saturating_duration_since(hushed.ended);
        let behind: Vec<_> = calls.iter().filter(|call| call.at > hushed.ended).collect();
        let early = behind.iter().filter(|call| since(call) < ON_THE_WAY).count();
        assert!(early < IN_FLIGHT, "{early} were under way when the provider wanted nothing");
        let told = ON_THE_WAY..Duration::from_secs(hushed.retry_after);
        assert!(!behind.iter().any(|call| told.contains(&since(call))), "sent while the provider wants nothing");
    }
}

/// Whatever a phone shows of one thing is one alert, and a second one if it was corrected.
fn told_once(most: usize, calls: &[Call]) {
    let mut alerts: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    let mut values: BTreeMap<(&str, &str, Option<char>), BTreeSet<&str>> = BTreeMap::new();
    for call in calls {
        alerts.entry((&call.token, &call.tag)).or_default().insert(&call.alert);
        let value = call.text.chars().next_back().filter(char::is_ascii_digit);
        values.entry((&call.token, &call.tag, value)).or_default().insert(&call.alert);
    }
    let mut corrected: BTreeMap<&str, usize> = BTreeMap::new();
    for ((token, tag), alerts) in &alerts {
        assert!(alerts.len() <= 2, "{tag} is told by {alerts:?}");
        *corrected.entry(token).or_default() += alerts.len() - 1;
    }
    assert!(
        corrected.values().all(|corrected| *corrected <= most),
        "more second alerts than corrections: {corrected:?}"
    );
    // Whoever wants nothing personal is not told the value.
    let twice = values.iter().find(|((.., value), alerts)| value.is_some() && alerts.len() > 1);
    assert_eq!(twice, None, "one value is told by two alerts");
}
