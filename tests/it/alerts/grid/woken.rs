//! Who writes wakes who sends, though they are two processes: over Redis, and without it the alerts come all the same.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use support::database::{Kind, run};
use support::process::Process;

use super::scene::Scene;
use super::strike::Kill;
use super::{Cell, marked};
use crate::school::deliveries::grade;
use crate::storage::number;

/// What workers listen to in Redis.
const BELL: &str = "apta:alerts";

/// A journal at a server that sends nothing itself.
struct Journal {
    server: Process,
    token: String,
    path: String,
}

impl Journal {
    fn at(scene: &Scene) -> Self {
        let token = scene.school.journal_at(&scene.db, "journal", chrono::Utc::now().naive_utc());
        Self { server: scene.server(), token, path: format!("/v1/schools/{}/grades", scene.school.id.0) }
    }

    /// Writes a grade of the second child, and tells what became of it.
    async fn write(&self, number: &str) -> String {
        let body = json!({"items": [grade(number, "p2", &marked("4"))]});
        let answer = self.server.send(Method::PUT, &self.path, &self.token, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["results"][0]["outcome"].as_str().unwrap().to_owned()
    }
}

async fn woken(kind: Kind) {
    let mut scene = Scene::new(kind, &Cell::new("woken", Kill::Never)).await;
    let journal = Journal::at(&scene);
    let monitor = scene.redis.monitor();
    scene.until("worker that listens", |_| scene.redis.listeners(BELL) == 1).await;
    assert_eq!(journal.write("x0").await, "created");
    scene.google.until_calls(3).await;
    let rung = format!("\"publish\" \"{BELL}\"");
    scene.until("ring of the server", |_| monitor.heard().to_lowercase().contains(&rung)).await;
    scene.until_done().await;

    scene.redis.kill();
    assert_eq!(journal.write("x1").await, "created");
    scene.google.until_calls(6).await;
    scene.until_done().await;
    scene.stop();
}

#[test]
fn a_worker_listens_to_what_a_server_rings_and_without_redis_it_looks_for_itself_sqlite() {
    run(woken(Kind::Sqlite));
}

#[test]
fn a_worker_listens_to_what_a_server_rings_and_without_redis_it_looks_for_itself_postgres() {
    run(woken(Kind::Postgres));
}

/// What the only worker's connections are called.
const WORKER: &str = "the worker";
/// How often it is rung.
const RINGS: u64 = 10;

impl Scene {
    /// When the worker last asked the database anything, in microseconds.
    fn last_look(&self) -> i64 {
        let micros = "CAST(extract(epoch FROM max(query_start)) * 1000000 AS BIGINT)";
        let of = format!("pg_stat_activity WHERE application_name = '{WORKER}'");
        number(&self.db, &format!("SELECT coalesce({micros}, 0) AS number FROM {of}"))
    }

    fn clock(&self) -> i64 {
        number(&self.db, "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT) AS number")
    }

    /// Whether looks follow rings more often than a worker looks that is not woken, which is once a second and never more.
    async fn looks_when_rung(&self, journal: &Journal) -> bool {
        let begin = Instant::now();
        for _ in 0..RINGS {
            // Nothing changes, so there is nothing to look for but the ring. What the look before asks for is over then.
            tokio::time::sleep(Duration::from_millis(100)).await;
            let rung = self.clock();
            assert_eq!(journal.write("x0").await, "unchanged");
            self.until("look behind a ring", |_| self.last_look() > rung).await;
        }
        begin.elapsed() < Duration::from_secs(RINGS - 2)
    }
}

/// Only PostgreSQL shows who asks it, and when.
#[test]
fn a_ring_wakes_a_worker_that_would_not_yet_look_postgres() {
    run(async {
        let mut scene = Scene::new(Kind::Postgres, &Cell::new("rung", Kill::Never)).await;
        scene.stop();
        let worker = Process::start_in(&[("PGAPPNAME", WORKER)], &["worker"], &scene.settings());
        worker.await_log("sending alerts");
        scene.processes.push(worker);
        let journal = Journal::at(&scene);
        scene.until("worker that listens", |_| scene.redis.listeners(BELL) == 1).await;
        assert_eq!(journal.write("x0").await, "created");
        scene.until_done().await;
        // A machine that is busy for a moment gets another chance.
        for _ in 0..6 {
            if scene.looks_when_rung(&journal).await {
                return scene.stop();
            }
        }
        panic!("a worker that is rung looks no more often than one that is not");
    });
}
