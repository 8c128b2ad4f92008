//! One run of the grid: a school, a provider, real workers and their books.

use std::time::{Duration, Instant};

use domain::db::{Db, Settings};
use domain::intake::{self, Writer};
use reqwest::Method;
use serde_json::json;
use support::app::DIARY;
use support::database::{Database, Kind};
use support::fcm::Fcm as Google;
use support::process::Process;
use support::redis::Redis;
use support::school::{PASSWORD, School};

use super::{GRADES, Kill};
use crate::providers::phone;
use crate::storage::{execute, number};

/// What the test's own connections are called.
const BOOKS: &str = "books";

/// One run: its processes, its books.
pub struct Scene {
    pub google: Google,
    pub database: Database,
    pub db: Db,
    pub school: School,
    settings: Vec<(&'static str, String)>,
    pub processes: Vec<Process>,
    pub killed: usize,
    redis: Redis,
    _folder: tempfile::TempDir,
}

impl Scene {
    pub async fn new(kind: Kind, workers: usize) -> Self {
        let (google, redis, folder) = (Google::start(), Redis::start(), tempfile::tempdir().unwrap());
        let database = Database::new(kind, &DIARY);
        let named = if database.url().contains('?') { "&" } else { "?" };
        let url = match kind {
            Kind::Sqlite => database.url().to_owned(),
            Kind::Postgres => format!("{}{named}application_name={BOOKS}", database.url()),
        };
        let db = Db::open(&Settings { url, connections: 2, patience_ms: 5000 }).unwrap();
        let school = School::make(&db, "bir");
        let (mother, father) = (school.guardian(&db, "g1"), school.guardian(&db, "g2"));
        let settings = vec![
            ("DATABASE__URL", database.url().to_owned()),
            ("FCM__CREDENTIALS", Google::key_file(folder.path()).display().to_string()),
            ("FCM__BASE_URL", google.url()),
            ("FCM__TOKEN_URL", google.token_url()),
            ("REDIS__URL", redis.url()),
            ("METRICS__LISTEN", "127.0.0.1:0".to_owned()),
            ("NOTIFICATIONS__SETTLE", "0s".to_owned()),
            ("NOTIFICATIONS__ROLL_UP", "1000".to_owned()),
        ];
        let (killed, processes) = (0, Vec::new());
        let mut scene = Self { google, database, db, school, settings, processes, killed, redis, _folder: folder };
        // What the school was made of is old.
        execute(&scene.db, "UPDATE events SET planned = TRUE");
        execute(&scene.db, "UPDATE news SET tell_at = NULL");
        let server = Process::serve(&scene.borrowed());
        scene.sign_in(&server, &mother.login, &[1, 2]).await;
        scene.sign_in(&server, &father.login, &[3]).await;
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
    pub fn grade(&self, range: std::ops::Range<usize>, value: &str) {
        let grades: Vec<_> = range.map(|n| self.school.grade(&format!("x{n}"), "p2", value)).collect();
        self.put(&grades);
    }

    pub fn put(&self, grades: &[intake::Grade]) {
        let now = chrono::Utc::now().naive_utc();
        let writer = Writer { now, ..self.school.writer(now) };
        intake::put(&self.db, writer, grades).unwrap();
    }

    /// Kills all workers at once, and starts as many. Their leases end at once too: a minute is a long time in a test.
    pub fn kill(&mut self) {
        let workers = self.processes.len();
        for mut process in std::mem::take(&mut self.processes) {
            process.kill();
        }
        self.killed += 1;
        execute(&self.db, "UPDATE alert_deliveries SET lease_until = due_at WHERE lease_until IS NOT NULL");
        self.start(workers);
    }

    /// Every connection of the workers breaks, as when PostgreSQL is started anew.
    fn cut(&self) {
        let of = format!("pg_stat_activity WHERE datname = current_database() AND application_name <> '{BOOKS}'");
        let cut = number(&self.db, &format!("SELECT count(pg_terminate_backend(pid)) AS number FROM {of}"));
        assert!(cut > 0, "nobody was connected");
    }

    fn pending(&self) -> i64 {
        let planned = number(&self.db, "SELECT count(*) AS number FROM events WHERE NOT planned");
        planned + number(&self.db, "SELECT count(*) AS number FROM alert_deliveries WHERE state = 'pending'")
    }

    pub async fn until_done(&self) {
        let deadline = Instant::now() + Duration::from_secs(300);
        while self.pending() > 0 {
            assert!(Instant::now() < deadline, "{} are not done: {:#?}", self.pending(), self.google.calls());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn strike(&mut self, kill: Kill) {
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
            Kill::Asleep => {
                self.google.until_calls(1).await;
                self.processes.iter().for_each(|process| process.signal("STOP"));
                self.start(1);
                self.until_done().await;
                self.processes.iter().take(1).for_each(|process| process.signal("CONT"));
                self.killed += 1;
            }
            Kill::Cut => {
                for calls in [1, 9] {
                    self.google.until_calls(calls).await;
                    self.cut();
                }
                self.killed += 1;
            }
            Kill::NoRedis => {
                self.google.until_calls(1).await;
                self.redis.kill();
                self.grade(GRADES - 1..GRADES, "3");
                self.google.until_calls(9).await;
                self.redis.restart();
            }
        }
    }
}
