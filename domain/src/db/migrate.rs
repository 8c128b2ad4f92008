//! Brings a database to the schema this binary knows, and refuses one that is ahead of it.

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::migration::MigrationSource;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::Conn;
use super::connect::Address;
use crate::{Error, Result};

const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/diary/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/diary/postgres");

/// Applies what is missing and says how many migrations that were. Several processes may try at once: one does the work,
/// the others wait and find nothing left to do.
pub fn migrate(url: &str) -> Result<usize> {
    let mut conn = Address::parse(url)?.connect()?;
    match &mut conn {
        Conn::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")?,
        Conn::Postgres(conn) => conn.batch_execute("SET statement_timeout = 0; SELECT pg_advisory_lock(4150544101)")?,
    }
    let done = run(&mut conn)?;
    // On PostgreSQL each migration has committed by itself, and the lock goes with the connection.
    if let Conn::Sqlite(conn) = &mut conn {
        AnsiTransactionManager::commit_transaction(conn)?;
    }
    Ok(done)
}

fn run(conn: &mut Conn) -> Result<usize> {
    let failed = |error| Error::Store(format!("a migration failed: {error}"));
    pending(conn)?;
    match conn {
        Conn::Sqlite(conn) => conn.run_pending_migrations(SQLITE).map(|done| done.len()).map_err(failed),
        Conn::Postgres(conn) => conn.run_pending_migrations(POSTGRES).map(|done| done.len()).map_err(failed),
    }
}

/// The first migration this database still lacks; an error if it has one this binary does not know.
pub fn pending(conn: &mut Conn) -> Result<Option<String>> {
    // A lost connection must be told from a schema that is wrong.
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| match error.downcast::<diesel::result::Error>() {
        Ok(error) => Error::Db(*error),
        Err(error) => Error::Store(format!("cannot read the migrations: {error}")),
    };
    let (known, applied) = match conn {
        Conn::Sqlite(conn) => (names::<diesel::sqlite::Sqlite>(&SQLITE)?, conn.applied_migrations().map_err(failed)?),
        Conn::Postgres(conn) => (names::<diesel::pg::Pg>(&POSTGRES)?, conn.applied_migrations().map_err(failed)?),
    };
    let applied: Vec<String> = applied.iter().map(ToString::to_string).collect();
    if let Some(newer) = applied.iter().find(|version| !known.contains(version)) {
        return Err(Error::NewerStore(newer.clone()));
    }
    Ok(known.into_iter().find(|version| !applied.contains(version)))
}

/// The newest migration this binary knows; two versions compare as texts.
pub fn latest() -> Result<String> {
    let known = names::<diesel::sqlite::Sqlite>(&SQLITE)?;
    known.into_iter().max().ok_or_else(|| Error::Store("this program knows no migrations".to_owned()))
}

fn names<DB: diesel::backend::Backend>(source: &EmbeddedMigrations) -> Result<Vec<String>> {
    let migrations = MigrationSource::<DB>::migrations(source)
        .map_err(|error| Error::Store(format!("cannot read the migrations: {error}")))?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).collect())
}
