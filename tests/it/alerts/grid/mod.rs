//! Real workers killed at every point, a provider that does what providers do, and the books that must balance.

mod scene;

use std::collections::BTreeMap;
use std::time::Duration;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use support::database::{Kind, run};
use support::fcm::{Bad, Call, Fault};

use crate::providers::phone;
use crate::storage::number;
use scene::Scene;

/// How many grades are given, and how many of them are corrected later.
const GRADES: usize = 12;
const CORRECTED: usize = 4;

/// When the process is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kill {
    Never,
    /// Behind the journal's writing.
    AtOnce,
    /// Bytes have left, the answer is on its way.
    InFlight,
    /// When so many messages have reached the provider.
    After(usize),
    /// While it stops.
    Stopping,
    /// Not killed: it stands still with bytes on the way until its leases are over and another one has worked.
    Asleep,
    /// Not killed: the database ends all its connections, twice.
    Cut,
    /// Not killed: the Redis that wakes it goes, and comes again.
    NoRedis,
}

/// One field of the grid.
struct Cell {
    name: &'static str,
    kill: Kill,
    /// What the first messages meet, each with its probability.
    chances: Vec<(f64, Fault)>,
    workers: usize,
}

/// The first messages' faults, from a fixed seed.
fn script(chances: &[(f64, Fault)]) -> Vec<Option<Fault>> {
    let mut dice = ChaCha8Rng::seed_from_u64(7);
    let mut draw = || {
        let mut roll: f64 = dice.random();
        chances.iter().find_map(|(chance, fault)| {
            roll -= chance;
            (roll < 0.0).then(|| fault.clone())
        })
    };
    (0..40).map(|_| draw()).collect()
}

async fn play(kind: Kind, cell: Cell) {
    let mut scene = Scene::new(kind, cell.workers).await;
    let mut faults = script(&cell.chances);
    if cell.kill == Kill::InFlight {
        faults.insert(0, Some(Fault::bad(Bad::Slow(Duration::from_secs(5)))));
    }
    scene.google.script(|script| script.next(faults));
    scene.grade(0..GRADES, "4");
    scene.put(&[scene.school.grade("own", "p1", "4")]);
    scene.strike(cell.kill).await;
    scene.grade(0..CORRECTED, "5");
    scene.until_done().await;
    scene.balance(&cell);
}

impl Scene {
    /// Prints the sheet, and fails on whatever does not balance.
    fn balance(&self, cell: &Cell) {
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
            "{} on {:?}, killed {} times: {events} events, {all} deliveries {ended:?}, {} calls ({} again, {} of them after \
             no ambiguous answer), {visible} visible",
            cell.name,
            self.database.kind(),
            self.killed,
            calls.len(),
            again.len(),
            again.iter().filter(|one| !one.ambiguous).count(),
        );
        assert_eq!(ended.values().sum::<i64>(), count("state <> 'pending'"), "each comes to one end");
        assert_eq!(ended["dead-letter"] + ended["token-dead"] + ended["expired"] + ended["suppressed"], 0, "{ended:?}");
        // A killed worker may have sent what nobody knows of: as many as may fly at once, and no more than once a kill.
        if self.killed == 0 {
            assert!(again.iter().all(|one| one.ambiguous), "sent again without a cause: {again:?}");
            assert!(again.iter().all(|one| one.waited >= Duration::from_secs(10)), "too early: {again:?}");
        }
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

/// A message that was sent once more.
#[derive(Debug)]
struct Again {
    /// Whether what came before left it open.
    ambiguous: bool,
    waited: Duration,
}

fn repeated(calls: &[Call]) -> Vec<Again> {
    let mut last: BTreeMap<(&str, &str), &Call> = BTreeMap::new();
    let mut found = Vec::new();
    for call in calls {
        if let Some(before) = last.insert((&call.token, &call.alert), call) {
            // 200 stands for a success whose body was junk: one that was read ends the matter.
            let ambiguous = before.fault || before.status != Some(200);
            found.push(Again { ambiguous, waited: call.at - before.at });
        }
    }
    found
}

fn unavailable() -> Vec<(f64, Fault)> {
    vec![(0.15, Fault::unavailable()), (0.15, Fault::unavailable().delivered())]
}

fn broken() -> Vec<(f64, Fault)> {
    let broken = |reply| Fault::bad(reply).delivered();
    vec![(0.1, broken(Bad::Reset)), (0.1, broken(Bad::Half)), (0.1, broken(Bad::Junk)), (0.1, Fault::bad(Bad::Reset))]
}

/// What the first worker tells of itself, as Prometheus reads it: the number behind a line that begins so.
async fn told(metrics: &str, begin: &str) -> Option<f64> {
    let text = reqwest::get(metrics).await.unwrap().text().await.unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(begin).map(str::to_owned))?;
    Some(line.trim().parse().unwrap())
}

