//! What an operator does about the rating: vouchers, and a look that has no child in it.

use ::rating::subscriptions;
use anyhow::bail;
use clap::Subcommand;
use domain::types::Word;
use domain::{clock::Clock, secrets};

use super::{open, operator, output};
use crate::config::Config;
use crate::rating::Holder;

#[derive(Subcommand)]
pub enum Rating {
    /// Print subscriptions by source and state, vouchers, and releases by school year.
    Status,
    /// Release what is due now and end; a server does so by itself.
    Release,
}

#[derive(Subcommand)]
pub enum Voucher {
    /// Print codes that open the rating for a family; each is shown once.
    Issue {
        #[arg(long, default_value_t = 1)]
        count: u32,
        /// How long each one is good for, from when it is redeemed.
        #[arg(long, default_value_t = 12)]
        months: u32,
        /// Only for families of this school, by name or number.
        #[arg(long)]
        school: Option<String>,
    },
}

impl Rating {
    pub fn run(self, config: &Config) -> anyhow::Result<()> {
        let (_, now) = open(config)?;
        let holder = Holder::new(config);
        let rating = holder.open()?;
        if let Self::Release = self {
            return output::line(format_args!("{} lines released.", rating.release(now)?));
        }
        let status = rating.own().read_here(|conn| subscriptions::status(conn, now))?;
        for (source, state, count) in &status.subscriptions {
            output::line(format_args!("subscriptions  {:<8} {:<10} {count}", source.as_str(), state.as_str()))?;
        }
        let (issued, redeemed) = status.vouchers;
        output::line(format_args!("vouchers       issued {issued}, redeemed {redeemed}"))?;
        output::line(format_args!("letters        waiting {}", status.letters))?;
        for (year, releases, most) in &status.releases {
            output::line(format_args!(
                "releases       {year}: {releases}; budget spent: at most {most} of 4 in any subject"
            ))?;
        }
        Ok(())
    }
}

impl Voucher {
    pub fn run(self, config: &Config) -> anyhow::Result<()> {
        let Self::Issue { count, months, school } = self;
        if !(1..=1000).contains(&count) || !(1..=60).contains(&months) {
            bail!("--count is 1 to 1000, --months 1 to 60");
        }
        let (db, _) = open(config)?;
        let school = school.map(|school| operator::find(&db, &school)).transpose()?;
        let (holder, now) = (Holder::new(config), Clock::System.now());
        let rating = holder.open()?;
        for _ in 0..count {
            let code = secrets::code();
            let hash = secrets::code_hash(&code);
            rating.own().write_here(|conn| subscriptions::issue(conn, &hash, months, school, now))?;
            output::line(&code)?;
        }
        Ok(())
    }
}
