//! Settings: defaults, then `apta.toml`, then the environment (`APTA__DATABASE__URL`). Nothing set: it runs, in mode `local`.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// The key a fresh checkout signs cursors with; `production` refuses it.
const SAMPLE_KEY: &str = "apta-sample-key-not-for-production";

/// Everything that can be set. Unknown keys are refused.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub mode: Mode,
    /// Where files go that are not in the database: unsent mail, the demo's passwords.
    pub data: PathBuf,
    pub database: domain::db::Settings,
    pub http: Http,
    pub security: Security,
    pub feed: Feed,
    pub redis: Redis,
    pub smtp: notifications::mail::Settings,
    pub fcm: notifications::fcm::Settings,
    pub notifications: notifications::worker::Settings,
    pub metrics: crate::metrics::Settings,
    pub log: Log,
    #[cfg(feature = "rating")]
    pub rating: rating::Settings,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// For trying it out: sample secrets will do.
    Local,
    /// Refuses to start with anything that is only good for trying out.
    Production,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    pub listen: SocketAddr,
    /// How the outside reaches this server; calendar links and mails are built with it.
    pub public_url: String,
    /// Web origins that may call the API from a browser.
    pub origins: Vec<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpAddr>,
    pub workers: usize,
    /// Megabytes of finished answers kept in memory.
    pub cache_megabytes: u64,
    /// Seconds requests may take to finish after a signal to stop.
    pub drain_seconds: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Security {
    /// Signs cursors and hides what limits are counted by; 32 random characters or more, the same on every instance.
    pub key: SecretString,
    /// Password hashes computed side by side; each takes 19 MiB and a core.
    pub password_threads: usize,
    /// 1: log-in, reset and acceptance are limited; 0 switches that off (for load tests, never in production).
    pub limits: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Feed {
    /// How long a phone may have been away and still learn, change by change, what it missed.
    pub retention_days: u32,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Redis {
    /// `redis://HOST:PORT`; without it, limits are counted in each process.
    pub url: Option<SecretString>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// A `tracing` filter: "info", "api=debug".
    pub filter: String,
    pub format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            mode: Mode::Local,
            data: PathBuf::from("data"),
            database: domain::db::Settings::default(),
            http: Http::default(),
            security: Security::default(),
            feed: Feed::default(),
            redis: Redis::default(),
            smtp: notifications::mail::Settings::default(),
            fcm: notifications::fcm::Settings::default(),
            notifications: notifications::worker::Settings::default(),
            metrics: crate::metrics::Settings::default(),
            log: Log { filter: "info".to_owned(), format: LogFormat::Text },
            #[cfg(feature = "rating")]
            rating: rating::Settings::default(),
        }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: "http://127.0.0.1:8080".to_owned(),
            origins: Vec::new(),
            proxies: Vec::new(),
            workers: std::thread::available_parallelism().map_or(2, usize::from),
            cache_megabytes: 64,
            drain_seconds: 30,
        }
    }
}

impl Default for Security {
    fn default() -> Self {
        Self { key: SAMPLE_KEY.into(), password_threads: 2, limits: 1 }
    }
}

impl Default for Feed {
    fn default() -> Self {
        Self { retention_days: 90 }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::Text }
    }
}

