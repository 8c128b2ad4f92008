//! The judge of calls is no rubber stamp: what it must not let pass it does not let pass.

use std::collections::BTreeSet;
use std::panic::catch_unwind;
use std::time::{Duration, Instant};

use support::fcm::Call;

use super::calls::{Cause, Judge};
use super::scene::Death;

/// One run of made-up calls; seconds are counted from its beginning.
struct Run {
    begin: Instant,
    deaths: Vec<Death>,
    wave: bool,
    corrected: usize,
}

impl Run {
    fn new() -> Self {
        Self { begin: Instant::now(), deaths: Vec::new(), wave: false, corrected: 0 }
    }

    /// Who held `access` dies.
    fn death(mut self, second: u64, access: &str) -> Self {
        let at = self.begin + Duration::from_secs(second);
        let access = BTreeSet::from([access.to_owned()]);
        self.deaths.push(Death { at, access, accepted: BTreeSet::new(), asleep: false });
        self
    }

    /// The first alert about a thing, to the only phone.
    fn call(&self, second: u64, status: Option<u16>) -> Call {
        let at = self.begin + Duration::from_secs(second);
        let text = |text: &str| text.to_owned();
        Call {
            at,
            ended: at,
            token: text("phone"),
            alert: text("1"),
            tag: text("thing"),
            text: text("4"),
            delivered: status == Some(200),
            status,
            retry_after: 60,
            fault: false,
            drawn: None,
            access: text("one"),
            connection: None,
            bytes: String::new(),
        }
    }

    /// Why each repeat is let pass, or nothing if one is not.
    fn judge(&self, calls: &[Call]) -> Option<Vec<Cause>> {
        let (deaths, wave, corrected) = (self.deaths.as_slice(), self.wave, self.corrected);
        let judge = std::panic::AssertUnwindSafe(|| {
            let again = Judge { deaths, mended: None, wave, corrected }.judge(calls);
            again.iter().filter_map(|one| one.cause).collect::<Vec<_>>()
        });
        catch_unwind(judge).ok()
    }
}

/// The same from another process.
fn by_another(call: Call) -> Call {
    Call { access: "other".to_owned(), ..call }
}

#[test]
fn only_what_leaves_it_open_excuses_a_second_sending() {
    let run = Run::new();
    let then = |status, wait| run.judge(&[run.call(0, status), run.call(wait, Some(200))]);
    for open in [None, Some(500), Some(503)] {
        assert_eq!(then(open, 10), Some(vec![Cause::Unclear]));
        assert_eq!(then(open, 9), None, "too early");
    }
    for closed in [200, 400, 403, 404] {
        assert_eq!(then(Some(closed), 3600), None, "{closed}");
    }
    let junk = Call { fault: true, ..run.call(0, Some(200)) };
    assert_eq!(run.judge(&[junk, run.call(10, Some(200))]), Some(vec![Cause::Unclear]));
    let wave = Run { wave: true, ..Run::new() };
    assert_eq!(wave.judge(&[wave.call(0, Some(404)), wave.call(300, Some(200))]), Some(vec![Cause::Disbelieved]));
}

#[test]
fn a_death_excuses_what_the_dead_sent_and_nobody_else() {
    let (run, quick) = (Run::new().death(20, "one"), |run: &Run| run.call(0, Some(200)));
    let again = |run: &Run, second| by_another(run.call(second, Some(200)));
    assert_eq!(run.judge(&[quick(&run), again(&run, 21)]), Some(vec![Cause::Death]));
    assert_eq!(run.judge(&[quick(&run), again(&run, 19)]), None, "nobody had died yet");
    assert_eq!(run.judge(&[run.call(30, Some(200)), again(&run, 50)]), None, "it was sent after that");
    let stranger = Run::new().death(20, "third");
    assert_eq!(stranger.judge(&[quick(&stranger), again(&stranger, 21)]), None, "its sender lives");
    assert_eq!(run.judge(&[quick(&run), run.call(21, Some(200))]), None, "the dead do not send");
}

#[test]
fn a_wait_begins_with_the_answer() {
    let run = Run::new();
    let slow = Call { ended: run.begin + Duration::from_secs(14), fault: true, ..run.call(0, Some(200)) };
    assert_eq!(run.judge(&[slow.clone(), run.call(23, Some(200))]), None);
    assert_eq!(run.judge(&[slow, run.call(24, Some(200))]), Some(vec![Cause::Unclear]));
}

#[test]
fn one_value_of_a_thing_is_told_by_one_alert() {
    let run = Run { corrected: 1, ..Run::new() };
    let told =
        |alert: &str, text: &str| Call { alert: alert.to_owned(), text: text.to_owned(), ..run.call(1, Some(200)) };
    assert_eq!(run.judge(&[told("1", "4"), told("2", "4 → 5")]), Some(Vec::new()));
    assert_eq!(run.judge(&[told("1", "4"), told("2", "4")]), None, "planned twice");
    assert_eq!(run.judge(&[told("1", ""), told("2", ""), told("3", "")]), None, "corrected once");
    let plain = Run::new();
    assert_eq!(plain.judge(&[told("1", "4"), told("2", "5")]), None, "nothing was corrected");
}

#[test]
fn a_provider_that_wants_quiet_gets_what_is_under_way_and_no_more() {
    let run = Run::new();
    let hushed = run.call(0, Some(429));
    let other = |n: usize, second| {
        let (token, tag) = (format!("phone {n}"), format!("thing {n}"));
        Call { token, tag, ..run.call(second, Some(200)) }
    };
    let behind = |number: usize, second| {
        let calls: Vec<Call> = std::iter::once(hushed.clone()).chain((0..number).map(|n| other(n, second))).collect();
        run.judge(&calls).is_some()
    };
    assert!(behind(4, 1) && !behind(5, 1), "as many as are in flight");
    assert!(behind(1, 60) && !behind(1, 59) && !behind(1, 2));
}
