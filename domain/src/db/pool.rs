//! Connections at rest, transactions, and what happens when the server goes away.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::r2d2::{self, ManageConnection, PooledConnection};
use diesel::result::{DatabaseErrorKind, Error as SqlError};

use super::alone::{self, Alone};
use super::connect::{Address, count_statements};
use super::{Conn, Scope, Settings, Touch, on_backend};
use crate::{Error, Result, faults};

/// How often a transaction is tried that lost a race; each loss means that another one won.
const TRIES: u32 = 50;
/// After so many losses a transaction runs alone in this process: those that keep winning would beat it for ever.
const PATIENT: u32 = 5;

/// How a transaction begins, on SQLite and on PostgreSQL.
struct Begin {
    sqlite: &'static str,
    postgres: &'static str,
}

const SERIALIZABLE: Begin = Begin { sqlite: "BEGIN IMMEDIATE", postgres: "BEGIN ISOLATION LEVEL SERIALIZABLE" };
const COMMITTED: Begin = Begin { sqlite: "BEGIN IMMEDIATE", postgres: "BEGIN ISOLATION LEVEL READ COMMITTED" };
/// A step of long work: what it looks up grows from nothing meanwhile, and PostgreSQL would keep the plans made for few rows.
const STEP: Begin = Begin { sqlite: COMMITTED.sqlite, postgres: "BEGIN ISOLATION LEVEL READ COMMITTED; DISCARD PLANS" };
/// SQLite's deferred transaction keeps what its first read saw.
const SNAPSHOT: Begin = Begin { sqlite: "BEGIN", postgres: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" };

/// A connection with what the pool must know of it.
pub(super) struct Line {
    conn: Conn,
    /// Set while a transaction runs: a panic leaves it set, and the connection is thrown away.
    in_doubt: bool,
    /// The connections opened before the last loss are asked whether they still live.
    generation: u64,
}

pub(super) struct Manager {
    address: Address,
    statements: Arc<AtomicU64>,
    generation: Arc<AtomicU64>,
}

impl ManageConnection for Manager {
    type Connection = Line;
    type Error = Error;

    fn connect(&self) -> Result<Line> {
        let mut conn = self.address.connect()?;
        count_statements(&mut conn, Arc::clone(&self.statements));
        Ok(Line { conn, in_doubt: false, generation: self.generation.load(Ordering::Relaxed) })
    }

    fn is_valid(&self, line: &mut Line) -> Result<()> {
        Ok(line.conn.batch_execute("SELECT 1")?)
    }

    fn has_broken(&self, line: &mut Line) -> bool {
        line.in_doubt
    }
}

pub(super) struct Pool {
    readers: r2d2::Pool<Manager>,
    /// SQLite has one writer; PostgreSQL writes through the readers' pool.
    writer: Option<r2d2::Pool<Manager>>,
    address: Address,
    /// Shared by all transactions, held alone by one that lost too often.
    turn: RwLock<()>,
    statements: Arc<AtomicU64>,
    generation: Arc<AtomicU64>,
}

impl Pool {
    pub(super) fn open(settings: &Settings) -> Result<Self> {
        let address = Address::parse(&settings.url)?;
        let statements = Arc::new(AtomicU64::new(0));
        let generation = Arc::new(AtomicU64::new(0));
        // One try by hand first: the pool would swallow the reason.
        drop(address.connect()?);
        let pool = |size: u32| {
            r2d2::Pool::builder()
                .max_size(size.max(1))
                .min_idle(Some(1))
                .test_on_check_out(false)
                .idle_timeout(Some(Duration::from_secs(600)))
                .connection_timeout(Duration::from_secs(2))
                .error_handler(Box::new(r2d2::NopErrorHandler))
                .build(Manager {
                    address: address.clone(),
                    statements: Arc::clone(&statements),
                    generation: Arc::clone(&generation),
                })
                .map_err(|error| Error::Store(format!("cannot open the database: {error}")))
        };
        let writer = if matches!(address, Address::Sqlite(_)) { Some(pool(1)?) } else { None };
        let readers = pool(settings.connections)?;
        Ok(Self { readers, writer, address, turn: RwLock::default(), statements, generation })
    }

    pub(super) fn readers(&self) -> usize {
        usize::try_from(self.readers.max_size()).unwrap_or(1)
    }

    pub(super) fn writers(&self) -> usize {
        if self.writes_alone() { 1 } else { self.readers() }
    }

    /// Whether all writes of the world go through one connection at a time.
    pub(super) fn writes_alone(&self) -> bool {
        self.writer.is_some()
    }

    pub(super) fn alone(&self, work: Alone) -> Result<Option<alone::Guard>> {
        alone::take(&self.address, work)
    }

    pub(super) fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    pub(super) fn run_read<T>(&self, work: impl Fn(&mut Conn) -> Result<T>) -> Result<T> {
        let mut tries = 0;
        loop {
            let mut line = self.line(&self.readers)?;
            match self.watched(&mut line, &work) {
                Err(Error::Busy) if tries == 0 => tries += 1,
                other => return other,
            }
        }
    }

    pub(super) fn run_write<T>(&self, work: impl Fn(&mut Conn) -> Result<T>) -> Result<T> {
        self.transact(&SERIALIZABLE, work)
    }

    pub(super) fn run_write_rows<T>(&self, work: impl Fn(&mut Conn) -> Result<T>) -> Result<T> {
        self.transact(&COMMITTED, work)
    }

    pub(super) fn run_snapshot<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        let mut line = self.line(&self.readers)?;
        self.watched(&mut line, |conn| {
            transaction(conn, &SNAPSHOT, |conn| {
                if let Conn::Postgres(conn) = conn {
                    // One statement may pass over the rows of a whole city.
                    conn.batch_execute("SET LOCAL statement_timeout = 0")?;
                }
                work(conn)
            })
        })
    }

    pub(super) fn run_write_children<T>(
        &self,
        scope: impl Fn(&mut Conn) -> Result<Scope>,
        work: impl Fn(&mut Conn, &mut Touch) -> Result<T>,
    ) -> Result<T> {
        self.write_locked(&COMMITTED, scope, work)
    }

    /// One of the many steps of long work.
    pub(super) fn run_step<T>(
        &self,
        scope: impl Fn(&mut Conn) -> Result<Scope>,
        work: impl Fn(&mut Conn, &mut Touch) -> Result<T>,
    ) -> Result<T> {
        self.write_locked(&STEP, scope, work)
    }

    fn write_locked<T>(
        &self,
        begin: &Begin,
        scope: impl Fn(&mut Conn) -> Result<Scope>,
        work: impl Fn(&mut Conn, &mut Touch) -> Result<T>,
    ) -> Result<T> {
        let written = self.transact(begin, |conn| {
            let scope = scope(conn)?;
            let mut touch = Touch::lock(conn, scope)?;
            let answer = work(conn, &mut touch)?;
            touch.settle(conn)?;
            faults::at("journal::writing");
            Ok(answer)
        });
        faults::at("journal::written");
        written
    }

    fn transact<T>(&self, begin: &Begin, work: impl Fn(&mut Conn) -> Result<T>) -> Result<T> {
        let mut tries = 1;
        loop {
            let alone = (tries > PATIENT).then(|| self.turn.write().unwrap_or_else(PoisonError::into_inner));
            let _shared = alone.is_none().then(|| self.turn.read().unwrap_or_else(PoisonError::into_inner));
            let mut line = self.line(self.writer.as_ref().unwrap_or(&self.readers))?;
            match self.watched(&mut line, |conn| transaction(conn, begin, &work)) {
                Err(error) if lost_a_race(&error) && tries < TRIES => tries += 1,
                // Two writers made the same new row: the second look finds it. A third failure is no race.
                Err(Error::Db(SqlError::DatabaseError(DatabaseErrorKind::UniqueViolation, _))) if tries < 3 => {
                    tries += 1;
                }
                Err(error) if lost_a_race(&error) || is_locked(&error) => return Err(Error::Busy),
                other => return other,
            }
        }
    }

    /// Runs `work`, marks the connection as lost where it was, and turns that into [`Error::Busy`].
    fn watched<T>(&self, line: &mut Line, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        line.in_doubt = true;
        let answer = work(&mut line.conn);
        if let Err(Error::Db(error)) = &answer
            && is_loss(error)
        {
            self.generation.fetch_add(1, Ordering::Relaxed);
            return Err(Error::Busy);
        }
        line.in_doubt = false;
        answer
    }

    fn line(&self, pool: &r2d2::Pool<Manager>) -> Result<PooledConnection<Manager>> {
        loop {
            let mut line = pool.get().map_err(|_| Error::Busy)?;
            let generation = self.generation.load(Ordering::Relaxed);
            if line.generation == generation {
                return Ok(line);
            }
            if line.conn.batch_execute("SELECT 1").is_ok() {
                line.generation = generation;
                return Ok(line);
            }
            line.in_doubt = true;
        }
    }
}

