//! What befalls the workers of a run, and those they work with.

use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use support::fcm::{Bad, Call, Fault, Script};
use support::process::Process;

use super::scene::Scene;
use super::{CORRECTED, GRADES, marked};
use crate::school::deliveries::grade;
use crate::storage::{execute, number};

/// When the process is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kill {
    Never,
    /// Behind the journal's writing.
    AtOnce,
    /// Bytes have left, the answer is on its way.
    InFlight,
    /// When so many messages have reached the provider.
    After(usize),
    /// Before it has heard that it should stop, or right then.
    BehindTheRequest,
    /// Not killed: it is asked to stop with bytes on the way, and ends by itself.
    Stops,
    /// A letter has left, the answer is on its way.
    LetterOnItsWay,
    /// By itself, at the point it was given.
    AtPoint,
    /// The same, and who follows waits until its leases are over.
    AtPointUntilLeasesEnd,
    /// The same, but it gets there when it is asked to stop.
    AtPointOfStopping,
    /// The server of the journal, at this point of the journal's write.
    Server(&'static str),
    /// Twice with bytes on the way, and the clock of the one who follows is an hour ahead at first, and right again then.
    ClockMoves,
    /// Not killed: others join while bytes are on the way, their clocks wrong or not.
    Joined(&'static [&'static str]),
    /// Not killed: it stands still with bytes on the way until its leases are over and another one has worked.
    Asleep,
    /// Not killed: it stands still with bytes on the way, and gives up on them while another one sends the same.
    AsleepUntilSentAgain,
    /// Not killed: the database ends all its connections, twice.
    Cut,
    /// Not killed: its PostgreSQL crashes and recovers, twice.
    Crash,
    /// Not killed: the Redis that wakes it goes, and comes again.
    NoRedis,
    /// Not killed: its Redis forgets everything and answers nobody for five seconds.
    SlowRedis,
    /// Not killed: the provider takes nothing, until an operator mends it.
    Refusal,
}

/// SIGABRT, by which a process dies at a point.
const ABORTED: i32 = 6;

impl Scene {
    pub async fn strike(&mut self, kill: Kill) {
        match kill {
            Kill::AtOnce => self.kill(),
            Kill::InFlight => {
                self.google.until_calls(1).await;
                self.kill();
            }
            Kill::After(calls) => {
                self.google.until_calls(calls).await;
                self.kill();
            }
            Kill::BehindTheRequest => {
                self.google.until_calls(1).await;
                self.processes.iter().for_each(Process::terminate);
                self.kill();
            }
            Kill::LetterOnItsWay => {
                self.smtp.mail(1).await;
                self.kill();
            }
            Kill::AtPoint => self.dies(),
            Kill::AtPointUntilLeasesEnd => {
                self.aborts();
                self.start(&[""]);
            }
            Kill::AtPointOfStopping => {
                self.google.until_calls(1).await;
                self.processes[0].terminate();
                self.dies();
            }
            Kill::Server(point) => self.journal_dies(point).await,
            Kill::ClockMoves => {
                for clock in ["clock=return(3600)", ""] {
                    self.google.until_calls(self.google.calls().len() + 1).await;
                    self.kill_first();
                    self.remember(false);
                    self.start(&[clock]);
                }
            }
            _ => self.disturb(kill).await,
        }
    }

    /// What nobody dies of.
    async fn disturb(&mut self, kill: Kill) {
        match kill {
            Kill::Joined(clocks) => {
                self.google.until_calls(1).await;
                self.start(clocks);
            }
            Kill::Asleep => {
                self.google.until_calls(1).await;
                self.freeze();
                self.start(&[""]);
                self.until_done().await;
                self.processes[0].signal("CONT");
            }
            Kill::AsleepUntilSentAgain => self.wakes_late().await,
            Kill::Stops => self.stops().await,
            Kill::Cut => {
                for calls in [1, 9] {
                    self.google.until_calls(calls).await;
                    self.cut();
                }
            }
            Kill::Crash => {
                for calls in [1, 9] {
                    self.google.until_calls(calls).await;
                    let postgres = self.postgres.as_mut().unwrap();
                    postgres.crash();
                    postgres.restart();
                    // The connections of the books are lost as well; a read finds out.
                    self.pending();
                }
            }
            Kill::SlowRedis => {
                self.google.until_calls(1).await;
                self.redis.flush();
                self.redis.pause(Duration::from_secs(5));
                self.grade(GRADES - 1..GRADES, "3");
                self.google.until_calls(9).await;
            }
            Kill::Refusal => {
                self.until("lanes that wait", |db| number(db, "SELECT count(*) AS number FROM alert_lanes") > 0).await;
                // Five may be under way at once, one about each child on each phone; each is tried with a second token.
                assert!(self.google.handed_out() <= 2, "a storm of requests for access tokens");
                assert!(self.google.calls().len() <= 10, "a storm of messages: {:#?}", self.google.calls());
                self.mend();
            }
            Kill::NoRedis => {
                self.google.until_calls(1).await;
                self.redis.kill();
                self.grade(GRADES - 1..GRADES, "3");
                self.google.until_calls(9).await;
                self.redis.restart();
            }
            _ => {}
        }
    }