impl Config {
    /// Reads the settings. `file` must be there if it is named; without a name `apta.toml` may be missing.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        let source = match file {
            Some(file) => config::File::from(file).required(true),
            None => config::File::new("apta.toml", config::FileFormat::Toml).required(false),
        };
        let environment = config::Environment::with_prefix("APTA")
            .prefix_separator("__")
            .separator("__")
            .try_parsing(true)
            .list_separator(",")
            .with_list_parse_key("http.origins")
            .with_list_parse_key("http.proxies");
        let mut builder = config::Config::builder();
        if let Some(url) = plain_database_url() {
            builder = builder.set_default("database.url", url)?;
        }
        let built =
            builder.add_source(source).add_source(environment).build().context("the settings cannot be read")?;
        built.try_deserialize().context("the settings are not right")
    }

    /// Refuses what must not run in production.
    pub fn check(&self) -> anyhow::Result<()> {
        if self.security.key.expose_secret().len() < 32 {
            bail!("APTA__SECURITY__KEY must have 32 characters or more");
        }
        if !(1..=3650).contains(&self.feed.retention_days) {
            bail!("APTA__FEED__RETENTION_DAYS must be 1 to 3650");
        }
        if self.mode == Mode::Production { self.check_production() } else { Ok(()) }
    }

    fn check_production(&self) -> anyhow::Result<()> {
        if self.security.key.expose_secret() == SAMPLE_KEY {
            bail!("mode production refuses the sample key: set APTA__SECURITY__KEY to 32 random characters or more");
        }
        if self.security.limits == 0 {
            bail!("mode production refuses to run without limits: take APTA__SECURITY__LIMITS=0 away");
        }
        if !self.http.public_url.starts_with("https://") {
            bail!(
                "mode production leads families here by https: set APTA__HTTP__PUBLIC_URL to the https:// address of this server"
            );
        }
        if self.fcm.credentials.is_none() && !self.fcm.off {
            bail!(
                "mode production pushes to phones: set APTA__FCM__CREDENTIALS to the key file of a service account, or APTA__FCM__OFF=true"
            );
        }
        if self.smtp.url.is_none() && !self.smtp.off {
            bail!("mode production sends letters: set APTA__SMTP__URL to a mail server, or APTA__SMTP__OFF=true");
        }
        if self.smtp.server().is_some() && self.smtp.has_sample_sender() {
            bail!("mode production refuses the sample sender: set APTA__SMTP__FROM to an address of yours");
        }
        if self.redis.url.is_some() && !self.database.url.starts_with("postgres") {
            bail!("Redis is for several instances, and SQLite is for one: set APTA__DATABASE__URL to PostgreSQL");
        }
        Ok(())
    }
}

#[allow(clippy::disallowed_methods, reason = "the one place that reads the environment by name")]
fn plain_database_url() -> Option<String> {
    std::env::var("DATABASE_URL").ok().filter(|url| !url.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    type Spoil = fn(&mut Config);

    /// Settings of an operator who has done all there is to do.
    fn production() -> Config {
        let mut config = Config { mode: Mode::Production, ..Config::default() };
        config.security.key = "0123456789abcdef0123456789abcdef".into();
        config.http.public_url = "https://diary.kz".to_owned();
        config.fcm.credentials = Some("key.json".into());
        config.smtp.url = Some("smtps://apta:secret@mail.kz".into());
        config.smtp.from = "Apta <no-reply@diary.kz>".to_owned();
        config
    }

    #[test]
    fn production_refuses_what_is_only_good_for_trying_out() {
        let sample = Config::default();
        assert!(sample.check().is_ok() && production().check().is_ok());
        let spoiled: [(Spoil, &str); 6] = [
            (|config| config.security.key = SAMPLE_KEY.into(), "APTA__SECURITY__KEY"),
            (|config| config.security.limits = 0, "APTA__SECURITY__LIMITS"),
            (|config| config.http.public_url = "http://diary.kz".to_owned(), "APTA__HTTP__PUBLIC_URL"),
            (|config| config.fcm.credentials = None, "APTA__FCM__OFF=true"),
            (|config| config.smtp.url = None, "APTA__SMTP__OFF=true"),
            (|config| config.smtp.from = Config::default().smtp.from, "APTA__SMTP__FROM"),
        ];
        for (spoil, named) in spoiled {
            let mut config = production();
            spoil(&mut config);
            let told = config.check().unwrap_err().to_string();
            assert!(told.contains("mode production") && told.contains(named), "{named}: {told}");
        }
    }

    #[test]
    fn production_may_do_without_pushes_and_letters_if_that_is_meant() {
        let mut config = production();
        (config.fcm.credentials, config.fcm.off) = (None, true);
        config.smtp = notifications::mail::Settings { off: true, ..Config::default().smtp };
        assert!(config.check().is_ok());
    }

    #[test]
    fn secrets_do_not_show_when_settings_are_printed() {
        assert!(!format!("{:?}", Config::default()).contains(SAMPLE_KEY));
    }
}
