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
use interchange::rehearsal::Rehearsal;
use interchange::report::Report;
use interchange::{Options, Progress, archive, oneroster, workbook};

use super::{open, operator, output, progress};
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
    /// Allow it to take more than a fifth of the students, guardians, memberships, lessons or grades out of the diary.
    #[arg(long)]
    allow_shrink: bool,
    /// Change nothing: do everything in a copy of the school and print what would become of it.
    #[arg(long)]
    dry_run: bool,
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
        let (report, school) = output::told(done, self.json)?;
        output::report(&report, self.json)?;
        if !self.json && !self.dry_run {
            output::line(format_args!("\nA code for a guardian, whose NUMBER is {number}:"))?;
            output::line(format_args!("  apta invite NUMBER --school {}", quoted(&school)))?;
        }
        Ok(report.exit_code().into())
    }

    /// Reads and checks before the database is touched: a broken bundle changes nothing.
    fn bundle(&self, config: &Config) -> anyhow::Result<(Report, String)> {
        let bundle = oneroster::read(&self.path)?;
        let choice = oneroster::choose(&bundle, &self.school)?;
        let stage = self.stage(config, &choice.name, !bundle.academic_sessions.is_empty())?;
        let report = progress::watched(|watch| {
            oneroster::load(&stage.db, stage.school, &bundle, &choice, stage.now, self.options(watch))
        })?;
        Ok((Report { dry_run: self.dry_run, ..report }, choice.name))
    }

    /// The same of a workbook, which has no calendar of its own.
    fn workbook(&self, config: &Config) -> anyhow::Result<(Report, String)> {
        let today = local_day(Clock::System.now(), self.time_zone);
        let book = workbook::read(&self.path, today)?;
        let name = self.school.trim();
        let stage = self.stage(config, name, false)?;
        let report =
            progress::watched(|watch| workbook::load(&stage.db, stage.school, &book, stage.now, self.options(watch)))?;
        Ok((Report { dry_run: self.dry_run, ..report }, name.to_owned()))
    }

    fn options<'a>(&self, watch: Progress<'a>) -> Options<'a> {
        Options { allow_shrink: self.allow_shrink, progress: Some(watch) }
    }

    /// Where the import goes: into the school, which is made if there is none, or into a copy that is thrown away.
    fn stage(&self, config: &Config, name: &str, has_calendar: bool) -> anyhow::Result<Stage> {
        let (db, now) = open(config)?;
        let known = find(&db, name)?;
        if !self.dry_run {
            let school = known.map_or_else(|| self.make(&db, name, has_calendar, now), Ok)?;
            return Ok(Stage { db, school, now, _copy: None });
        }
        let copy = Rehearsal::new()?;
        let school = match known {
            Some(school) => archive::copy(&db, school, &copy.db)?,
            None => self.make(&copy.db, name, has_calendar, now)?,
        };
        Ok(Stage { db: copy.db.clone(), school, now, _copy: Some(copy) })
    }

    /// Only data without a calendar gets one that is not its own.
    fn make(&self, db: &Db, name: &str, has_calendar: bool, now: NaiveDateTime) -> anyhow::Result<SchoolId> {
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

/// A school in a database, real or copied.
struct Stage {
    db: Db,
    school: SchoolId,
    now: NaiveDateTime,
    _copy: Option<Rehearsal>,
}

/// The one school of this name or number.
fn find(db: &Db, name: &str) -> anyhow::Result<Option<SchoolId>> {
    match db.read_here(|conn| schools::named(conn, name))?.as_slice() {
        [one] => return Ok(Some(one.id)),
        [] => {}
        _ => bail!("several schools are called {name:?}; name it by its number from `apta school list`"),
    }
    let Ok(number) = name.parse() else { return Ok(None) };
    Ok(db.read_here(|conn| schools::one(conn, SchoolId(number))).ok().map(|one| one.id))
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
