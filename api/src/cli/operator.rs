//! What an operator does by hand: schools, clients, invitations, resets.

use anyhow::{Context, bail};
use chrono_tz::Tz;
use clap::{Args, Subcommand, ValueEnum};
use domain::accounts::{self, Login, resets};
use domain::db::Db;
use domain::invitations::{self, Invited};
use domain::schools::{self, NewSchool};
use domain::types::{Language, Role, SchoolId};
use domain::{presets, secrets};

use super::{open, output};
use crate::config::Config;

#[derive(Subcommand)]
pub enum School {
    /// Make a school with the calendar of Kazakhstan for this school year.
    Add {
        name: String,
        /// Its IANA time zone.
        #[arg(long, default_value = "Asia/Almaty")]
        time_zone: Tz,
    },
    /// List the schools.
    List,
}

#[derive(Args)]
pub struct Invite {
    /// The school's own number (externalId) of the person.
    number: String,
    #[arg(long)]
    school: String,
    #[arg(long = "as", value_enum, default_value_t = Kind::Guardian)]
    kind: Kind,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Kind {
    Guardian,
    Student,
    Teacher,
    SchoolAdmin,
}

#[derive(Subcommand)]
pub enum Account {
    /// Print a code that sets a new password, for somebody without e-mail.
    Reset { login: String },
}

impl School {
    pub fn run(self, config: &Config) -> anyhow::Result<()> {
        let (db, now) = open(config)?;
        match self {
            Self::Add { name, time_zone } => {
                let id = add(&db, &name, time_zone, now)?;
                output::line(format_args!("school {}: {name}", id.0))?;
            }
            Self::List => {
                for school in db.read_here(schools::all)? {
                    output::line(format_args!("{:>6}  {}  ({})", school.id.0, school.name, school.time_zone))?;
                }
            }
        }
        Ok(())
    }
}

/// Makes a school with the preset calendar, where there is one for this year.
pub fn add(db: &Db, name: &str, time_zone: Tz, now: chrono::NaiveDateTime) -> anyhow::Result<SchoolId> {
    if name.trim().is_empty() {
        bail!("a school has a name");
    }
    let year = domain::periods::school_year_of(domain::clock::local_day(now, time_zone));
    let calendar = presets::kazakhstan(year);
    let school = NewSchool {
        name: name.to_owned(),
        time_zone,
        languages: vec![Language::Kk, Language::Ru],
        days_off: calendar.as_ref().map(|calendar| calendar.days_off.clone()).unwrap_or_default(),
    };
    let id = db.write_here(|conn| schools::create(conn, &school, now))?;
    if let Some(calendar) = calendar {
        let writer =
            domain::intake::Writer { school: id, staff: None, client: None, now, reopen: false, baseline: true };
        domain::intake::put(db, writer, &calendar.periods)?;
    }
    Ok(id)
}

/// The one school of this name or id.
pub fn find(db: &Db, name: &str) -> anyhow::Result<SchoolId> {
    let named = db.read_here(|conn| schools::named(conn, name))?;
    match named.as_slice() {
        [one] => Ok(one.id),
        [] => {
            let id = name.parse().map(SchoolId).ok();
            let one = id.and_then(|id| db.read_here(|conn| schools::one(conn, id)).ok());
            one.map(|one| one.id).with_context(|| format!("there is no school {name:?}; see `apta school list`"))
        }
        _ => bail!("several schools are called {name:?}; name it by its number from `apta school list`"),
    }
}

impl Invite {
    pub fn run(self, config: &Config) -> anyhow::Result<()> {
        let (db, now) = open(config)?;
        let school = find(&db, &self.school)?;
        let who = match self.kind {
            Kind::Guardian => Invited::Guardian(self.number.clone()),
            Kind::Student => Invited::Student(self.number.clone()),
            Kind::Teacher => Invited::Staff(self.number.clone(), Role::Teacher),
            Kind::SchoolAdmin => Invited::Staff(self.number.clone(), Role::SchoolAdmin),
        };
        let code = secrets::code();
        match db.write_here(|conn| invitations::open(conn, school, &who, &code, now)) {
            Err(domain::Error::NotFound(noun)) => {
                let noun = format!("{noun:?}").to_lowercase();
                bail!("the school knows no {noun} with the number {:?}", self.number)
            }
            other => other?,
        }
        output::line(&code)?;
        eprintln!("Good for {} days, once: POST /v1/invitations/{code}/accept", invitations::LIFE.num_days());
        Ok(())
    }
}

impl Account {
    pub fn run(self, config: &Config) -> anyhow::Result<()> {
        let Self::Reset { login } = self;
        let (db, now) = open(config)?;
        let parsed = Login::parse(&login).map_err(|_| anyhow::anyhow!("{login:?} is not a login"))?;
        let code = secrets::code();
        let opened = db.write_here(|conn| {
            let Some((account, _)) = accounts::by_login(conn, &parsed)? else { return Ok(None) };
            resets::open(conn, account.id, &code, now).map(Some)
        })?;
        match opened {
            None => bail!("there is no account with the login {login:?}"),
            Some(false) => bail!("this account had three resets within an hour; wait, or use the last code"),
            Some(true) => output::line(code),
        }
    }
}
