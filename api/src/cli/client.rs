//! `apta client`: the journals that may write, and their secrets.

use anyhow::{Context, bail};
use clap::Subcommand;
use domain::clients::{self, NewClient, Scopes};
use domain::secrets;

use super::{open, operator, output};
use crate::config::Config;

#[derive(Subcommand)]
pub enum Client {
    /// Make a journal and print its client id and secret; the secret is shown once.
    Add {
        name: String,
        /// A school it may write for, by name or number; give it again for each further school.
        #[arg(long, required = true)]
        school: Vec<String>,
        /// roster, journal, news, read, reopen (write in closed periods); separated by spaces.
        #[arg(long, default_value = "roster journal news read")]
        scopes: String,
    },
    /// List the journals.
    List,
    /// Print another secret. The one before stays good until the next rotation.
    Rotate {
        client_id: String,
        /// End the secret before and all tokens now: it leaked.
        #[arg(long)]
        at_once: bool,
    },
    /// End a journal's right to act, with its next request.
    Disable { client_id: String },
}

impl Client {
    pub fn run(self, config: &Config) -> anyhow::Result<()> {
        let (db, now) = open(config)?;
        match self {
            Self::Add { name, school, scopes } => {
                let scopes = Scopes::parse(&scopes).map_err(|word| {
                    anyhow::anyhow!("there is no scope {word:?}; the scopes are roster, journal, news, read and reopen")
                })?;
                if scopes.is_empty() {
                    bail!("a journal without a scope can do nothing; name at least one");
                }
                let schools = school.iter().map(|school| operator::find(&db, school)).collect::<Result<_, _>>()?;
                let client = NewClient { name, schools, scopes };
                let (key, secret) = (secrets::token(), secrets::token());
                db.write_here(|conn| clients::add(conn, &client, (&key, &secret), now))?;
                output::line(format_args!(
                    "client id      {key}\nclient secret  {secret}\nThe secret is not shown again."
                ))?;
            }
            Self::List => {
                for client in db.read_here(clients::all)? {
                    let schools: Vec<String> = client.schools.iter().map(|school| school.0.to_string()).collect();
                    let state = if client.disabled { "  (disabled)" } else { "" };
                    let (key, name, scopes) = (&client.key, &client.name, client.scopes.text());
                    output::line(format_args!("{key}  {name}  schools {}  {scopes}{state}", schools.join(", ")))?;
                }
            }
            Self::Rotate { client_id, at_once } => {
                let secret = secrets::token();
                db.write_here(|conn| clients::rotate(conn, &client_id, &secret, at_once)).with_context(unknown)?;
                output::line(format_args!("client secret  {secret}\nThe secret is not shown again."))?;
            }
            Self::Disable { client_id } => {
                db.write_here(|conn| clients::disable(conn, &client_id, now)).with_context(unknown)?;
            }
        }
        Ok(())
    }
}

fn unknown() -> &'static str {
    "no journal was changed; see `apta client list`"
}
