//! `apta scheme`: what a school grades by.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::assessment::PRESETS;
use domain::db::Db;
use domain::intake::Writer;
use domain::schemes::{self, Choice};

use super::operator::find;
use super::{open, output};
use crate::config::Config;

#[derive(Subcommand)]
pub enum Scheme {
    /// List the presets, the schemes the school wrote, and what it chose for a school year.
    List {
        #[arg(long)]
        school: String,
        /// The year the school year starts in.
        #[arg(long)]
        year: i32,
    },
    /// Print a preset as JSON, to write one's own scheme from.
    Show { preset: String },
    /// Write a scheme from a JSON file; a changed one is a new version.
    Put {
        name: String,
        file: PathBuf,
        #[arg(long)]
        school: String,
    },
    /// Grade by a scheme: a whole school year, or one subject, or one level of it. The most specific choice counts.
    Choose(Choose),
}

#[derive(Args)]
pub struct Choose {
    /// A preset, or a scheme of the school.
    scheme: String,
    #[arg(long)]
    school: String,
    /// The year the school year starts in.
    #[arg(long)]
    year: i32,
    /// The school's own id (externalId) of the subject; without it, all subjects.
    #[arg(long)]
    subject: Option<String>,
    /// The level, for example 9; without it, all levels.
    #[arg(long)]
    level: Option<i32>,
    /// Take this choice back instead.
    #[arg(long)]
    forget: bool,
}

impl Scheme {
    pub fn run(self, config: &Config) -> anyhow::Result<()> {
        if let Self::Show { preset } = &self {
            let scheme = domain::assessment::preset(preset);
            let scheme = scheme.with_context(|| format!("there is no preset {preset:?}; they are {}", presets()))?;
            output::line(format_args!("{}", serde_json::to_string_pretty(&scheme)?))?;
            return Ok(());
        }
        let (db, now) = open(config)?;
        let writer = |school: &str| {
            Ok::<_, anyhow::Error>(Writer {
                school: find(&db, school)?,
                staff: None,
                client: None,
                now,
                reopen: false,
                baseline: false,
            })
        };
        match self {
            Self::List { school, year } => list(&db, writer(&school)?, year),
            Self::Put { name, file, school } => {
                let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
                let writer = writer(&school)?;
                let lock = |_: &mut _| Ok(schemes::scope(writer.school));
                let version =
                    db.write_children_here(lock, |conn, touch| schemes::put(conn, touch, writer, &name, &text));
                output::line(format_args!("{name}, version {}", told(version)?))?;
                Ok(())
            }
            Self::Choose(choose) => {
                let writer = writer(&choose.school)?;
                choose.run(&db, writer)
            }
            Self::Show { .. } => Ok(()),
        }
    }
}

impl Choose {
    fn run(self, db: &Db, writer: Writer) -> anyhow::Result<()> {
        let choice = Choice { school_year: self.year, subject: self.subject, level: self.level, scheme: self.scheme };
        let lock = |_: &mut _| Ok(schemes::scope(writer.school));
        let done = db.write_children_here(lock, |conn, touch| {
            if self.forget {
                schemes::forget(conn, touch, writer, &choice)
            } else {
                schemes::choose(conn, touch, writer, &choice).map(|()| true)
            }
        });
        if !told(done)? {
            bail!("nothing was chosen here");
        }
        output::line(format_args!("{}: {}", if self.forget { "forgotten" } else { "chosen" }, line(&choice)))?;
        Ok(())
    }
}

fn list(db: &Db, writer: Writer, year: i32) -> anyhow::Result<()> {
    output::line(format_args!("presets: {}", presets()))?;
    for own in db.read_here(|conn| schemes::list(conn, writer.school))? {
        output::line(format_args!("own: {}, version {}, of {}", own.name, own.version, own.created_at.date()))?;
    }
    for choice in db.read_here(|conn| schemes::choices(conn, writer.school, year))? {
        output::line(format_args!("chosen: {}", line(&choice)))?;
    }
    Ok(())
}

fn line(choice: &Choice) -> String {
    let subject = choice.subject.as_deref().unwrap_or("all subjects");
    let level = choice.level.map_or_else(|| "all levels".to_owned(), |level| format!("level {level}"));
    format!("{}, {subject}, {level}: {}", choice.school_year, choice.scheme)
}

fn presets() -> String {
    PRESETS.join(", ")
}

/// What is wrong with an input, one line a place.
fn told<T>(done: domain::Result<T>) -> anyhow::Result<T> {
    done.map_err(|error| match error {
        domain::Error::Invalid(flaws) => {
            let lines: Vec<String> = flaws.iter().map(|flaw| format!("{} {}", flaw.pointer, flaw.detail)).collect();
            anyhow::anyhow!("{}", lines.join("\n").trim().to_owned())
        }
        other => other.into(),
    })
}
