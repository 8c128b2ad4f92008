//! The command line: `apta demo`, `serve`, `migrate`, `import`, `template`, and what an operator needs between them.

// A closed pipe ends `println!` in a panic.
#![deny(clippy::print_stdout)]

mod alerts;
mod client;
mod demo;
mod doctor;
mod export;
mod import;
mod operator;
mod output;
mod period;
mod progress;
#[cfg(feature = "rating")]
mod rating;
mod restore;
mod scheme;
mod serve;
mod template;

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use domain::clock::Clock;
use domain::db::Db;

use crate::config::{Config, LogFormat};
use crate::document;

#[derive(Parser)]
#[command(name = "apta", version, about = "The school diary behind parents' apps.")]
struct Arguments {
    /// Read settings from this file instead of apta.toml.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a school with data, print a parent's login, and serve it.
    Demo(demo::Demo),
    /// Serve the API and send alerts.
    Serve(serve::Serve),
    /// Send alerts, and nothing else; any number may run.
    Worker,
    /// Bring the database to this version.
    Migrate,
    /// Show the settings in force, without secrets.
    Config,
    /// Test the settings and say what is wrong.
    Doctor,
    /// Read a school's files.
    #[command(subcommand)]
    Import(import::Import),
    /// Write a school's archive.
    #[command(subcommand)]
    Export(export::Export),
    /// Restore a school from its archive.
    Restore(restore::Restore),
    /// Write the workbook that a school fills in for `apta import workbook`.
    Template(template::Template),
    /// Make a school.
    #[command(subcommand)]
    School(operator::School),
    /// Close a period of a school.
    #[command(subcommand)]
    Period(period::Command),
    /// Say what a school grades by.
    #[command(subcommand)]
    Scheme(scheme::Scheme),
    /// Manage the journals that may write.
    #[command(subcommand)]
    Client(client::Client),
    /// Print an invitation code for somebody a school knows.
    Invite(operator::Invite),
    /// See what could not be sent, and send it again.
    #[command(subcommand)]
    Alerts(alerts::Alerts),
    /// Help an account.
    #[command(subcommand)]
    Account(operator::Account),
    /// The student rating.
    #[cfg(feature = "rating")]
    #[command(subcommand)]
    Rating(rating::Rating),
    /// Codes that open the student rating.
    #[cfg(feature = "rating")]
    #[command(subcommand)]
    Voucher(rating::Voucher),
    /// Print the API document.
    Openapi,
}

/// Runs the command of this process; its exit code. Errors are one sentence on standard error.
pub fn run() -> i32 {
    match dispatch(Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("apta: {error:#}");
            1
        }
    }
}

fn dispatch(arguments: Arguments) -> anyhow::Result<i32> {
    let config = Config::load(arguments.config.as_deref())?;
    if let Command::Openapi = arguments.command {
        return output::text(document::json(document::openapi())).map(|()| 0);
    }
    log(&config)?;
    match arguments.command {
        Command::Demo(demo) => demo.run(config).map(|()| 0),
        Command::Serve(serve) => serve.run(config).map(|()| 0),
        Command::Worker => serve::work(config).map(|()| 0),
        Command::Migrate => {
            let applied = domain::db::migrate(&config.database.url)?;
            #[cfg(feature = "rating")]
            let applied = applied + ::rating::migrate(&config.rating, &config.database)?;
            let told = format!("{applied} migrations applied; the database is up to date.");
            output::line(told).map(|()| 0)
        }
        Command::Config => {
            output::line(format_args!("{config:#?}"))?;
            config.check().map(|()| 0)
        }
        Command::Doctor => doctor::run(&config),
        Command::Import(import) => import.run(&config),
        Command::Export(export) => export.run(&config),
        Command::Restore(restore) => restore.run(&config),
        Command::Template(template) => template.run().map(|()| 0),
        Command::School(school) => school.run(&config).map(|()| 0),
        Command::Period(period) => period.run(&config).map(|()| 0),
        Command::Scheme(scheme) => scheme.run(&config).map(|()| 0),
        Command::Client(client) => client.run(&config).map(|()| 0),
        Command::Invite(invite) => invite.run(&config).map(|()| 0),
        Command::Alerts(alerts) => alerts.run(&config).map(|()| 0),
        Command::Account(account) => account.run(&config).map(|()| 0),
        #[cfg(feature = "rating")]
        Command::Rating(rating) => rating.run(&config).map(|()| 0),
        #[cfg(feature = "rating")]
        Command::Voucher(voucher) => voucher.run(&config).map(|()| 0),
        Command::Openapi => Ok(0),
    }
}

/// The database, migrated, and the time, for a command that works on it by itself.
fn open(config: &Config) -> anyhow::Result<(Db, chrono::NaiveDateTime)> {
    domain::db::migrate(&config.database.url)?;
    Ok((Db::open(&config.database)?, Clock::System.now()))
}

/// Logs go to standard error; standard output is for answers.
fn log(config: &Config) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log.filter)?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let done = match config.log.format {
        LogFormat::Text => builder.compact().try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    done.map_err(|error| anyhow::anyhow!("logging cannot start: {error}"))
}
