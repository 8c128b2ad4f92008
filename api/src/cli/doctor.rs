//! `apta doctor`: does what is configured work?

use domain::clock::Clock;
use domain::db::Db;
use notifications::fcm::Fcm;
use notifications::mail::Mailer;
use secrecy::ExposeSecret;

use super::output;
use crate::config::Config;

/// Prints a line a check; exit code 1 if one fails.
pub fn run(config: &Config) -> anyhow::Result<i32> {
    let mut healthy = tell("settings", config.check().map(|()| format!("{:?}", config.mode).to_lowercase()))?;
    healthy &= tell("database", database(config))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    healthy &= tell("redis", runtime.block_on(redis(config)))?;
    healthy &= tell("mail", runtime.block_on(mail(config)))?;
    healthy &= tell("push", runtime.block_on(push(config)))?;
    Ok(i32::from(!healthy))
}

fn tell(what: &str, found: anyhow::Result<String>) -> anyhow::Result<bool> {
    let well = found.is_ok();
    let text = found.unwrap_or_else(|error| format!("{error:#}"));
    output::line(format_args!("{} {what:<9} {text}", if well { "ok  " } else { "FAIL" }))?;
    Ok(well)
}

fn database(config: &Config) -> anyhow::Result<String> {
    let db = Db::open(&config.database)?;
    let schools = db.read_here(domain::schools::all)?.len();
    let kind = if config.database.url.starts_with("postgres") { "PostgreSQL" } else { "SQLite" };
    Ok(format!("{kind}, up to date, schools: {schools}"))
}

async fn redis(config: &Config) -> anyhow::Result<String> {
    let Some(url) = &config.redis.url else {
        return Ok("not configured; limits are counted in this process".to_owned());
    };
    let client = redis::Client::open(url.expose_secret())?;
    let mut connection = client.get_multiplexed_async_connection().await?;
    let _: String = redis::cmd("PING").query_async(&mut connection).await?;
    Ok("answers".to_owned())
}

async fn mail(config: &Config) -> anyhow::Result<String> {
    let mailer = Mailer::new(&config.smtp, &config.data)?;
    if config.smtp.server().is_none() {
        return Ok(format!("not configured; letters become files in {}", config.data.join("outbox").display()));
    }
    anyhow::ensure!(mailer.test().await?, "the SMTP server does not answer a greeting");
    Ok("the SMTP server answers".to_owned())
}

async fn push(config: &Config) -> anyhow::Result<String> {
    match Fcm::new(&config.fcm, Clock::System)? {
        None => Ok("not configured; phones are told nothing, their owners find all in the app".to_owned()),
        Some(fcm) => fcm.test().await.map(|()| "FCM takes messages for the project".to_owned()).map_err(Into::into),
    }
}
