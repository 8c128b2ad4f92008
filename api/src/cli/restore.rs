//! `apta restore`: a school from its archive.

use std::path::PathBuf;

use clap::Args;
use interchange::archive::{self, Archive};
use interchange::report::Report;

use super::{open, output};
use crate::config::Config;

/// The file is checked to the last row before anything is written. A restore that was cut off goes on when it is run again.
/// Guardians, students and staff get new codes with `apta invite`, unless the archive was made with `--accounts`.
#[derive(Args)]
pub struct Restore {
    /// What `apta export school` wrote.
    file: PathBuf,
    /// Restore the school under another name.
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
    /// Print the report as one line of JSON.
    #[arg(long)]
    json: bool,
}

impl Restore {
    pub fn run(&self, config: &Config) -> anyhow::Result<i32> {
        let report = output::told(self.restore(config), self.json)?;
        output::report(&report, self.json)?;
        Ok(report.exit_code().into())
    }

    fn restore(&self, config: &Config) -> anyhow::Result<Report> {
        if self.name.as_deref().is_some_and(|name| name.trim().is_empty()) {
            anyhow::bail!("a school has a name");
        }
        let archive = Archive::open(&self.file)?;
        let (db, now) = open(config)?;
        Ok(archive::restore(&db, &archive, self.name.as_deref(), now, &|_, _| ())?)
    }
}
