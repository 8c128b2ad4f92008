//! `apta period close`: a period ends, its results become final, or it is opened again.

use anyhow::bail;
use clap::Subcommand;
use domain::assessment::Decimal;
use domain::closing::{self, Closed, Difference};
use domain::db::{Conn, Db};
use domain::intake::Writer;
use domain::periods::Period;
use domain::types::{Language, Word};

use super::operator::find;
use super::{open, output};
use crate::config::Config;

#[derive(Subcommand)]
pub enum Command {
    /// Close a period: no more grades in it, and every result is frozen. Again: nothing changes.
    Close {
        /// The school's own id (externalId) of the period, or its number.
        period: String,
        #[arg(long)]
        school: String,
        /// Open the closed period again instead. Close it anew when all is mended.
        #[arg(long)]
        reopen: bool,
    },
}

impl Command {
    pub fn run(self, config: &Config) -> anyhow::Result<()> {
        let Self::Close { period, school, reopen } = self;
        let (db, now) = open(config)?;
        let writer =
            Writer { school: find(&db, &school)?, staff: None, client: None, now, reopen: true, baseline: false };
        let found = match db.read_here(|conn| closing::find(conn, writer.school, &period)) {
            Err(domain::Error::NotFound(_)) => bail!("the school has no period {period:?}"),
            other => other?,
        };
        let name = found.names.in_language(Language::En);
        if reopen {
            let opened = opened(&db, writer, &found)?;
            output::line(format_args!("{name} {}.", if opened { "is open again" } else { "was not closed" }))?;
            return Ok(());
        }
        match closing::close(&db, writer, found.id) {
            Err(domain::Error::Invalid(flaws)) => {
                bail!("{}", flaws.iter().map(|flaw| flaw.detail.as_ref()).collect::<Vec<_>>().join(" "))
            }
            other => tell(name, &other?),
        }
    }
}

fn opened(db: &Db, writer: Writer, period: &Period) -> domain::Result<bool> {
    let scope = |conn: &mut Conn| closing::scope(conn, writer.school, period.id);
    db.write_children_here(scope, |conn, touch| closing::reopen(conn, touch, writer, period.id))
}

fn tell(name: &str, closed: &Closed) -> anyhow::Result<()> {
    if closed.already {
        output::line(format_args!("{name} was closed already; nothing changed."))?;
    } else {
        output::line(format_args!("{name} is closed; results frozen: {}.", closed.results))?;
    }
    if !closed.differences.is_empty() {
        output::line(format_args!(
            "The journal and the scheme differ here; families read what the journal had at the closing:"
        ))?;
    }
    for difference in &closed.differences {
        output::line(format_args!("  {}", line(difference)))?;
    }
    Ok(())
}

fn line(difference: &Difference) -> String {
    let grade = |grade: &closing::Grade| grade.value.clone().unwrap_or_else(|| grade.status.as_str().to_owned());
    let percent = difference.percent.map_or_else(String::new, |percent| format!(" ({}%)", Decimal(percent)));
    format!(
        "{}  {}  {}: journal {}, scheme {}{percent}",
        difference.student,
        difference.subject.in_language(Language::En),
        difference.kind.as_str(),
        grade(&difference.journal),
        grade(&difference.engine),
    )
}
