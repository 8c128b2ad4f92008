//! Brings a database to the schema this binary knows, and refuses one that is ahead of it.

use diesel::backend::Backend;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::migration::{self, MigrationSource};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::connect::Address;
use super::pool::Pool;
use super::{Conn, Db, Settings};
use crate::{Error, Result, faults};

/// The migrations of one set of tables: a tree for each database.
pub struct Tree {
    pub sqlite: EmbeddedMigrations,
    pub postgres: EmbeddedMigrations,
    /// The key of the advisory lock under which PostgreSQL migrates.
    pub lock: i64,
}

const DIARY: Tree = Tree {
    sqlite: embed_migrations!("../migrations/diary/sqlite"),
    postgres: embed_migrations!("../migrations/diary/postgres"),
    lock: 4_150_544_101,
};

/// Applies what is missing of the diary and says how many migrations that were. Several processes may try at once: one does
/// the work, the others wait and find nothing left to do.
pub fn migrate(url: &str) -> Result<usize> {
    DIARY.migrate(url)
}

/// The first migration of the diary this database still lacks; an error if it has one this binary does not know.
pub fn pending(conn: &mut Conn) -> Result<Option<String>> {
    DIARY.pending(conn)
}

/// The newest migration of the diary this binary knows; two versions compare as texts.
pub fn latest() -> Result<String> {
    let known = names::<diesel::sqlite::Sqlite>(&DIARY.sqlite)?;
    known.into_iter().max().ok_or_else(|| Error::Store("this program knows no migrations".to_owned()))
}

impl Db {
    /// Opens the diary. It must have been migrated by this version.
    pub fn open(settings: &Settings) -> Result<Self> {
        DIARY.open(settings)
    }
}

impl Tree {
    /// As [`migrate`], for the tables of this tree.
    pub fn migrate(&self, url: &str) -> Result<usize> {
        let mut conn = Address::parse(url)?.connect()?;
        // SQLite has one lock for all writing: a server or a worker that starts must not wait for whoever has it.
        if matches!(conn, Conn::Sqlite(_)) && self.pending(&mut conn)?.is_none() {
            return Ok(0);
        }
        match &mut conn {
            Conn::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")?,
            Conn::Postgres(conn) => {
                conn.batch_execute(&format!("SET statement_timeout = 0; SELECT pg_advisory_lock({})", self.lock))?;
            }
        }
        let done = self.run(&mut conn)?;
        // On PostgreSQL each migration has committed by itself, and the lock goes with the connection.
        if let Conn::Sqlite(conn) = &mut conn {
            AnsiTransactionManager::commit_transaction(conn)?;
        }
        Ok(done)
    }

    /// Opens a database that holds the tables of this tree.
    pub fn open(&self, settings: &Settings) -> Result<Db> {
        let pool = Pool::open(settings)?;
        if let Some(missing) = pool.run_read(|conn| self.pending(conn))? {
            return Err(Error::Store(format!("the database lacks migration {missing}; run `apta migrate` first")));
        }
        Ok(Db::over(pool, settings))
    }

    fn run(&self, conn: &mut Conn) -> Result<usize> {
        let failed = |error| Error::Store(format!("a migration failed: {error}"));
        self.pending(conn)?;
        let done = match conn {
            Conn::Sqlite(conn) => run(conn, &self.sqlite),
            Conn::Postgres(conn) => run(conn, &self.postgres),
        };
        done.map_err(failed)
    }

    /// As [`pending`], for the tables of this tree.
    fn pending(&self, conn: &mut Conn) -> Result<Option<String>> {
        // A lost connection must be told from a schema that is wrong.
        let failed = |error: Box<dyn std::error::Error + Send + Sync>| match error.downcast::<diesel::result::Error>() {
            Ok(error) => Error::Db(*error),
            Err(error) => Error::Store(format!("cannot read the migrations: {error}")),
        };
        let (known, applied) = match conn {
            Conn::Sqlite(conn) => {
                (names::<diesel::sqlite::Sqlite>(&self.sqlite)?, conn.applied_migrations().map_err(failed)?)
            }
            Conn::Postgres(conn) => {
                (names::<diesel::pg::Pg>(&self.postgres)?, conn.applied_migrations().map_err(failed)?)
            }
        };
        let applied: Vec<String> = applied.iter().map(ToString::to_string).collect();
        if let Some(newer) = applied.iter().find(|version| !known.contains(version)) {
            return Err(Error::NewerStore(newer.clone()));
        }
        Ok(known.into_iter().find(|version| !applied.contains(version)))
    }
}

fn run<DB: Backend>(conn: &mut impl MigrationHarness<DB>, known: &EmbeddedMigrations) -> migration::Result<usize> {
    let pending = conn.pending_migrations(Borrowed(known))?;
    for migration in &pending {
        faults::at("db::migrating");
        conn.run_migration(migration)?;
    }
    Ok(pending.len())
}

/// A source of migrations by reference; Diesel takes sources by value.
struct Borrowed<'a>(&'a EmbeddedMigrations);

impl<DB: Backend> MigrationSource<DB> for Borrowed<'_> {
    fn migrations(&self) -> migration::Result<Vec<Box<dyn migration::Migration<DB>>>> {
        self.0.migrations()
    }
}

fn names<DB: Backend>(source: &EmbeddedMigrations) -> Result<Vec<String>> {
    let migrations = MigrationSource::<DB>::migrations(source)
        .map_err(|error| Error::Store(format!("cannot read the migrations: {error}")))?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).collect())
}
