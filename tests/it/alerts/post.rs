//! A school with a mother, her phone, a worker, and a provider in this process that does as it is told and counts.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::NaiveDateTime;
use domain::access::{self, Bearer};
use domain::alerts::facts::{Detail, Facts};
use domain::alerts::inbox::{self, Item};
use domain::db::{Conn, Db};
use domain::intake;
use domain::types::Language;
use futures_util::future::{BoxFuture, FutureExt, ready};
use notifications::channel::{Channel, Message, Outcome, Reach, Target};
use notifications::signal::Signal;
use notifications::worker::{Channels, Settings, Worker};
use serde_json::json;
use support::app::{App, noon};
use support::school::{School, SignedIn, day};

use super::devices::{PHONE, register};
use super::preferences::choose;
use crate::storage::{execute, number};

/// One message that reached a provider, and where it went: a push token or an address.
#[derive(Debug, Clone)]
pub struct Sent {
    pub to: String,
    /// What ends letters, in a letter that can be ended.
    pub unsubscribe: Option<String>,
    pub message: Message,
}

/// Takes everything, unless it was told what to answer next.
#[derive(Default)]
pub struct Provider {
    sent: Mutex<Vec<Sent>>,
    next: Mutex<VecDeque<Outcome>>,
    /// Answers every message so, until it is taken back.
    always: Mutex<Option<Outcome>>,
}

impl Channel for Provider {
    fn send<'a>(&'a self, target: &'a Target, message: &'a Message) -> BoxFuture<'a, Outcome> {
        let (to, unsubscribe) = match target.clone() {
            Target::Device { token, .. } => (token, None),
            Target::Address { email, unsubscribe } => (email, unsubscribe),
        };
        let always = self.always.lock().unwrap().clone();
        let outcome = self.next.lock().unwrap().pop_front().or(always);
        let outcome = outcome.unwrap_or_else(|| Outcome::Accepted { name: "taken".to_owned() });
        if matches!(outcome, Outcome::Accepted { .. }) {
            let message = message.clone();
            self.sent.lock().unwrap().push(Sent { to, unsubscribe, message });
        }
        ready(outcome).boxed()
    }
}

/// A provider that is away, as a 503 is read.
pub fn unavailable() -> Outcome {
    Outcome::Retry { at_least: None, reach: Reach::Delivery, ambiguous: true, reason: "unavailable" }
}

pub struct Post {
    pub app: App,
    pub school: School,
    pub mother: SignedIn,
    pub provider: Arc<Provider>,
    pub worker: Worker,
}

pub const TOKEN: &str = "mothers-phone";

impl Post {
    /// The mother of both children has one phone and wants to know everything.
    pub async fn at(app: App) -> Self {
        Self::with(app, |_| ()).await
    }

    pub async fn with(app: App, change: impl FnOnce(&mut Settings)) -> Self {
        let school = School::make(&app.state.db, "bir");
        let mother = school.guardian(&app.state.db, "g1");
        assert_eq!(register(&app, &mother.token, PHONE, TOKEN).await.status, 200);
        assert_eq!(choose(&app, &mother.token, &json!({"privacy": "full", "language": "en"})).await.status, 200);
        let provider = Arc::new(Provider::default());
        let mut settings = Settings::default();
        change(&mut settings);
        let worker = worker(&app, &settings, &provider);
        let post = Self { app, school, mother, provider, worker };
        // What the school was made of is old.
        execute(post.db(), "UPDATE events SET planned = TRUE");
        execute(post.db(), "UPDATE news SET tell_at = NULL");
        post.stay_signed_in();
        post
    }

    /// However long a test lasts, nobody's access token ends.
    pub fn stay_signed_in(&self) {
        execute(self.db(), "UPDATE sessions SET access_expires_at = '2027-05-01 00:00:00'");
    }

    /// The father of the second child, signed in; what the school told him of that is past.
    pub async fn father(&self) -> String {
        let father = self.school.guardian(self.db(), "g2").token;
        self.stay_signed_in();
        self.run().await;
        self.taken();
        father
    }