    /// Who is asked to stop brings home what is under way, and leaves nothing taken to those who follow.
    async fn stops(&mut self) {
        let first = self.google.until_calls(1).await.remove(0);
        let workers = self.processes.len();
        self.stop();
        assert!(self.accepted().contains(&(first.token, first.alert)), "what was under way is in the books");
        assert_eq!(self.held(), 0, "it keeps what it had taken");
        self.start(&vec![""; workers]);
    }

    /// A sleeper wakes while another one sends what it held.
    async fn wakes_late(&mut self) {
        let first = self.google.until_calls(1).await.remove(0);
        self.freeze();
        let slow = Fault::bad(Bad::Slow(Duration::from_secs(14)));
        self.google.script(|script| script.always(Some(slow)));
        self.start(&[""]);
        let again = |call: &Call| (&call.token, &call.alert) == (&first.token, &first.alert);
        self.until("second sending", |_| self.google.calls().iter().filter(|call| again(call)).count() == 2).await;
        self.google.script(Script::clear);
        self.processes[0].signal("CONT");
        // A correction would supersede what this is about.
        self.until_done().await;
    }

    /// Kills all workers at once, and starts as many. Their leases end at once too: a minute is a long time in a test.
    pub fn kill(&mut self) {
        let workers = self.processes.len();
        while !self.processes.is_empty() {
            self.kill_first();
        }
        self.remember(false);
        self.bury(workers);
    }

    fn kill_first(&mut self) {
        let mut process = self.processes.remove(0);
        process.kill();
        self.logs.push(process.ended().stderr);
    }

    /// The worker comes to its point and dies, and another one follows.
    fn dies(&mut self) {
        self.aborts();
        self.bury(1);
    }

    fn aborts(&mut self) {
        let ended = self.processes.remove(0).ended();
        assert_eq!(ended.status.signal(), Some(ABORTED), "{}", ended.stderr);
        self.logs.push(ended.stderr);
        self.remember(false);
    }

    /// The first worker stands still, though not in the middle of a write: it would keep SQLite's one writer as long.
    fn freeze(&mut self) {
        loop {
            self.processes[0].signal("STOP");
            if self.db.write_here(|_| Ok(())).is_ok() {
                assert!(self.held() > 0, "it sleeps and holds nothing");
                return self.remember(true);
            }
            self.processes[0].signal("CONT");
            // It ends its write before this one begins.
            let _ = self.db.write_here(|_| Ok(()));
        }
    }

    fn bury(&mut self, followers: usize) {
        execute(&self.db, "UPDATE alert_deliveries SET lease_until = due_at WHERE lease_until IS NOT NULL");
        self.start(&vec![""; followers]);
    }

    /// A journal corrects grades; its server dies on it, and the journal sends the same again.
    async fn journal_dies(&mut self, point: &str) {
        let token = self.school.journal_at(&self.db, "journal", chrono::Utc::now().naive_utc());
        let items: Vec<_> = (0..CORRECTED).map(|n| grade(&format!("x{n}"), "p2", &marked("5"))).collect();
        let path = format!("/v1/schools/{}/grades", self.school.id.0);
        let send = |server: &Process| {
            let request = server.request(Method::PUT, &path, &token).header("Idempotency-Key", "a-delivery");
            request.json(&json!({"items": items})).send()
        };
        let arguments = ["serve", "--no-worker"];
        let settings = self.settings_of_server();
        let mut server = Process::start_in(&[("FAILPOINTS", point)], &arguments, &settings);
        server.await_address();
        send(&server).await.unwrap_err();
        assert_eq!(server.ended().status.signal(), Some(ABORTED));
        let mut server = Process::start(&arguments, &settings);
        server.await_address();
        assert_eq!(send(&server).await.unwrap().status().as_u16(), 200);
    }

    /// Every connection of the workers breaks, as when PostgreSQL is started anew.
    fn cut(&self) {
        let of =
            format!("pg_stat_activity WHERE datname = current_database() AND application_name <> '{}'", Self::BOOKS);
        let cut = number(&self.db, &format!("SELECT count(pg_terminate_backend(pid)) AS number FROM {of}"));
        assert!(cut > 0, "nobody was connected");
    }
}
