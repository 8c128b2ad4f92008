//! What every request can reach: the database, the clock, the kept answers, the limits, the mailbox.

use anyhow::Context;
use domain::accounts::passwords::Passwords;
use domain::clock::Clock;
use domain::db::Db;
use notifications::mail::Mailer;
use notifications::signal::Signal;
use secrecy::ExposeSecret;

use crate::bodies::Bodies;
use crate::config::Config;
use crate::cursor::Cursors;
use crate::imports::Imports;
use crate::limits::Limiter;

/// The one state of a server.
#[derive(Clone)]
pub struct State {
    pub db: Db,
    pub clock: Clock,
    pub bodies: Bodies,
    pub cursors: Cursors,
    pub limits: Limiter,
    pub passwords: Passwords,
    pub mailer: Mailer,
    /// Wakes the workers of alerts.
    pub signal: Signal,
    pub imports: Imports,
    #[cfg(feature = "rating")]
    pub rating: crate::rating::Holder,
    pub config: Config,
}

impl State {
    /// Puts the state together; the database must have been migrated.
    pub fn new(config: Config, clock: Clock) -> anyhow::Result<Self> {
        config.check()?;
        let cursors = Cursors::new(config.security.key.expose_secret())?;
        let db = Db::open(&config.database)?;
        Ok(Self {
            imports: Imports::new(db.clone(), clock.clone(), &config.data),
            db,
            clock,
            bodies: Bodies::new(config.http.cache_megabytes),
            limits: Limiter::new(&config, cursors.clone())?,
            passwords: Passwords::new(config.security.password_threads)?,
            mailer: Mailer::new(&config.smtp, &config.data).context("the mail settings are not right")?,
            signal: Signal::new(config.redis.url.as_ref().map(ExposeSecret::expose_secret))?,
            cursors,
            #[cfg(feature = "rating")]
            rating: crate::rating::Holder::new(&config),
            config,
        })
    }
}
