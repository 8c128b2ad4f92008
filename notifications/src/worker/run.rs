//! The worker's loop: sendings fly while others are planned and taken.

use std::cell::Cell;
use std::time::Duration;

use domain::alerts::claim::Claimed;
use domain::faults;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::Worker;
use crate::channel::Outcome;

/// How long the worker looks for nothing unless it is woken; what it waits for itself wakes it in time.
const POLL: Duration = Duration::from_secs(1);
/// How long after a ring it looks.
const BREATH: Duration = Duration::from_millis(50);
/// How long it leaves a database alone that failed.
const RECOVERY: Duration = Duration::from_secs(2);
/// As many are settled in one transaction.
const SETTLED: usize = 64;

type Flight = BoxFuture<'static, (Claimed, Option<Outcome>)>;

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
            let mut flying: FuturesUnordered<Flight> = FuturesUnordered::new();
            while !stopping.get() {
                if let Err(error) = self.turn(&mut flying).await {
                    tracing::warn!(%error, "the worker of alerts goes on in a moment");
                    tokio::time::sleep(RECOVERY).await;
                }
            }
            faults::at("alerts::stopping");
            while !flying.is_empty() {
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
    async fn turn(&self, flying: &mut FuturesUnordered<Flight>) -> domain::Result<()> {
        let (mut behind, mut due) = self.look().await?;
        while behind && self.plan().await? > 0 {
            (behind, due) = self.look().await?;
        }
        let room = self.sendings.saturating_sub(flying.len());
        let now = self.clock.now();
        if room > 0 && due.is_some_and(|due| due <= now) {
            let claim = self.claim(room).await?;
            for claimed in claim.taken {
                flying.push(self.flight(claimed));
            }
            if claim.due > 0 {
                return self.land(flying, Duration::ZERO).await;
            }
        }
        let until = due.and_then(|due| (due - now).to_std().ok()).filter(|until| !until.is_zero());
        self.land(flying, until.map_or(POLL, |until| until.min(POLL))).await
    }

    fn flight(&self, claimed: Claimed) -> Flight {
        let worker = self.clone();
        Box::pin(async move {
            let outcome = worker.send(&claimed).await;
            (claimed, outcome)
        })
    }

    /// A ring, and a moment in which the next ones come: a journal that writes grade after grade is looked at once for many.
    async fn rung(&self) {
        self.signal.heard().await;
        tokio::time::sleep(BREATH).await;
    }

    /// Settles what has ended, waiting at most so long for the first.
    async fn land(&self, flying: &mut FuturesUnordered<Flight>, wait: Duration) -> domain::Result<()> {
        let mut landed = Vec::new();
        tokio::select! {
            Some(first) = flying.next(), if !flying.is_empty() => landed.push(first),
            () = self.rung() => {}
            () = tokio::time::sleep(wait) => {}
        }
        while landed.len() < SETTLED
            && let Some(Some(next)) = futures_util::FutureExt::now_or_never(flying.next())
        {
            landed.push(next);
        }
        let sent: Vec<_> = landed.into_iter().filter_map(|(claimed, outcome)| Some((claimed, outcome?))).collect();
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
