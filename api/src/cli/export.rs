//! `apta export`: what a school takes along.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use interchange::archive::{self, Manifest, Options};
use interchange::report::{FileCount, Report};

use super::{open, operator, output};
use crate::config::Config;

#[derive(Subcommand)]
pub enum Export {
    /// Write a school with its whole history into one file, which `apta restore` reads into any database. Its families are told.
    School(School),
}

/// The file holds personal data of children and is made readable for you alone: names, birth dates, guardians with their
/// e-mail addresses, every grade and every correction. It holds no log-ins, no passwords and no open invitations.
#[derive(Args)]
pub struct School {
    /// The school's name, or its number from `apta school list`.
    school: String,
    /// The file to write.
    #[arg(long, value_name = "FILE.zip")]
    out: PathBuf,
    /// Also write the accounts of the school's guardians, students and staff, so that they keep their log-ins in another
    /// database: log-in names, password hashes, e-mail addresses, telephone numbers, birth dates. Guard such a file like the
    /// database itself, and delete it after the move.
    #[arg(long)]
    accounts: bool,
    /// Replace the file if it is there.
    #[arg(long)]
    force: bool,
    /// Print the report as one line of JSON.
    #[arg(long)]
    json: bool,
}

impl Export {
    pub fn run(self, config: &Config) -> anyhow::Result<i32> {
        let Self::School(school) = self;
        school.run(config)
    }
}

impl School {
    fn run(&self, config: &Config) -> anyhow::Result<i32> {
        let manifest = output::told(self.export(config), self.json)?;
        if self.json {
            return output::report(&report(&manifest), true).map(|()| 0);
        }
        for file in &manifest.files {
            output::line(format_args!("{:>10}  {}", file.rows, file.name))?;
        }
        let (name, rows) = (&manifest.school.name, manifest.rows());
        output::line(format_args!("\n{name}: {rows} rows in {}", self.out.display()))?;
        if self.accounts {
            output::line("It holds password hashes: guard it like the database, and delete it after the move.")?;
        }
        Ok(0)
    }

    fn export(&self, config: &Config) -> anyhow::Result<Manifest> {
        let (db, now) = open(config)?;
        let school = operator::find(&db, &self.school)?;
        let options = Options { accounts: self.accounts, force: self.force };
        Ok(archive::export(&db, school, &self.out, options, now, &|_, _| ())?)
    }
}

/// An export reads and changes nothing.
fn report(manifest: &Manifest) -> Report {
    let count = |file: &archive::File| FileCount {
        name: file.name.clone(),
        read: file.rows,
        unchanged: file.rows,
        ..FileCount::default()
    };
    Report::taken(manifest.files.iter().map(count).collect(), Vec::new())
}
