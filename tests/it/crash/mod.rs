//! The real program killed while it writes, asked to stop while it answers, and started where it must not.

mod deliveries;
pub mod demo;
mod stop;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use domain::db::{Db, Settings};
use domain::invitations::Invited;
use domain::types::Role;
use reqwest::Method;
use serde_json::{Value, json};
use support::app::DIARY;
use support::both;
use support::database::{Database, Kind};
use support::process::Process;
use support::school::{PASSWORD, School};

use crate::storage::number;

/// How often the server is killed; the long runs are another matter.
const KILLS: u32 = 5;

fn open(database: &Database) -> Db {
    Db::open(&Settings { url: database.url().to_owned(), connections: 2, patience_ms: 5000 }).unwrap()
}

/// One client that writes without a pause until the server is gone.
struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
    work: Work,
    /// What all clients together were told is done, so that the blow falls into the middle of work.
    done: Arc<AtomicU32>,
}

#[derive(Clone)]
enum Work {
    /// Ticks one piece of homework of one child, and takes the tick back.
    Tick { child: i64, homework: i64, done: bool },
    /// Numbers its own account.
    Name(u32),
    /// Accepts codes, each under a login of its own.
    Accept(Vec<(String, String)>),
}

/// What came of a client: what it was told is done, and the one request that had no answer.
struct Told {
    work: Work,
    acknowledged: u32,
    /// The access tokens it was given.
    tokens: Vec<String>,
}

impl Client {
    async fn run(mut self) -> Told {
        let (mut acknowledged, mut tokens) = (0, Vec::new());
        // Ends with the first request that gets no answer, or with the last code.
        while let Some((method, path, body)) = self.next() {
            let request =
                self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token).json(&body);
            let Ok(answer) = request.send().await else { break };
            let status = answer.status().as_u16();
            let Ok(body) = answer.json::<Value>().await else { break };
            if status == 503 {
                // Too busy: nothing was done, and the client tries again.
                continue;
            }
            assert!(matches!(status, 200 | 201), "{path}: {status} {body}");
            tokens.extend(body["accessToken"].as_str().map(str::to_owned));
            self.acknowledge();
            acknowledged += 1;
            self.done.fetch_add(1, Ordering::SeqCst);
        }
        Told { work: self.work, acknowledged, tokens }
    }

    fn next(&self) -> Option<(Method, String, Value)> {
        match &self.work {
            Work::Tick { child, homework, done } => {
                Some((Method::PUT, format!("/v1/children/{child}/homework/{homework}/done"), json!({"done": !done})))
            }
            Work::Name(name) => {
                Some((Method::PATCH, "/v1/me".to_owned(), json!({"displayName": (name + 1).to_string()})))
            }
            Work::Accept(codes) => codes.first().map(|(code, login)| {
                let form = json!({
                    "login": login, "password": PASSWORD, "firstName": "Гүлнәр", "lastName": "Ахметова",
                    "birthDate": "1980-01-01", "sex": "female",
                });
                (Method::POST, format!("/v1/invitations/{code}/accept"), form)
            }),
        }
    }

    fn acknowledge(&mut self) {
        match &mut self.work {
            Work::Tick { done, .. } => *done = !*done,
            Work::Name(name) => *name += 1,
            Work::Accept(codes) => drop(codes.remove(0)),
        }
    }
}

/// A school whose people write: their tokens, and what there is to write on.
struct Scene {
    database: Database,
    children: [i64; 2],
    homework: [i64; 2],
    /// The guardian who ticks, and two people who only name themselves.
    mother: String,
    named: [String; 2],
}

impl Scene {
    async fn set(kind: Kind) -> Self {
        let database = Database::new(kind, &DIARY);
        let db = open(&database);
        let school = School::make(&db, "bir");
        school.guardian(&db, "g1");
        school.guardian(&db, "g2");
        school.account(&db, &Invited::Student("p1".to_owned()));
        let children = [school.children[0].0, school.children[1].0];
        drop(db);
        let server = Process::serve(&[("DATABASE__URL", database.url())]);
        let mut tokens = Vec::new();
        for login in ["bir-g1", "bir-g2", "bir-p1"] {
            let body = json!({"login": login, "password": PASSWORD, "device": {"name": "x", "platform": "web"}});
            let opened = server.send(Method::POST, "/v1/sessions", "", &body).await;
            assert_eq!(opened.status, 201, "{opened:?}");
            tokens.push(opened.body["accessToken"].as_str().unwrap().to_owned());
        }
        let path = format!("/v1/children/{}/homework?from=2026-11-16&to=2026-11-22", children[0]);
        let list = server.get(&path, &tokens[0]).await.body;
        let homework = [0, 1].map(|place| list["items"][place]["id"].as_i64().unwrap());
        let [mother, one, other] = tokens.try_into().unwrap();
        Self { database, children, homework, mother, named: [one, other] }
    }

    fn ticked(&self, db: &Db, child: i64, homework: i64) -> bool {
        let sql = format!(
            "SELECT count(*) AS number FROM homework_done WHERE child_id = {child} AND homework_id = {homework}"
        );
        let _ = self;
        number(db, &sql) == 1
    }