/// What the worker counted is what the books say; an operator reads nothing of anybody.
async fn count(kind: Kind) {
    let mut scene = Scene::new(kind, 1).await;
    scene.processes.iter().for_each(|process| process.signal("STOP"));
    scene.grade(0..GRADES, "4");
    scene.processes.iter().for_each(|process| process.signal("CONT"));
    scene.until_done().await;
    scene.google.script(|script| script.next(vec![Some(Fault::unavailable()); 4]));
    scene.grade(0..1, "5");
    scene.google.until_calls(GRADES * 3 + 3).await;
    scene.grade(0..1, "3");
    scene.until_done().await;
    let line = scene.processes[0].await_line("telling metrics");
    let metrics = format!("http://{}/metrics", line["address"].as_str().unwrap());
    for state in ["accepted", "superseded"] {
        let books =
            number(&scene.db, &format!("SELECT count(*) AS number FROM alert_deliveries WHERE state = '{state}'"));
        let begin = format!("apta_alert_deliveries_total{{channel=\"push\",state=\"{state}\"}}");
        assert!(books > 0, "{state}");
        #[allow(clippy::cast_precision_loss, reason = "few")]
        let books = books as f64;
        assert_eq!(told(&metrics, &begin).await, Some(books), "{state}");
    }
    assert_eq!(told(&metrics, "apta_alert_outbox_age_seconds").await, Some(0.0));
    assert_eq!(told(&metrics, "apta_alert_pending{channel=\"push\"}").await, Some(0.0));
    assert!(told(&metrics, "apta_alert_provider_seconds_count{lane=\"android\"}").await.unwrap() >= 36.0);
    let all = reqwest::get(&metrics).await.unwrap().text().await.unwrap();
    assert!(!all.contains("Algebra") && !all.contains("Алгебра") && !all.contains("Дана"), "{all}");
    scene.kill();
}

#[test]
fn a_worker_counts_what_the_books_say_sqlite() {
    run(count(Kind::Sqlite));
}

#[test]
fn a_worker_counts_what_the_books_say_postgres() {
    run(count(Kind::Postgres));
}

/// The part that every run of the tests looks at.
fn cell() -> Cell {
    Cell { name: "killed in flight", kill: Kill::InFlight, chances: Vec::new(), workers: 1 }
}

#[test]
fn a_worker_killed_with_bytes_on_the_way_loses_nothing_and_shows_nothing_twice_sqlite() {
    run(play(Kind::Sqlite, cell()));
}

#[test]
fn a_worker_killed_with_bytes_on_the_way_loses_nothing_and_shows_nothing_twice_postgres() {
    run(play(Kind::Postgres, cell()));
}

mod faults {
    use super::*;

    fn grid() -> Vec<Cell> {
        let cell = |name, kill, chances, workers| Cell { name, kill, chances, workers };
        vec![
            cell("nothing goes wrong", Kill::Never, Vec::new(), 1),
            cell("two workers", Kill::Never, Vec::new(), 2),
            cell("5xx", Kill::Never, unavailable(), 1),
            cell("broken answers, two workers", Kill::Never, broken(), 2),
            cell("too many", Kill::Never, vec![(0.05, Fault::quota(Some("11")))], 1),
            cell("killed behind the write", Kill::AtOnce, unavailable(), 1),
            cell("killed mid-batch, 5xx", Kill::After(9), unavailable(), 2),
            cell("killed mid-batch, broken answers", Kill::After(20), broken(), 1),
            cell("killed while it stops", Kill::Stopping, broken(), 2),
            cell("asleep with bytes on the way", Kill::Asleep, Vec::new(), 1),
            cell("connections cut, 5xx", Kill::Cut, unavailable(), 2),
            cell("Redis away", Kill::NoRedis, unavailable(), 1),
        ]
    }

    #[test]
    #[ignore = "minutes: ./test --faults"]
    fn sqlite() {
        for cell in grid().into_iter().filter(|cell| cell.kill != Kill::Cut) {
            run(play(Kind::Sqlite, cell));
        }
    }

    #[test]
    #[ignore = "minutes: ./test --faults"]
    fn postgres() {
        for cell in grid() {
            run(play(Kind::Postgres, cell));
        }
    }
}
