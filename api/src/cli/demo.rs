//! `apta demo`: a school to look at, made once and found again.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use domain::clock::Clock;
use domain::db::{Db, Settings};
use serde::Serialize;

use super::{output, serve};
use crate::config::Config;
use crate::demo::{self, Credentials};

#[derive(Args)]
pub struct Demo {
    /// The port; 0 takes any free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Where the school is kept.
    #[arg(long, value_name = "DIR", default_value = "data/demo")]
    data: PathBuf,
    /// How many pupils the first school has.
    #[arg(long, value_name = "N")]
    pupils: Option<usize>,
    /// Fill a whole school year.
    #[arg(long)]
    year: bool,
    /// Another seed, another school.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print one line of JSON instead of the table.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    url: &'a str,
    #[serde(flatten)]
    credentials: &'a Credentials,
}

impl Demo {
    pub fn run(self, mut config: Config) -> anyhow::Result<()> {
        let own = config.database.url == Settings::default().url;
        std::fs::create_dir_all(&self.data)
            .with_context(|| format!("cannot make the data directory {}", self.data.display()))?;
        if own {
            config.database.url = format!("sqlite:{}", self.data.join("diary.db").display());
        }
        config.data.clone_from(&self.data);
        config.http.listen = SocketAddr::from(([127, 0, 0, 1], self.port));
        let credentials = self.find_or_make(&config, own)?;
        serve::serve(config, true, |address| {
            let url = format!("http://{address}");
            if self.json {
                output::line(serde_json::to_string(&Line { url: &url, credentials: &credentials })?)?;
            } else {
                output::text(table(&url, &credentials))?;
            }
            Ok(())
        })
    }

    fn find_or_make(&self, config: &Config, own: bool) -> anyhow::Result<Credentials> {
        let kept = self.data.join("demo.json");
        if kept.exists() {
            domain::db::migrate(&config.database.url)?;
            let text = std::fs::read_to_string(&kept).with_context(|| format!("cannot read {}", kept.display()))?;
            return serde_json::from_str(&text)
                .with_context(|| format!("{} is not a demo's file; choose another --data", kept.display()));
        }
        let credentials = if own { self.make_file(config)? } else { self.make(config)? };
        std::fs::write(&kept, serde_json::to_vec_pretty(&credentials)?)
            .with_context(|| format!("cannot write {}", kept.display()))?;
        Ok(credentials)
    }

    /// Builds under another name first, so that a demo cut off half-way is no demo.
    fn make_file(&self, config: &Config) -> anyhow::Result<Credentials> {
        let (building, done) = (self.data.join("building.db"), self.data.join("diary.db"));
        if done.exists() {
            bail!("{} holds a diary that is not a demo; choose another --data", self.data.display());
        }
        remove(&building)?;
        // What belongs to a demo that was cut off.
        remove(&self.data.join("rating.db"))?;
        let mut beside = config.clone();
        beside.database.url = format!("sqlite:{}", building.display());
        let credentials = self.make(&beside)?;
        // The last connection to close leaves one file behind, without a journal.
        std::fs::rename(&building, &done).with_context(|| format!("cannot write {}", done.display()))?;
        Ok(credentials)
    }

    fn make(&self, config: &Config) -> anyhow::Result<Credentials> {
        domain::db::migrate(&config.database.url)?;
        let db = Db::open(&config.database)?;
        if !db.read_here(domain::schools::all)?.is_empty() {
            bail!("the database already holds schools, and the demo makes its own; choose an empty one");
        }
        let options = demo::Options { pupils: self.pupils, year: self.year, seed: self.seed };
        let now = Clock::System.now();
        let made = demo::build(&db, &options, now, &|step| tracing::info!(step, "making the demo school"))?;
        // A school for measurements is left as it is.
        #[cfg(feature = "rating")]
        if self.pupils.is_none() {
            demo::rating::show(&db, crate::rating::Holder::new(config).open()?, &made, now)?;
        }
        Ok(made.credentials)
    }
}

fn remove(database: &Path) -> anyhow::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let file = PathBuf::from(format!("{}{suffix}", database.display()));
        if file.exists() {
            std::fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
        }
    }
    Ok(())
}

/// What a person sees: logins, three commands, the address of the docs.
fn table(url: &str, credentials: &Credentials) -> String {
    let mut text = format!(
        "\n  Apta serves a demo school at {url}\n\n  {:<13} {:<12} {:<24} children\n",
        "role", "login", "password"
    );
    for login in &credentials.logins {
        let children: Vec<String> = login.child_ids.iter().map(ToString::to_string).collect();
        let role = domain::types::Word::as_str(login.role);
        text += &format!("  {role:<13} {:<12} {:<24} {}\n", login.login, login.password, children.join(", "));
    }
    for client in &credentials.clients {
        text +=
            &format!("  journal       {} of school {}: {}\n", client.client_id, client.school_id, client.client_secret);
    }
    if let Some(parent) = credentials.logins.first() {
        let child = parent.child_ids.first().copied().unwrap_or_default();
        let body = format!(
            r#"{{"login":"{}","password":"{}","device":{{"name":"curl","platform":"web"}}}}"#,
            parent.login, parent.password
        );
        text += &format!(
            "\n  Try:\n    TOKEN=$(curl -s {url}/v1/sessions -H 'Content-Type: application/json' -d '{body}' | sed 's/.*\"accessToken\":\"\\([^\"]*\\)\".*/\\1/')\n    curl -s {url}/v1/children -H \"Authorization: Bearer $TOKEN\"\n    curl -s {url}/v1/children/{child}/diary -H \"Authorization: Bearer $TOKEN\" -H 'Accept-Language: ru'\n"
        );
        #[cfg(feature = "rating")]
        {
            text += &format!("    curl -s {url}/v1/children/{child}/rating -H \"Authorization: Bearer $TOKEN\"\n");
        }
        text += &format!("\n  API docs: {url}/docs/    Ctrl-C stops.\n\n");
    }
    text
}
