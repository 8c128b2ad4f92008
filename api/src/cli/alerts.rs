//! `apta alerts`: what could not be sent as it was, and sending it again.

use clap::Subcommand;
use domain::alerts::ledger::{self, Driven};
use domain::types::{DeliveryId, Word};

use super::{open, output};
use crate::config::Config;

#[derive(Subcommand)]
pub enum Alerts {
    /// List what could not be sent as it was, oldest first.
    Dead {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Send it again, behind the fault that is mended now. Whether each may still be told is looked at anew.
    Redrive {
        /// The numbers `apta alerts dead` prints.
        #[arg(required_unless_present = "all")]
        deliveries: Vec<i64>,
        /// All of them.
        #[arg(long, conflicts_with = "deliveries")]
        all: bool,
    },
}

/// More than anybody reads.
const MOST: i64 = 10_000;

impl Alerts {
    pub fn run(self, config: &Config) -> anyhow::Result<()> {
        let (db, now) = open(config)?;
        match self {
            Self::Dead { json } => {
                for dead in db.read_here(|conn| ledger::dead(conn, MOST))? {
                    let (id, alert, way) = (dead.id.0, dead.alert.0, dead.way.as_str());
                    let (reason, attempts) = (dead.reason.unwrap_or_default(), dead.attempts);
                    let at = dead.at.map(|at| at.and_utc().to_rfc3339()).unwrap_or_default();
                    if json {
                        output::line(serde_json::json!({
                            "delivery": id, "alert": alert, "channel": way, "reason": reason, "attempts": attempts, "at": at,
                        }))?;
                    } else {
                        output::line(format_args!("{id}  {at}  {way}  {reason}  attempts {attempts}  alert {alert}"))?;
                    }
                }
            }
            Self::Redrive { deliveries, all } => {
                let ids: Vec<DeliveryId> = deliveries.into_iter().map(DeliveryId).collect();
                let only = (!all).then_some(ids.as_slice());
                let driven = db.write_here(|conn| ledger::redrive(conn, only, now))?;
                let Driven { again, superseded, expired } = driven;
                output::line(format_args!(
                    "{again} will be sent again; {superseded} are overtaken by something newer, {expired} too old to ring."
                ))?;
                let missing = only.map_or(0, |ids| ids.len().saturating_sub(again + superseded + expired));
                anyhow::ensure!(missing == 0, "{missing} of the numbers are of no dead delivery");
            }
        }
        Ok(())
    }
}
