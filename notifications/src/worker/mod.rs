//! The worker: plans what was written, takes what is due, sends it and writes what became of it. Any number may run, and each
//! may die anywhere: what it held is taken by another one when its lease ends.

mod ending;
pub mod metrics;
mod run;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDateTime;
use domain::alerts::claim::{self, Claim, Claimed, Room, To};
use domain::alerts::plan::{self, Rules, Step};
use domain::alerts::windows::Windows;
use domain::alerts::{Key, settle};
use domain::clock::Clock;
use domain::db::{Conn, Db};
use domain::faults;
use domain::types::AlertKind;
use serde::Deserialize;

use crate::channel::{Channel, Message, Outcome, Reach, Target};
use crate::signal::Signal;

pub use ending::ending;

/// How alerts are planned and sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// How long a teacher has to mend a slip before anybody is told: `60s`, `2m`; `0s` tells at once.
    #[serde(deserialize_with = "crate::span::deserialize")]
    pub settle: Duration,
    /// The same for the kinds that differ: `report-card = "10m"`.
    #[serde(deserialize_with = "crate::span::by_kind")]
    pub settle_by: BTreeMap<AlertKind, Duration>,
    /// How many alerts about one child come one by one in an hour; more come together.
    pub roll_up: usize,
    /// Sendings under way at once, in one process.
    pub sendings: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { settle: Duration::from_secs(60), settle_by: BTreeMap::new(), roll_up: 5, sendings: 200 }
    }
}

/// The ways out of the house.
#[derive(Clone)]
pub struct Channels {
    /// `None`: nothing is pushed, and families are told by letter as if they had no phones.
    pub push: Option<Arc<dyn Channel>>,
    pub email: Arc<dyn Channel>,
}

/// How long a worker may hold a delivery.
const LEASE: chrono::Duration = chrono::Duration::seconds(60);
/// How long a sending may take; a channel knows its own, shorter limit.
const SENDING: Duration = Duration::from_secs(40);
/// How long pushes wait that were planned before all were switched off.
const SWITCHED_OFF: Duration = Duration::from_secs(600);
/// Letters under way at once: a mail server closes the door on who knocks more often.
const LETTERS: usize = 10;

/// One worker. Cheap to clone.
#[derive(Clone)]
pub struct Worker {
    db: Db,
    clock: Clock,
    rules: Rules,
    channels: Channels,
    signal: Signal,
    sendings: usize,
}

impl Worker {
    /// `secret` is the same in all processes: keys that repeat for one thing are made of it.
    pub fn new(
        (db, clock): (Db, Clock),
        settings: &Settings,
        secret: &str,
        channels: Channels,
        signal: Signal,
    ) -> domain::Result<Self> {
        let span = |span: &Duration| chrono::Duration::from_std(*span).unwrap_or_default();
        let kinds = settings.settle_by.iter().map(|(kind, window)| (*kind, span(window))).collect();
        let settle = Windows { all: span(&settings.settle), kinds };
        let pushes = channels.push.is_some();
        let rules = Rules { settle, roll_up: settings.roll_up, pushes, key: Key::new(secret)? };
        Ok(Self { db, clock, rules, channels, signal, sendings: settings.sendings.max(1) })
    }

    /// Plans for some of what there is to plan for; for how much.
    pub async fn plan(&self) -> domain::Result<usize> {
        self.steps(self.look().await?.0).await
    }

