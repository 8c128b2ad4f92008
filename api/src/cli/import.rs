//! `apta import`: what other systems exported, into the diary.

use std::path::PathBuf;

use anyhow::bail;
use chrono::NaiveDateTime;
use chrono_tz::Tz;
use clap::{Args, Subcommand};
use domain::clock::{Clock, local_day};
use domain::db::Db;
use domain::schools::{self, NewSchool};
use domain::types::{Language, SchoolId};
use interchange::report::{Refusal, Report};
use interchange::{oneroster, workbook};

use super::{open, operator, progress};
use crate::config::Config;

#[derive(Subcommand)]
pub enum Import {
    /// Read a OneRoster 1.1 or 1.2 bundle (CSV, a folder or a zip). Exit code 2: some rows were left out; 1: nothing was taken.
    Oneroster(Source),
    /// Read a workbook as `apta template` writes it: an .xlsx file, or a folder or zip of CSV files. Exit codes as above.
    Workbook(Source),
}

#[derive(Args)]
pub struct Source {
    /// The file or the folder.
    path: PathBuf,
    /// The school that the data is of; it is made if there is none of this name. Of a bundle of several schools, one.
    #[arg(long, value_name = "NAME")]
    school: String,
    /// The IANA time zone of a school that is made.
    #[arg(long, value_name = "ZONE", default_value = "Asia/Almaty")]
    time_zone: Tz,
    /// Allow the bundle to take more than a fifth of the students, guardians, memberships or grades out of the diary.
    #[arg(long)]
    allow_shrink: bool,
    /// Print the report as one line of JSON.
    #[arg(long)]
    json: bool,
}

/// What a guardian's number is, for each kind of file.
const IN_BUNDLE: &str = "the sourcedId in users.csv";
const IN_WORKBOOK: &str = "the number on the sheet; without one it is made of the student's number, the relation and the \
                           name, as in '1001:mother:Омарова Сауле'";

impl Import {
    pub fn run(self, config: &Config) -> anyhow::Result<i32> {
        match self {
            Self::Oneroster(source) => source.told(source.bundle(config), IN_BUNDLE),
            Self::Workbook(source) => source.told(source.workbook(config), IN_WORKBOOK),
        }
    }
}

impl Source {
    /// Prints what became of an import; its exit code.
    fn told(&self, done: anyhow::Result<(Report, String)>, number: &str) -> anyhow::Result<i32> {
        let (report, school) = match done {
            Ok(done) => done,
            Err(error) if self.json => {
                println!("{}", Report::refused(&Refusal::new(format!("{error:#}"))).json()?);
                return Err(error);
            }
            Err(error) => return Err(error),
        };
        if self.json {
            println!("{}", report.json()?);
        } else {
            print!("{}", report.table());
            println!("\nA code for a guardian, whose NUMBER is {number}:");
            println!("  apta invite NUMBER --school {}", quoted(&school));
        }
        Ok(report.exit_code().into())
    }

    /// Reads and checks before the database is touched: a broken bundle changes nothing.
    fn bundle(&self, config: &Config) -> anyhow::Result<(Report, String)> {
        let bundle = oneroster::read(&self.path)?;
        let choice = oneroster::choose(&bundle, &self.school)?;
        let (db, now) = open(config)?;
        let has_calendar = !bundle.academic_sessions.is_empty();
        let school = self.find_or_make(&db, &choice.name, has_calendar, now)?;
        let bar = progress::bar();
        let watch = |done, total| progress::show(&bar, done, total);
        let options = oneroster::Options { allow_shrink: self.allow_shrink, progress: Some(&watch) };
        let report = oneroster::load(&db, school, &bundle, &choice, now, options);
        bar.finish_and_clear();
        Ok((report?, choice.name))
    }

    /// The same of a workbook, which has no calendar of its own.
    fn workbook(&self, config: &Config) -> anyhow::Result<(Report, String)> {
        let today = local_day(Clock::System.now(), self.time_zone);
        let book = workbook::read(&self.path, today)?;
        let (db, now) = open(config)?;
        let name = self.school.trim();
        let school = self.find_or_make(&db, name, false, now)?;
        Ok((workbook::load(&db, school, &book, now)?, name.to_owned()))
    }

    /// The one school of this name or id, else a new one. Only data without a calendar gets one that is not its own.
    fn find_or_make(&self, db: &Db, name: &str, has_calendar: bool, now: NaiveDateTime) -> anyhow::Result<SchoolId> {
        match db.read_here(|conn| schools::named(conn, name))?.as_slice() {
            [one] => return Ok(one.id),
            [] => {}
            _ => bail!("several schools are called {name:?}; name it by its number from `apta school list`"),
        }
        if let Ok(id) = name.parse()
            && let Ok(one) = db.read_here(|conn| schools::one(conn, SchoolId(id)))
        {
            return Ok(one.id);
        }
        if !has_calendar {
            return operator::add(db, name, self.time_zone, now);
        }
        let school = NewSchool {
            name: name.to_owned(),
            time_zone: self.time_zone,
            languages: vec![Language::Kk, Language::Ru],
            days_off: Vec::new(),
        };
        Ok(db.write_here(|conn| schools::create(conn, &school, now))?)
    }
}

/// A word as a shell takes it whole.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "._-/@".contains(c);
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_quoted_for_the_shell() {
        assert_eq!(quoted("Мектеп-7"), "Мектеп-7");
        assert_eq!(quoted("School of TwoDotOne"), "'School of TwoDotOne'");
        assert_eq!(quoted("O'Neill; rm"), r"'O'\''Neill; rm'");
    }
}
