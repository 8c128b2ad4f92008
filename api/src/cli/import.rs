//! `apta import`.

use std::path::PathBuf;

use clap::Subcommand;

use super::open;
use crate::config::Config;

#[derive(Subcommand)]
pub enum Import {
    /// Read a OneRoster 1.1 or 1.2 bundle (CSV, a folder or a zip).
    Oneroster {
        path: PathBuf,
        /// The school that the bundle is of; it is made if there is none of this name.
        #[arg(long)]
        school: String,
        /// Print the report as JSON.
        #[arg(long)]
        json: bool,
    },
}

impl Import {
    pub fn run(self, config: &Config) -> anyhow::Result<i32> {
        let Self::Oneroster { path, school, json } = self;
        let (_db, _now) = open(config)?;
        let _ = (path, school, json);
        Ok(0)
    }
}