    /// Takes these steps of the plan. One that fails is told of when the others are done.
    async fn steps(&self, steps: Vec<Step>) -> domain::Result<usize> {
        let (mut of, mut failed) = (0, None);
        for step in steps {
            match self.step(step).await {
                Ok(planned) => of += planned,
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(of), Err)
    }

    async fn step(&self, step: Step) -> domain::Result<usize> {
        let (rules, now) = (self.rules.clone(), self.clock.now());
        let work = move |conn: &mut Conn| {
            let planned = plan::plan(conn, &rules, step, now)?;
            faults::at("alerts::planning");
            Ok(planned)
        };
        let planned = self.db.write_rows(work).await?;
        faults::at("alerts::planned");
        metrics::closed(&planned.closed);
        Ok(planned.of)
    }

    /// Takes at most `room` due deliveries, each with its attempt written down.
    pub async fn claim(&self, room: usize) -> domain::Result<Claim> {
        self.claim_within(Room { all: room, letters: room }).await
    }

    async fn claim_within(&self, room: Room) -> domain::Result<Claim> {
        let now = self.clock.now();
        let claim = self.db.write_rows(move |conn| claim::claim(conn, now, LEASE, room)).await?;
        faults::at("alerts::claimed");
        metrics::closed(&claim.closed);
        Ok(claim)
    }

    /// Sends one, outside of every transaction. `None`: so much of its lease is gone that another worker may soon have it.
    pub async fn send(&self, claimed: &Claimed) -> Option<Outcome> {
        let sending = chrono::Duration::from_std(SENDING).unwrap_or_default();
        if self.clock.now() + sending > claimed.lease_until {
            return None;
        }
        let (target, message) = (target(&claimed.to), message(claimed));
        let channel = match target {
            Target::Device { .. } => self.channels.push.as_ref(),
            Target::Address { .. } => Some(&self.channels.email),
        };
        let Some(channel) = channel else {
            return Some(Outcome::Pause { at_least: SWITCHED_OFF, reason: "switched-off" });
        };
        faults::at("alerts::sending");
        let begin = tokio::time::Instant::now();
        let sent = tokio::time::timeout(SENDING, channel.send(&target, &message)).await;
        faults::at("alerts::sent");
        metrics::answered(target.lane(), begin.elapsed());
        Some(sent.unwrap_or(Outcome::Retry {
            at_least: None,
            reach: Reach::Delivery,
            ambiguous: true,
            reason: "timeout",
        }))
    }

    /// Writes what became of some; the number of those that were still this worker's.
    pub async fn settle(&self, sent: Vec<(Claimed, Outcome)>) -> domain::Result<usize> {
        let now = self.clock.now();
        for (claimed, outcome) in &sent {
            report(claimed, outcome);
        }
        let endings: Arc<[_]> = sent
            .into_iter()
            .map(|(claimed, outcome)| {
                let ending = ending(&outcome, &claimed, now);
                (claimed, ending)
            })
            .collect();
        let written = Arc::clone(&endings);
        let ours = self.db.write_rows(move |conn| settle::settle(conn, &endings, now)).await?;
        faults::at("alerts::settled");
        for ((claimed, ending), _) in written.iter().zip(&ours).filter(|(_, ours)| **ours) {
            let delay = (now - claimed.due_at).to_std().unwrap_or_default();
            metrics::settled(target(&claimed.to).lane(), ending, delay);
        }
        Ok(ours.into_iter().filter(|ours| *ours).count())
    }

    /// Plans and sends until nothing is due at this moment; how many were sent.
    pub async fn run_once(&self) -> domain::Result<usize> {
        while self.plan().await? > 0 {}
        let mut sent = 0;
        loop {
            let claim = self.claim(self.sendings).await?;
            if claim.due == 0 {
                return Ok(sent);
            }
            let mut done = Vec::new();
            for claimed in claim.taken {
                if let Some(outcome) = self.send(&claimed).await {
                    done.push((claimed, outcome));
                }
            }
            sent += done.len();
            self.settle(done).await?;
        }
    }

    /// Looks, without a write, what time it is, what there is to plan for, and when something will be due.
    async fn look(&self) -> domain::Result<(Vec<Step>, Option<NaiveDateTime>)> {
        let (rules, clock) = (self.rules.clone(), self.clock.clone());
        let look = move |conn: &mut Conn| {
            clock.set(conn)?;
            let now = clock.now();
            Ok((plan::behind(conn, &rules, now)?, claim::next_due(conn, now)?))
        };
        self.db.read(look).await
    }
}

fn target(to: &To) -> Target {
    match to.clone() {
        To::Phone { platform, token, .. } => Target::Device { platform, token },
        To::Mailbox { email, unsubscribe, .. } => Target::Address { email, unsubscribe },
    }
}

fn message(claimed: &Claimed) -> Message {
    Message {
        alert: claimed.alert,
        collapse: claimed.collapse.clone(),
        language: claimed.language,
        privacy: claimed.privacy,
        facts: claimed.facts.clone(),
        ttl: claimed.ttl.to_std().unwrap_or_default(),
    }
}

/// What an operator must know of one outcome.
fn report(claimed: &Claimed, outcome: &Outcome) {
    let (id, lane) = (claimed.delivery.0, target(&claimed.to).lane());
    match outcome {
        Outcome::Rejected { reason } => {
            tracing::error!(
                delivery.id = id,
                ?lane,
                reason,
                "a delivery cannot be sent as it is; see `apta alerts dead`"
            );
        }
        Outcome::Pause { at_least, reason } => {
            tracing::error!(?lane, reason, seconds = at_least.as_secs(), "nothing can leave on this lane; it waits");
        }
        Outcome::Retry { reason, reach: Reach::Lane, .. } => tracing::warn!(?lane, reason, "a lane waits"),
        Outcome::Retry { reason, .. } => tracing::debug!(delivery.id = id, ?lane, reason, "to be sent again"),
        _ => {}
    }
}