fn transaction<T>(conn: &mut Conn, begin: &Begin, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
    match conn {
        Conn::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, begin.sqlite)?,
        Conn::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(conn, begin.postgres)?,
    }
    match work(conn) {
        Ok(answer) => {
            on_backend!(conn => AnsiTransactionManager::commit_transaction(conn))?;
            Ok(answer)
        }
        Err(error) => {
            // A failed rollback leaves the connection broken; the first error is the one to tell.
            let _ = on_backend!(conn => AnsiTransactionManager::rollback_transaction(conn));
            Err(error)
        }
    }
}

fn lost_a_race(error: &Error) -> bool {
    match error {
        Error::Outgrown | Error::Db(SqlError::DatabaseError(DatabaseErrorKind::SerializationFailure, _)) => true,
        Error::Db(SqlError::DatabaseError(_, info)) => info.message().contains("deadlock detected"),
        Error::Db(SqlError::RollbackErrorOnCommit { commit_error, .. }) => {
            matches!(**commit_error, SqlError::DatabaseError(DatabaseErrorKind::SerializationFailure, _))
        }
        _ => false,
    }
}

/// Another process held SQLite's one writer for longer than the busy timeout.
fn is_locked(error: &Error) -> bool {
    matches!(error, Error::Db(SqlError::DatabaseError(_, info)) if info.message().contains("database is locked"))
}

fn is_loss(error: &SqlError) -> bool {
    match error {
        SqlError::DatabaseError(DatabaseErrorKind::ClosedConnection, _) | SqlError::BrokenTransactionManager => true,
        SqlError::DatabaseError(_, info) => {
            let text = info.message();
            [
                "server closed the connection",
                "terminating connection",
                "no connection to the server",
                "connection not open",
            ]
            .iter()
            .any(|sign| text.contains(sign))
        }
        SqlError::RollbackErrorOnCommit { commit_error, .. } => is_loss(commit_error),
        _ => false,
    }
}
