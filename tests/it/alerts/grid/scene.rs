//! One run of the grid: a school, a provider, real workers and their books.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::Text;
use domain::db::{Db, Settings};
use domain::intake;
use reqwest::Method;
use serde_json::json;
use support::app::DIARY;
use support::database::{Database, Kind};
use support::fcm::{Fcm as Google, Script};
use support::postgres::Postgres;
use support::process::Process;
use support::redis::Redis;
use support::school::{PASSWORD, School};
use support::smtp::Smtp;

use super::strike::Kill;
use super::{Cell, GRADES, marked};
use crate::providers::phone;
use crate::storage::{execute, number};

/// One run: its processes, its books.
pub struct Scene {
    pub google: Google,
    pub database: Database,
    pub db: Db,
    pub school: School,
    pub smtp: Smtp,
    /// The log-in of the second child's mother, who has the first one as well.
    pub mother: String,
    /// And of its father.
    pub father: String,
    pub phones: Vec<Holder>,
    /// How many grades of her first child the mother is told.
    pub own: usize,
    settings: Vec<(&'static str, String)>,
    /// Where the roots are that workers trust, if not those of the system.
    roots: Option<PathBuf>,
    pub processes: Vec<Process>,
    /// What those said that have ended.
    pub logs: Vec<String>,
    pub deaths: Vec<Death>,
    /// When an operator mended what kept the provider from taking anything.
    pub mended: Option<Instant>,
    pub redis: Redis,
    /// A server of its own, where it is to crash.
    pub postgres: Option<Postgres>,
    _folder: tempfile::TempDir,
}

/// A phone of the mother or the father.
#[derive(Debug, Clone, Copy)]
pub struct Holder {
    pub phone: u32,
    pub of_mother: bool,
}

/// Workers that died or fell asleep, and what stood in the books then: it must never be sent again.
pub struct Death {
    pub at: Instant,
    /// The access tokens of those who died or slept.
    pub access: BTreeSet<String>,
    pub accepted: BTreeSet<(String, String)>,
    pub asleep: bool,
}

#[derive(QueryableByName)]
struct Accepted {
    #[diesel(sql_type = Text)]
    token: String,
    #[diesel(sql_type = Text)]
    alert: String,
}

fn settings(
    database: &Database,
    google: &Google,
    smtp: &Smtp,
    (redis, key_file): (&Redis, String),
) -> Vec<(&'static str, String)> {
    vec![
        ("DATABASE__URL", database.url().to_owned()),
        ("FCM__CREDENTIALS", key_file),
        ("FCM__BASE_URL", google.url()),
        ("FCM__TOKEN_URL", google.token_url()),
        ("SMTP__URL", smtp.url()),
        ("REDIS__URL", redis.url()),
        ("METRICS__LISTEN", "127.0.0.1:0".to_owned()),
        ("NOTIFICATIONS__SETTLE", "0s".to_owned()),
        ("NOTIFICATIONS__ROLL_UP", "1000".to_owned()),
    ]
}

impl Scene {
    /// What the test's own connections are called.
    pub const BOOKS: &str = "books";