    /// So many more guardians of the first child, each with an account.
    pub fn crowd(&self, many: i64) {
        execute(
            self.db(),
            &format!(
                "WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < {many})
                 INSERT INTO accounts (login_key, password_hash, role, first_name, last_name, language, created_at)
                 SELECT 'many-' || n, 'x', 'guardian', 'G', 'M', 'kk', '2026-09-01 00:00:00' FROM many;
                 INSERT INTO guardians (school_id, external_id, first_name, last_name, account_id)
                 SELECT {school}, login_key, 'G', 'M', id FROM accounts WHERE login_key LIKE 'many-%';
                 INSERT INTO guardianships (school_id, guardian_id, child_id, account_id, relation, starts_at)
                 SELECT {school}, id, {child}, account_id, 'guardian', '2026-09-01 00:00:00' FROM guardians
                 WHERE external_id LIKE 'many-%'",
                school = self.school.id.0,
                child = self.school.children[0].0,
            ),
        );
    }

    pub fn db(&self) -> &Db {
        &self.app.state.db
    }

    pub fn now(&self) -> NaiveDateTime {
        self.app.state.clock.now()
    }

    /// Another worker beside the first.
    pub fn colleague(&self) -> Worker {
        worker(&self.app, &Settings::default(), &self.provider)
    }

    /// Writes items now, as the school's journal does.
    pub fn put<I: intake::Item>(&self, items: &[I]) {
        self.school.put_at(self.db(), self.now(), items);
    }

    pub fn grade(&self, number: &str, value: &str) {
        self.put(&[self.school.grade(number, "p1", value)]);
    }

    pub async fn run(&self) -> usize {
        self.worker.run_once().await.unwrap()
    }

    /// Lets time pass and the worker work at the end of it.
    pub async fn pass(&self, time: Duration) {
        self.app.state.clock.advance(chrono::Duration::from_std(time).unwrap());
        self.run().await;
    }

    /// The settle window, and a second.
    pub async fn settle(&self) {
        self.run().await;
        self.pass(Duration::from_secs(61)).await;
    }

    /// What was taken since the last look.
    pub fn taken(&self) -> Vec<Sent> {
        std::mem::take(&mut *self.provider.sent.lock().unwrap())
    }

    pub fn answers(&self, outcome: Outcome) {
        self.provider.next.lock().unwrap().push_back(outcome);
    }

    pub fn always(&self, outcome: Option<Outcome>) {
        *self.provider.always.lock().unwrap() = outcome;
    }

    /// How many deliveries have come to no end.
    pub fn open(&self) -> i64 {
        self.count("state = 'pending'")
    }

    pub fn count(&self, of: &str) -> i64 {
        number(self.db(), &format!("SELECT count(*) AS number FROM alert_deliveries WHERE {of}"))
    }

    /// The mother's list, and how many of it she has not read.
    pub fn inbox(&self) -> (Vec<Item>, i64) {
        let bearer = Bearer::new(&self.mother.token, self.now());
        let read = |conn: &mut Conn| {
            let (viewer, rights) = access::children(conn, &bearer)?;
            let page = inbox::page(conn, &viewer, &rights, Language::En, (None, 100))?;
            Ok((page.items, inbox::unread(conn, &viewer, &rights)?))
        };
        self.db().read_here(read).unwrap()
    }
}

/// Homework of both children.
pub fn homework(number: &str) -> intake::Homework {
    intake::Homework {
        external_id: number.to_owned(),
        course: "alg7".to_owned(),
        lesson: None,
        assigned_on: day("2026-11-12"),
        due_on: day("2026-11-20"),
        text: "№ 216".to_owned(),
        files: None,
    }
}

pub fn worker(app: &App, settings: &Settings, provider: &Arc<Provider>) -> Worker {
    let channels = Channels { push: Some(provider.clone()), email: provider.clone() };
    let handles = (app.state.db.clone(), app.state.clock.clone());
    Worker::new(handles, settings, "a secret of the tests", channels, Signal::new(None).unwrap()).unwrap()
}

/// What a grade's alert says: what it is, and what it was.
pub fn grade(sent: &Sent) -> (Option<&str>, Option<&str>) {
    let Facts::Thing(thing) = &sent.message.facts else { panic!("{:?}", sent.message.facts) };
    let Some(Detail::Grade { value, previous, .. }) = &thing.detail else { panic!("{thing:?}") };
    (value.as_deref(), previous.as_deref())
}

/// What the phones show: of all with one collapse key the last.
pub fn visible(sent: &[Sent]) -> BTreeMap<(String, String), Message> {
    let key = |one: &Sent| (one.to.clone(), one.message.collapse.clone());
    sent.iter().map(|one| (key(one), one.message.clone())).collect()
}

/// An hour of the day at the school, on the day of [`noon`].
pub fn local(hour: u32) -> NaiveDateTime {
    noon().date().and_hms_opt(hour, 0, 0).unwrap() - chrono::Duration::hours(5)
}