    /// Eight clients: three tick, two name themselves, three accept.
    fn clients(&self, server: &Process, round: u32) -> Vec<Client> {
        let db = open(&self.database);
        let pairs = [(0, 0), (0, 1), (1, 0)].map(|(child, homework)| (self.children[child], self.homework[homework]));
        let ticks = pairs.map(|(child, homework)| {
            (self.mother.clone(), Work::Tick { child, homework, done: self.ticked(&db, child, homework) })
        });
        let names = self.named.clone().map(|token| (token, Work::Name(round * 100_000)));
        let accepts = [0, 1, 2].map(|client| (String::new(), Work::Accept(self.codes(&db, round, client))));
        let done = Arc::new(AtomicU32::new(0));
        let client = |(token, work)| Client {
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            base: format!("http://{}", server.address),
            token,
            work,
            done: Arc::clone(&done),
        };
        ticks.into_iter().chain(names).chain(accepts).map(client).collect()
    }

    fn codes(&self, db: &Db, round: u32, client: u32) -> Vec<(String, String)> {
        let teacher = Invited::Staff("t1".to_owned(), Role::Teacher);
        let school = number(db, "SELECT min(id) AS number FROM schools");
        let code = |place| {
            let (code, now) = (domain::secrets::code(), domain::clock::Clock::System.now());
            let school = domain::types::SchoolId(school);
            db.write_here(|conn| domain::invitations::open(conn, school, &teacher, &code, now)).unwrap();
            (code, format!("kill-{round}-{client}-{place}"))
        };
        let _ = self;
        (0..30).map(code).collect()
    }
}

/// Waits until PostgreSQL has noticed that its client is dead, and has done or undone what that one had asked for.
fn settled(database: &Database) {
    #[derive(QueryableByName)]
    struct Others {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }
    if database.kind() == Kind::Sqlite {
        return;
    }
    let mut conn = PgConnection::establish(database.url()).unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    let others = "SELECT count(*) AS number FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    while diesel::sql_query(others).get_result::<Others>(&mut conn).unwrap().number > 0 {
        assert!(Instant::now() < deadline, "connections of a dead process are left");
        std::thread::yield_now();
    }
}

fn revisions(db: &Db, scene: &Scene) -> [i64; 2] {
    scene.children.map(|child| number(db, &format!("SELECT revision AS number FROM children WHERE id = {child}")))
}

/// Kills the server in the middle of its work and says what the clients were told.
async fn blow(mut server: Process, clients: Vec<Client>, after: u32) -> Vec<Told> {
    let done = Arc::clone(&clients[0].done);
    let tasks: Vec<_> = clients.into_iter().map(|client| tokio::spawn(client.run())).collect();
    let deadline = Instant::now() + Duration::from_secs(60);
    while done.load(Ordering::SeqCst) < after {
        assert!(Instant::now() < deadline, "the clients are stuck");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    server.kill();
    let mut told = Vec::new();
    for task in tasks {
        told.push(task.await.unwrap());
    }
    told
}

async fn nothing_is_lost(scene: &Scene, server: &Process, told: &[Told], before: [i64; 2]) {
    let db = open(&scene.database);
    let after = revisions(&db, scene);
    let (mut least, mut most) = (before, before);
    for (place, client) in told.iter().enumerate() {
        match &client.work {
            Work::Tick { child, homework, done } => {
                let index = usize::from(*child == scene.children[1]);
                let moved = u32::from(scene.ticked(&db, *child, *homework) != *done);
                least[index] += i64::from(client.acknowledged);
                // The one request without an answer is done whole, or not at all.
                most[index] += i64::from(client.acknowledged + moved);
            }
            Work::Name(name) => {
                let me = server.get("/v1/me", &scene.named[place - 3]).await;
                let shown: u32 = me.body["displayName"].as_str().unwrap_or("0").parse().unwrap();
                assert!(client.acknowledged == 0 || shown == *name || shown == name + 1, "{shown}, was told {name}");
            }
            Work::Accept(_) => {
                for token in &client.tokens {
                    assert_eq!(server.get("/v1/me", token).await.status, 200, "an account is lost");
                }
            }
        }
    }
    assert_eq!(after, most, "at least {least:?}");
    let spent = number(&db, "SELECT count(*) AS number FROM invitations WHERE accepted_at IS NOT NULL");
    let made = number(&db, "SELECT count(*) AS number FROM accounts");
    let opened = number(&db, "SELECT count(DISTINCT account_id) AS number FROM sessions");
    assert_eq!((spent, opened), (made, made), "a code, its account and its session are one");
}

both!(a_server_killed_while_it_writes_loses_nothing_it_acknowledged, async |kind: Kind| {
    let scene = Scene::set(kind).await;
    settled(&scene.database);
    let mut accepted = 0;
    for round in 0..KILLS {
        let server = Process::serve(&[("DATABASE__URL", scene.database.url()), ("SECURITY__LIMITS", "0")]);
        let clients = scene.clients(&server, round);
        let before = revisions(&open(&scene.database), &scene);
        let told = blow(server, clients, 30 + round * 11).await;
        accepted += told.iter().map(|client| client.tokens.len()).sum::<usize>();
        settled(&scene.database);

        let begin = Instant::now();
        let server = Process::serve(&[("DATABASE__URL", scene.database.url()), ("SECURITY__LIMITS", "0")]);
        assert_eq!(server.get("/health/ready", "").await.status, 200);
        assert!(begin.elapsed() < Duration::from_secs(20), "ready after {:?}", begin.elapsed());
        nothing_is_lost(&scene, &server, &told, before).await;
    }
    assert!(accepted > 0, "no code was accepted");
});