    pub async fn new(kind: Kind, cell: &Cell) -> Self {
        let (redis, folder) = (Redis::start(), tempfile::tempdir().unwrap());
        let google = if cell.secure { Google::start_secure() } else { Google::start() };
        let postgres = (cell.kill == Kill::Crash).then(Postgres::start);
        let database = match &postgres {
            Some(server) => Database::own(server.url(), &DIARY),
            None => Database::new(kind, &DIARY),
        };
        let named = if database.url().contains('?') { "&" } else { "?" };
        let url = match kind {
            Kind::Sqlite => database.url().to_owned(),
            Kind::Postgres => format!("{}{named}application_name={}", database.url(), Self::BOOKS),
        };
        let db = Db::open(&Settings { url, connections: 2, patience_ms: 5000 }).unwrap();
        let school = School::make(&db, "bir");
        let (mother, father) = (school.guardian(&db, "g1"), school.guardian(&db, "g2"));
        let smtp = Smtp::start();
        if cell.kill == Kill::LetterOnItsWay {
            smtp.delay_next(Duration::from_secs(5));
        }
        let key_file = Google::key_file(folder.path()).display().to_string();
        let settings = settings(&database, &google, &smtp, (&redis, key_file));
        let mut scene = Self {
            roots: google.root_file(folder.path()),
            google,
            database,
            db,
            school,
            smtp,
            mother: mother.login,
            father: father.login,
            phones: Vec::new(),
            own: 0,
            settings,
            processes: Vec::new(),
            logs: Vec::new(),
            deaths: Vec::new(),
            mended: None,
            redis,
            postgres,
            _folder: folder,
        };
        // What the school was made of is old.
        execute(&scene.db, "UPDATE events SET planned = TRUE");
        execute(&scene.db, "UPDATE news SET tell_at = NULL");
        scene.parents(cell.letters).await;
        scene.start(&cell.workers);
        scene
    }

    /// The mother has two phones, the father one, or an address.
    async fn parents(&mut self, letters: bool) {
        let server = Process::serve(&self.settings());
        self.sign_in(&server, true, &[1, 2]).await;
        let father = self.sign_in(&server, false, if letters { &[] } else { &[3] }).await;
        if letters {
            let address = json!({"email": "father@example.kz"});
            assert_eq!(server.send(Method::PATCH, "/v1/me", &father, &address).await.status, 200);
        }
    }

    /// A server without a worker of its own.
    pub fn server(&self) -> Process {
        let mut server = Process::start(&["serve", "--no-worker"], &self.settings_of_server());
        server.await_address();
        server
    }

    pub fn settings(&self) -> Vec<(&str, &str)> {
        self.settings.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }

    /// And those of a server.
    pub fn settings_of_server(&self) -> Vec<(&str, &str)> {
        let mut settings = self.settings();
        settings.push(("HTTP__LISTEN", "127.0.0.1:0"));
        settings
    }

    /// Starts workers, each with the places at which it fails.
    pub fn start(&mut self, workers: &[&str]) {
        for points in workers {
            let mut environment = vec![("FAILPOINTS", *points)];
            environment.extend(self.roots.iter().map(|roots| ("SSL_CERT_FILE", roots.to_str().unwrap())));
            let process = Process::start_in(&environment, &["worker"], &self.settings());
            process.await_log("sending alerts");
            self.processes.push(process);
        }
    }

    /// The mother or the father signs in with these phones and wants to know of everything at any hour: she all of it, he
    /// nothing but that there is something.
    pub async fn sign_in(&mut self, server: &Process, of_mother: bool, phones: &[u32]) -> String {
        let (login, privacy) = if of_mother { (&self.mother, "full") } else { (&self.father, "generic") };
        let token = self.session(server, login, privacy).await;
        for n in phones {
            self.register(server, &token, *n).await;
            self.phones.push(Holder { phone: *n, of_mother });
        }
        token
    }

    /// Signs somebody in, who wants to know everything at any hour.
    pub async fn session(&self, server: &Process, login: &str, privacy: &str) -> String {
        let device = json!({"name": "phone", "platform": "android"});
        let body = json!({"login": login, "password": PASSWORD, "device": device});
        let session = server.send(Method::POST, "/v1/sessions", "", &body).await;
        let token = session.body["accessToken"].as_str().unwrap_or_else(|| panic!("{}", session.body)).to_owned();
        let all = json!({"privacy": privacy, "language": "en", "quietHours": null});
        assert_eq!(server.send(Method::PATCH, "/v1/notification-preferences", &token, &all).await.status, 200);
        token
    }

