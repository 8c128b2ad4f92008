//! Journals whose server is killed in the middle of a delivery send it again, and the diary is as after one clean delivery.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable, Text};
use domain::clock::Clock;
use domain::db::Db;
use reqwest::Method;
use serde_json::{Value, json};
use support::app::DIARY;
use support::both;
use support::database::{Database, Kind};
use support::process::Process;
use support::school::School;

use super::{KILLS, open, settled};
use crate::school::deliveries::grade;
use crate::storage::number;

/// Deliveries of each journal, and grades of each delivery.
const DELIVERIES: usize = 40;
const GRADES: usize = 20;
/// So many deliveries bring new grades; those that follow correct them.
const NEW: usize = 10;

/// One journal that delivers without a pause until the server is gone or everything is delivered.
#[derive(Clone)]
struct Journal {
    name: &'static str,
    token: String,
    /// The first delivery it has no answer for.
    next: usize,
}

impl Journal {
    async fn run(mut self, base: String, school: i64, done: Arc<AtomicU32>) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        while self.next < DELIVERIES {
            let request = http
                .put(format!("{base}/v1/schools/{school}/grades"))
                .bearer_auth(&self.token)
                .header("Idempotency-Key", format!("{}-{}", self.name, self.next))
                .json(&json!({"items": self.items()}));
            let Ok(answer) = request.send().await else { break };
            let status = answer.status().as_u16();
            let Ok(body) = answer.json::<Value>().await else { break };
            if status == 503 {
                continue;
            }
            assert_eq!(status, 200, "{body}");
            let outcome = if self.next < NEW { "created" } else { "updated" };
            let results = body["results"].as_array().unwrap();
            assert!(results.iter().all(|one| one["outcome"] == outcome), "{}-{}: {body}", self.name, self.next);
            self.next += 1;
            done.fetch_add(1, Ordering::SeqCst);
        }
        self
    }

    fn items(&self) -> Vec<Value> {
        let value = (1 + (self.next / NEW * 3 + self.next) % 10).to_string();
        let number = |place: usize| format!("{}-{}-{place}", self.name, self.next % NEW);
        (0..GRADES).map(|place| grade(&number(place), ["p1", "p2"][place % 2], &value)).collect()
    }
}

/// Lets the journals work until so many deliveries are done, then kills the server; `u32::MAX` lets them finish.
async fn work(mut server: Process, school: i64, journals: &mut Vec<Journal>, after: u32) {
    let done = Arc::new(AtomicU32::new(0));
    let base = format!("http://{}", server.address);
    let run = |journal: Journal| tokio::spawn(journal.run(base.clone(), school, Arc::clone(&done)));
    let tasks: Vec<_> = journals.drain(..).map(run).collect();
    let deadline = Instant::now() + Duration::from_secs(120);
    while done.load(Ordering::SeqCst) < after && !tasks.iter().all(tokio::task::JoinHandle::is_finished) {
        assert!(Instant::now() < deadline, "the journals are stuck");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    server.kill();
    for task in tasks {
        journals.push(task.await.unwrap());
    }
}

#[derive(Debug, PartialEq, Eq, QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    external_id: String,
    #[diesel(sql_type = Integer)]
    revision: i32,
    #[diesel(sql_type = Nullable<Text>)]
    value: Option<String>,
}

/// Every state every grade was in, and how many changes families were told of.
fn state(database: &Database) -> (Vec<Line>, i64) {
    let db: Db = open(database);
    let lines = "SELECT external_id, grade_revisions.revision, grade_revisions.value FROM grade_revisions \
        JOIN grades ON grades.id = grade_id ORDER BY external_id, grade_revisions.revision";
    let lines = db.read_here(|conn| Ok(diesel::sql_query(lines).load(conn)?)).unwrap();
    (lines, number(&db, "SELECT count(*) AS number FROM events"))
}

/// A database with a school, and three journals that may write to it.
fn scene(kind: Kind) -> (Database, i64, Vec<Journal>) {
    let database = Database::new(kind, &DIARY);
    let db = open(&database);
    let school = School::make(&db, "bir");
    let journal = |name| Journal { name, token: school.journal_at(&db, "journal", Clock::System.now()), next: 0 };
    let journals = ["a", "b", "c"].map(journal).to_vec();
    (database, school.id.0, journals)
}

fn serve(database: &Database) -> Process {
    settled(database);
    Process::serve(&[("DATABASE__URL", database.url()), ("SECURITY__LIMITS", "0")])
}

both!(a_delivery_sent_again_after_a_kill_counts_once, async |kind: Kind| {
    let (clean, school, mut journals) = scene(kind);
    work(serve(&clean), school, &mut journals, u32::MAX).await;
    settled(&clean);
    let expected = state(&clean);
    assert_eq!(expected.0.len(), 3 * GRADES * DELIVERIES + 2, "with the two grades of the fixture");

    let (killed, school, mut journals) = scene(kind);
    for round in 0..KILLS {
        work(serve(&killed), school, &mut journals, 5 + 4 * round).await;
    }
    assert!(journals.iter().any(|journal| journal.next < DELIVERIES), "nothing was left to send again");
    work(serve(&killed), school, &mut journals, u32::MAX).await;
    settled(&killed);
    assert_eq!(state(&killed), expected);
});

both!(a_delivery_cut_off_on_its_way_changes_nothing, async |kind: Kind| {
    let (database, school, journals) = scene(kind);
    let before = state(&database);
    let server = serve(&database);
    let body = json!({"items": journals[0].items()}).to_string();
    let mut stream = TcpStream::connect(server.address).unwrap();
    let head = format!(
        "PUT /v1/schools/{school}/grades HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        journals[0].token,
        body.len()
    );
    stream.write_all((head + &body[..body.len() - 1]).as_bytes()).unwrap();
    drop(stream);
    // An answer to somebody else comes from the same workers.
    assert_eq!(server.send(Method::GET, "/health/ready", "", &Value::Null).await.status, 200);
    server.terminate();
    server.ended();
    settled(&database);
    assert_eq!(state(&database), before);
});
