//! One run of the grid: a school, a provider, real workers and their books.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::Text;
use domain::db::{Db, Settings};
use domain::intake::{self, Writer};
use reqwest::Method;
use serde_json::json;
use support::app::DIARY;
use support::database::{Database, Kind};
use support::fcm::{Fcm as Google, Script};
use support::postgres::Postgres;
use support::process::Process;
use support::redis::Redis;
use support::school::{PASSWORD, School};

use super::Cell;
use super::strike::Kill;
use crate::providers::phone;
use crate::storage::{execute, number};

/// One run: its processes, its books.
pub struct Scene {
    pub google: Google,
    pub database: Database,
    pub db: Db,
    pub school: School,
    /// The log-in of the second child's mother.
    pub mother: String,
    settings: Vec<(&'static str, String)>,
    /// Where the roots are that workers trust, if not those of the system.
    roots: Option<PathBuf>,
    pub processes: Vec<Process>,
    pub deaths: Vec<Death>,
    pub redis: Redis,
    /// A server of its own, where it is to crash.
    pub postgres: Option<Postgres>,
    _folder: tempfile::TempDir,
}

/// A worker that died or slept, and what stood in the books then: it must never be sent again.
pub struct Death {
    pub at: Instant,
    pub accepted: BTreeSet<(String, String)>,
}

#[derive(QueryableByName)]
struct Accepted {
    #[diesel(sql_type = Text)]
    token: String,
    #[diesel(sql_type = Text)]
    alert: String,
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
        let mut scene = Self {
            roots: google.root_file(folder.path()),
            google,
            database,
            db,
            school,
            mother: mother.login.clone(),
            settings,
            processes: Vec::new(),
            deaths: Vec::new(),
            redis,
            postgres,
            _folder: folder,
        };
        // What the school was made of is old.
        execute(&scene.db, "UPDATE events SET planned = TRUE");
        execute(&scene.db, "UPDATE news SET tell_at = NULL");
        let server = Process::serve(&scene.settings());
        scene.sign_in(&server, &mother.login, &[1, 2]).await;
        scene.sign_in(&server, &father.login, &[3]).await;
        drop(server);
        scene.start(&cell.workers);
        scene
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

    /// Signs in with these phones, and wants to know everything at any hour.
    pub async fn sign_in(&self, server: &Process, login: &str, phones: &[u32]) {
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

    /// Somebody has died.
    pub fn remember(&mut self) {
        let sql = "SELECT push_token AS token, CAST(alert_id AS TEXT) AS alert FROM alert_deliveries \
            JOIN devices ON devices.id = target_id WHERE channel = 'push' AND state = 'accepted'";
        let accepted = self.db.read_here(|conn| Ok(diesel::sql_query(sql).load::<Accepted>(conn)?)).unwrap();
        let accepted = accepted.into_iter().map(|one| (one.token, one.alert)).collect();
        self.deaths.push(Death { at: Instant::now(), accepted });
    }

    pub fn pending(&self) -> i64 {
        let planned = number(&self.db, "SELECT count(*) AS number FROM events WHERE NOT planned");
        planned + number(&self.db, "SELECT count(*) AS number FROM alert_deliveries WHERE state = 'pending'")
    }

    /// Ends the waits that the provider's answers have made, with a worker that knows nothing of them.
    pub fn mend(&mut self) {
        self.google.script(Script::clear);
        for process in std::mem::take(&mut self.processes) {
            process.terminate();
            assert_eq!(process.ended().code(), Some(0));
        }
        execute(
            &self.db,
            "DELETE FROM alert_lanes; UPDATE alert_deliveries SET due_at = events.at FROM events \
            WHERE events.id = first_event AND state = 'pending'",
        );
        self.start(&[""]);
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
