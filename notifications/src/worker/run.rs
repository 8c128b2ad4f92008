//! The worker's loop: sendings fly while others are planned and taken.

use std::cell::Cell;
use std::time::Duration;

use domain::alerts::claim::{Claimed, Room, To};
use domain::faults;
use tokio::task::{JoinError, JoinSet};

use super::{LETTERS, Worker};
use crate::channel::Outcome;

/// How long the worker looks for nothing unless it is woken; what it waits for itself wakes it in time.
const POLL: Duration = Duration::from_secs(1);
/// How long after a ring it looks.
const BREATH: Duration = Duration::from_millis(50);
/// How long it leaves a database alone that failed.
const RECOVERY: Duration = Duration::from_secs(2);
/// As many are settled in one transaction.
const SETTLED: usize = 64;

/// What one sending came to; `None`: it did not leave.
type Flight = Option<(Claimed, Outcome)>;

/// What is being sent, each on its own: an answer is taken when it comes, whatever the worker is doing.
#[derive(Default)]
struct Flights {
    pushes: JoinSet<Flight>,
    letters: JoinSet<Flight>,
}

impl Flights {
    fn len(&self) -> usize {
        self.pushes.len() + self.letters.len()
    }

    fn begin(&mut self, worker: Worker, claimed: Claimed) {
        let way = match claimed.to {
            To::Phone { .. } => &mut self.pushes,
            To::Mailbox { .. } => &mut self.letters,
        };
        way.spawn(async move {
            let outcome = worker.send(&claimed).await?;
            Some((claimed, outcome))
        });
    }

    /// The next that ends; it never comes if nothing flies.
    async fn next(&mut self) -> Flight {
        tokio::select! {
            Some(ended) = self.pushes.join_next() => landed(ended),
            Some(ended) = self.letters.join_next() => landed(ended),
            else => std::future::pending().await,
        }
    }

    /// One that has ended.
    fn ended(&mut self) -> Option<Flight> {
        self.pushes.try_join_next().or_else(|| self.letters.try_join_next()).map(landed)
    }
}

fn landed(ended: Result<Flight, JoinError>) -> Flight {
    ended.unwrap_or_else(|_| {
        tracing::error!("a sending broke down; it is taken up again when its lease ends");
        None
    })
}

impl Worker {
    /// Works until `stop` is there; what flies then is waited for and written. Dropping it leaves what it holds to others.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let stopping = Cell::new(false);
        let stopped = async {
            stop.await;
            stopping.set(true);
            self.signal.ring_here();
        };
        let work = async {
            let mut flying = Flights::default();
            while !stopping.get() {
                if let Err(error) = self.turn(&mut flying).await {
                    tracing::warn!(%error, "the worker of alerts goes on in a moment");
                    tokio::time::sleep(RECOVERY).await;
                }
            }
            faults::at("alerts::stopping");
            while flying.len() > 0 {
                if let Err(error) = self.land(&mut flying, POLL).await {
                    tracing::warn!(%error, "what was sent is sent again: it could not be written");
                }
            }
        };
        let both = async { tokio::join!(stopped, work) };
        tokio::select! {
            _ = both => {}
            () = self.signal.relay() => {}
        }
    }

    /// Plans, takes as much as there is room for, and waits for what happens first: a sending that ends, a ring, the time.
    async fn turn(&self, flying: &mut Flights) -> domain::Result<()> {
        let (steps, due) = self.look().await?;
        // What cannot be planned holds up nothing that was.
        let planned = self.steps(steps).await;
        let now = self.clock.now();
        let taken = due.is_some_and(|due| due <= now) && self.take(flying).await?;
        let at_once = taken || planned.as_ref().is_ok_and(|planned| *planned > 0);
        let until = due.and_then(|due| (due - now).to_std().ok()).filter(|until| !until.is_zero());
        let wait = if at_once { Duration::ZERO } else { until.map_or(POLL, |until| until.min(POLL)) };
        self.land(flying, wait).await.and(planned.map(drop))
    }

    /// Sends as much as there is room for; whether anything was due.
    async fn take(&self, flying: &mut Flights) -> domain::Result<bool> {
        let all = self.sendings.saturating_sub(flying.len());
        if all == 0 {
            return Ok(false);
        }
        let claim = self.claim_within(Room { all, letters: LETTERS.saturating_sub(flying.letters.len()) }).await?;
        for claimed in claim.taken {
            flying.begin(self.clone(), claimed);
        }
        Ok(claim.due > 0)
    }

    /// A ring, and a moment in which the next ones come: a journal that writes grade after grade is looked at once for many.
    async fn rung(&self) {
        self.signal.heard().await;
        tokio::time::sleep(BREATH).await;
    }

    /// Settles what has ended, waiting at most so long for the first.
    async fn land(&self, flying: &mut Flights, wait: Duration) -> domain::Result<()> {
        let mut landed = Vec::new();
        tokio::select! {
            first = flying.next() => landed.push(first),
            () = self.rung() => {}
            () = tokio::time::sleep(wait) => {}
        }
        while landed.len() < SETTLED
            && let Some(next) = flying.ended()
        {
            landed.push(next);
        }
        let sent: Vec<_> = landed.into_iter().flatten().collect();
        if sent.is_empty() {
            return Ok(());
        }
        self.settle_for_sure(sent).await
    }

    /// What was sent must be written, or it is sent again: the database gets a few tries.
    async fn settle_for_sure(&self, sent: Vec<(Claimed, Outcome)>) -> domain::Result<()> {
        let mut tries = 0;
        loop {
            match self.settle(sent.clone()).await {
                Err(error) if tries < 5 => {
                    tries += 1;
                    tracing::warn!(%error, "what was sent could not be written yet");
                    tokio::time::sleep(RECOVERY).await;
                }
                other => return other.map(drop),
            }
        }
    }
}
