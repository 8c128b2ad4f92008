//! The sheet of a run: what was to be told, what was sent, what the phones show.

use std::collections::BTreeMap;
use std::time::Duration;

use support::fcm::Call;

use super::scene::Scene;
use super::{CORRECTED, Cell, GRADES};
use crate::providers::phone;
use crate::storage::number;

impl Scene {
    /// Prints the sheet, and fails on whatever does not balance.
    pub fn balance(&self, cell: &Cell) {
        let calls = self.google.calls();
        let states = ["accepted", "token-dead", "expired", "superseded", "suppressed", "dead-letter"];
        let count = |of: &str| number(&self.db, &format!("SELECT count(*) AS number FROM alert_deliveries WHERE {of}"));
        let ended: BTreeMap<&str, i64> =
            states.iter().map(|state| (*state, count(&format!("state = '{state}'")))).collect();
        let all = count("channel = 'push'");
        let again = repeated(&calls);
        let events =
            number(&self.db, "SELECT count(*) AS number FROM events WHERE kind LIKE 'grade.%' AND NOT baseline");
        let visible: usize = (1..=3).map(|n| self.google.phone(&phone(n)).screen().len()).sum();
        println!(
            "{} on {:?}, {} deaths: {events} events, {all} deliveries {ended:?}, {} calls on {} secure connections ({} again, {} of them after \
             no ambiguous answer), {visible} visible",
            cell.name,
            self.database.kind(),
            self.deaths.len(),
            calls.len(),
            self.google.connections(),
            again.len(),
            again.iter().filter(|one| !one.ambiguous).count(),
        );
        assert_eq!(ended.values().sum::<i64>(), count("state <> 'pending'"), "each comes to one end");
        assert_eq!(ended["dead-letter"] + ended["token-dead"] + ended["expired"] + ended["suppressed"], 0, "{ended:?}");
        self.judge(&calls, &again);
        for (n, things) in [(1, GRADES + 1), (2, GRADES + 1), (3, GRADES)] {
            let mut told: BTreeMap<String, usize> = BTreeMap::new();
            for shown in self.google.phone(&phone(n)).screen() {
                *told.entry(shown.body).or_default() += 1;
            }
            let final_ones: usize = told.iter().filter(|(body, _)| body.ends_with('5')).map(|(_, count)| count).sum();
            assert_eq!(told.values().sum::<usize>(), things, "phone {n} shows each once: {told:?}");
            assert_eq!(final_ones, CORRECTED, "phone {n} shows the last value: {told:?}");
            let others: usize = told.iter().filter(|(body, _)| body.starts_with("Әсел")).map(|(_, count)| count).sum();
            assert_eq!(others, things - GRADES, "phone {n} shows its own children: {told:?}");
        }
    }
}

impl Scene {
    /// A second sending has a cause: an answer that left it open, or a sender who died before the answer was written.
    fn judge(&self, calls: &[Call], again: &[Again]) {
        let died = !self.deaths.is_empty();
        assert!(again.iter().all(|one| one.ambiguous || (died && one.by_another)), "without a cause: {again:?}");
        // A new access token is tried at once, and what a dead worker left by whoever finds it.
        let may_at_once = |one: &Again| one.status == Some(401) || (died && one.by_another);
        let soon = |one: &&Again| one.waited < Duration::from_secs(10) && !may_at_once(one);
        assert_eq!(again.iter().filter(soon).count(), 0, "too early: {again:?}");
        for hushed in calls.iter().filter(|call| call.status == Some(429)) {
            // What was on its way already may still come.
            let since = |call: &Call| call.at.saturating_duration_since(hushed.at).as_secs();
            let mut early = calls.iter().filter(|call| (2..hushed.retry_after).contains(&since(call)));
            assert!(early.next().is_none(), "sent while the provider wants nothing");
        }
        for death in &self.deaths {
            let mut later = calls.iter().filter(|call| call.at > death.at);
            let known = |call: &&Call| death.accepted.contains(&(call.token.clone(), call.alert.clone()));
            assert!(later.find(known).is_none(), "sent again though the books said that it was accepted");
        }
    }
}

/// A message that was sent once more.
#[derive(Debug)]
struct Again {
    /// Whether what came before left it open.
    ambiguous: bool,
    /// What was answered before.
    status: Option<u16>,
    /// Whether another process sent it before.
    by_another: bool,
    waited: Duration,
}

/// Whether the connection ended about then, which many share over HTTP/2: a good answer may have ended with it.
fn went_down(calls: &[Call], call: &Call) -> bool {
    let near = |one: &Call| one.at.max(call.at) - one.at.min(call.at) < Duration::from_secs(1);
    let shared = |one: &&Call| call.connection.is_some() && one.connection == call.connection && one.status.is_none();
    calls.iter().filter(shared).any(near)
}

fn repeated(calls: &[Call]) -> Vec<Again> {
    let mut last: BTreeMap<(&str, &str), &Call> = BTreeMap::new();
    let mut found = Vec::new();
    for call in calls {
        if let Some(before) = last.insert((&call.token, &call.alert), call) {
            // 200 stands for a success whose body was junk: one that was read ends the matter.
            let ambiguous = before.fault || before.status != Some(200) || went_down(calls, before);
            let by_another = before.access != call.access;
            found.push(Again { ambiguous, status: before.status, by_another, waited: call.at - before.at });
        }
    }
    found
}
