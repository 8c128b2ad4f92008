//! Real workers killed at every point, a provider that does what providers do, and the books that must balance.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use domain::db::{Db, Settings};
use domain::intake::{self, Writer};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use reqwest::Method;
use serde_json::json;
use support::app::DIARY;
use support::database::{Database, Kind, run};
use support::fcm::{Bad, Call, Fault, Fcm as Google};
use support::process::Process;
use support::school::{PASSWORD, School};

use crate::providers::phone;
use crate::storage::{execute, number};

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
}

/// One field of the grid.
struct Cell {
    name: &'static str,
    kill: Kill,
    /// What the first messages meet, each with its probability.
    chances: Vec<(f64, Fault)>,
    workers: usize,
}

/// One run: its processes, its books.
struct Scene {
    google: Google,
    database: Database,
    db: Db,
    school: School,
    settings: Vec<(&'static str, String)>,
    processes: Vec<Process>,
    killed: usize,
    _folder: tempfile::TempDir,
}

impl Scene {
    async fn new(kind: Kind, workers: usize) -> Self {
        let (google, folder) = (Google::start(), tempfile::tempdir().unwrap());
        let database = Database::new(kind, &DIARY);
        let db = Db::open(&Settings { url: database.url().to_owned(), connections: 2, patience_ms: 5000 }).unwrap();
        let school = School::make(&db, "bir");
        let (mother, father) = (school.guardian(&db, "g1"), school.guardian(&db, "g2"));
        let settings = vec![
            ("DATABASE__URL", database.url().to_owned()),
            ("FCM__CREDENTIALS", Google::key_file(folder.path()).display().to_string()),
            ("FCM__BASE_URL", google.url()),
            ("FCM__TOKEN_URL", google.token_url()),
            ("NOTIFICATIONS__SETTLE", "0s".to_owned()),
            ("NOTIFICATIONS__ROLL_UP", "1000".to_owned()),
        ];
        let (killed, processes) = (0, Vec::new());
        let mut scene = Self { google, database, db, school, settings, processes, killed, _folder: folder };
        let server = Process::serve(&scene.borrowed());
        scene.sign_in(&server, &mother.login, &[1, 2]).await;
        scene.sign_in(&server, &father.login, &[3]).await;
        execute(&scene.db, "UPDATE events SET planned = TRUE");
        drop(server);
        scene.start(workers);
        scene
    }

    fn borrowed(&self) -> Vec<(&str, &str)> {
        self.settings.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }

    fn start(&mut self, workers: usize) {
        for _ in 0..workers {
            let process = Process::start(&["worker"], &self.borrowed());
            process.await_log("sending alerts");
            self.processes.push(process);
        }
    }

    /// Signs in with these phones, and wants to know everything at any hour.
    async fn sign_in(&self, server: &Process, login: &str, phones: &[u32]) {
        let device = json!({"name": "phone", "platform": "android"});
        let body = json!({"login": login, "password": PASSWORD, "device": device});
        let session = server.send(Method::POST, "/v1/sessions", "", &body).await;
        let token = session.body["accessToken"].as_str().unwrap_or_else(|| panic!("{}", session.body)).to_owned();
        let all = json!({"privacy": "full", "language": "en", "quietHours": null});
        assert_eq!(server.send(Method::PATCH, "/v1/notification-preferences", &token, &all).await.status, 200);
        for n in phones {
            self.google.register(&phone(*n));
            let form = json!({"platform": "android", "pushToken": phone(*n), "appVersion": "1.0", "language": "en"});
            let path = format!("/v1/devices/0b3f2c5e-3f0e-4f0a-9d57-0f6f5a1f9f{n:02}");
            assert_eq!(server.send(Method::PUT, &path, &token, &form).await.status, 200);
        }
    }

    /// Grades of the second child, whom both guardians have, and one of the first, whom the father has not.
    fn grade(&self, range: std::ops::Range<usize>, value: &str) {
        let grades: Vec<_> = range.map(|n| self.school.grade(&format!("x{n}"), "p2", value)).collect();
        self.put(&grades);
    }

    fn put(&self, grades: &[intake::Grade]) {
        let now = chrono::Utc::now().naive_utc();
        let writer = Writer { now, ..self.school.writer(now) };
        intake::put(&self.db, writer, grades).unwrap();
    }

    /// Kills all workers at once, and starts as many. Their leases end at once too: a minute is a long time in a test.
    fn kill(&mut self) {
        let workers = self.processes.len();
        for mut process in std::mem::take(&mut self.processes) {
            process.kill();
        }
        self.killed += 1;
        execute(&self.db, "UPDATE alert_deliveries SET lease_until = due_at WHERE lease_until IS NOT NULL");
        self.start(workers);
    }

    fn pending(&self) -> i64 {
        let planned = number(&self.db, "SELECT count(*) AS number FROM events WHERE NOT planned");
        planned + number(&self.db, "SELECT count(*) AS number FROM alert_deliveries WHERE state = 'pending'")
    }

    async fn until_done(&self) {
        let deadline = Instant::now() + Duration::from_secs(300);
        while self.pending() > 0 {
            assert!(Instant::now() < deadline, "{} are not done: {:#?}", self.pending(), self.google.calls());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn strike(&mut self, kill: Kill) {
        match kill {
            Kill::Never => {}
            Kill::AtOnce => self.kill(),
            Kill::InFlight => {
                self.google.until_calls(1).await;
                self.kill();
            }
            Kill::After(calls) => {
                self.google.until_calls(calls).await;
                self.kill();
            }
            Kill::Stopping => {
                self.google.until_calls(1).await;
                self.processes.iter().for_each(Process::terminate);
                self.kill();
            }
        }
    }
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
        ]
    }

    #[test]
    #[ignore = "minutes: ./test --faults"]
    fn sqlite() {
        for cell in grid() {
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