    /// A phone is somebody's from now on.
    pub async fn register(&self, server: &Process, token: &str, n: u32) {
        self.google.register(&phone(n));
        let form = json!({"platform": "android", "pushToken": phone(n), "appVersion": "1.0", "language": "en"});
        let path = format!("/v1/devices/0b3f2c5e-3f0e-4f0a-9d57-0f6f5a1f9f{n:02}");
        assert_eq!(server.send(Method::PUT, &path, token, &form).await.status, 200);
    }

    /// How many things somebody is told of.
    pub fn things(&self, of_mother: bool) -> usize {
        if of_mother { GRADES + self.own } else { GRADES }
    }

    /// Grades of the second child, whom both guardians have, and one of the first, whom the father has not.
    pub fn grade(&self, range: std::ops::Range<usize>, value: &str) {
        let grades: Vec<_> = range.map(|n| self.school.grade(&format!("x{n}"), "p2", &marked(value))).collect();
        self.put(&grades);
    }

    /// One that the father may not know.
    pub fn grade_own(&mut self) {
        self.own += 1;
        self.put(&[self.school.grade(&format!("own{}", self.own), "p1", &marked("4"))]);
    }

    pub fn put<I: intake::Item>(&self, items: &[I]) {
        let now = chrono::Utc::now().naive_utc();
        self.school.put_at(&self.db, now, items);
    }

    /// All workers there were have died, or fallen asleep.
    pub fn remember(&mut self, asleep: bool) {
        let (accepted, access) = (self.accepted(), self.google.access());
        self.deaths.push(Death { at: Instant::now(), access, accepted, asleep });
    }

    /// What is in the books as accepted: to which phone, which alert.
    pub fn accepted(&self) -> BTreeSet<(String, String)> {
        let sql = "SELECT push_token AS token, CAST(alert_id AS TEXT) AS alert FROM alert_deliveries \
            JOIN devices ON devices.id = target_id WHERE channel = 'push' AND state = 'accepted'";
        let accepted = self.db.read_here(|conn| Ok(diesel::sql_query(sql).load::<Accepted>(conn)?)).unwrap();
        accepted.into_iter().map(|one| (one.token, one.alert)).collect()
    }

    /// How many deliveries somebody holds.
    pub fn held(&self) -> i64 {
        let held = "state = 'pending' AND lease_until IS NOT NULL";
        number(&self.db, &format!("SELECT count(*) AS number FROM alert_deliveries WHERE {held}"))
    }

    pub fn pending(&self) -> i64 {
        let planned = number(&self.db, "SELECT count(*) AS number FROM events WHERE NOT planned");
        planned + number(&self.db, "SELECT count(*) AS number FROM alert_deliveries WHERE state = 'pending'")
    }

    /// Ends the waits that the provider's answers have made, with a worker that knows nothing of them.
    pub fn mend(&mut self) {
        self.google.script(Script::clear);
        self.stop();
        self.end_waits();
        self.mended = Some(Instant::now());
        self.start(&[""]);
    }

    /// What waits for a retry, or a lane, is due.
    pub fn end_waits(&self) {
        execute(
            &self.db,
            "DELETE FROM alert_lanes; UPDATE alert_deliveries SET due_at = events.at FROM events \
            WHERE events.id = first_event AND state = 'pending'",
        );
    }

    /// All workers are asked to stop, and end well.
    pub fn stop(&mut self) {
        self.processes.iter().for_each(Process::terminate);
        for process in std::mem::take(&mut self.processes) {
            let ended = process.ended();
            assert_eq!(ended.code(), Some(0), "{}", ended.stderr);
            self.logs.push(ended.stderr);
        }
    }

    pub async fn until_done(&self) {
        self.until("nothing that waits", |_| self.pending() == 0).await;
    }

    /// Waits for something in the books.
    pub async fn until(&self, what: &str, is_there: impl Fn(&Db) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(300);
        while !is_there(&self.db) {
            assert!(Instant::now() < deadline, "no {what}, {} wait: {:#?}", self.pending(), self.google.calls());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
