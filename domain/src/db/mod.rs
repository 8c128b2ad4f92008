//! The handle to the database: one connection type for SQLite and PostgreSQL, one hop to a blocking thread per call.

mod alone;
mod among;
mod connect;
mod locks;
mod migrate;
mod pool;

use std::sync::Arc;
use std::time::Duration;

use diesel::{PgConnection, SqliteConnection};
use serde::Deserialize;
use tokio::sync::Semaphore;

pub use alone::{Alone, Guard};
pub use among::IsAmong;
pub use locks::{Days, Scope, Touch};
pub use migrate::{Tree, latest, migrate, pending};

use crate::{Error, Result};
use pool::Pool;

/// A connection to whichever database the address names.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Compiles one expression for each backend, for what [`Conn`] itself cannot say: batch inserts, `ON CONFLICT`, `FOR UPDATE`;
/// and for the reads every phone repeats: [`Conn`] writes a statement's text anew each time before it finds it prepared.
#[macro_export]
macro_rules! on_backend {
    ($conn:ident => $expression:expr) => {
        match $conn {
            $crate::db::Conn::Sqlite($conn) => $expression,
            $crate::db::Conn::Postgres($conn) => $expression,
        }
    };
}
pub use on_backend;

/// Inserts rows: one alone in a statement that is prepared once; many on SQLite in one made for their number, on PostgreSQL
/// by `COPY`, which binds no values. With `insert =>` the statement says more than that, and is one on PostgreSQL too.
macro_rules! insert_rows {
    ($conn:ident, $table:ident, $rows:expr) => {{
        let rows: Vec<_> = $rows.into_iter().collect();
        match &mut *$conn {
            $crate::db::Conn::Postgres(conn) if rows.len() > 1 => {
                diesel::copy_from($table::table).from_insertable(rows).execute(conn)
            }
            conn => $crate::db::insert_rows!(conn, $table, rows, insert => insert.execute(conn)),
        }
    }};
    ($conn:ident, $table:ident, $rows:expr, $insert:ident => $run:expr) => {{
        let rows: Vec<_> = $rows.into_iter().collect();
        if let [one] = rows.as_slice() {
            let $insert = diesel::insert_into($table::table).values(*one);
            $crate::db::on_backend!($conn => $run)
        } else {
            let $insert = diesel::insert_into($table::table).values(rows);
            $crate::db::on_backend!($conn => $run)
        }
    }};
}
pub(crate) use insert_rows;

/// Where the database is, and how many connections it may use.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// `sqlite:PATH`, a plain path, or `postgres://...`.
    pub url: String,
    /// Connections, and so requests computed at once.
    pub connections: u32,
    /// Milliseconds a request waits for a connection before it is told to come again (503).
    pub patience_ms: u64,
}

/// Shows everything but the password in the address.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let masked = match self.url.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?)))
        {
            Some((scheme, (user, host))) => {
                format!("{scheme}://{}:[REDACTED]@{host}", user.split(':').next().unwrap_or(""))
            }
            None => self.url.clone(),
        };
        f.debug_struct("Settings")
            .field("url", &masked)
            .field("connections", &self.connections)
            .field("patience_ms", &self.patience_ms)
            .finish()
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { url: "sqlite:data/diary.db".to_owned(), connections: 16, patience_ms: 250 }
    }
}

/// The database. Cheap to clone; connections never leave the closures.
#[derive(Clone)]
pub struct Db {
    pool: Arc<Pool>,
    readers: Arc<Semaphore>,
    writers: Arc<Semaphore>,
    patience: Duration,
}

impl Db {
    fn over(pool: Pool, settings: &Settings) -> Self {
        Self {
            readers: Arc::new(Semaphore::new(pool.readers())),
            writers: Arc::new(Semaphore::new(pool.writers())),
            patience: Duration::from_millis(settings.patience_ms),
            pool: Arc::new(pool),
        }
    }

    /// Runs a read. The closure may run twice (a lost connection), so it must not change anything but its answer.
    pub async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Conn) -> Result<T> + Send + 'static,
    {
        self.hop(&self.readers, move |pool| pool.run_read(work)).await
    }

    /// Runs a write in one transaction: `BEGIN IMMEDIATE` on SQLite, `SERIALIZABLE` with retry on PostgreSQL. The closure
    /// may run several times: no clock, no randomness, no network inside.
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Conn) -> Result<T> + Send + 'static,
    {
        self.hop(&self.writers, move |pool| pool.run_write(work)).await
    }

    /// Runs a write that takes the rows it changes by their locks, and tells by what it changed whether it came first: an
    /// outbox. READ COMMITTED on PostgreSQL, so whoever looks for free rows passes over taken ones.
    pub async fn write_rows<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Conn) -> Result<T> + Send + 'static,
    {
        self.hop(&self.writers, move |pool| pool.run_write_rows(work)).await
    }

    /// Runs a write that families can see, under the lock of their children's counters. `scope` says, inside the same
    /// transaction, whose counters to take; `work` numbers its changes through [`Touch`].
    pub async fn write_children<T, S, F>(&self, scope: S, work: F) -> Result<T>
    where
        T: Send + 'static,
        S: Fn(&mut Conn) -> Result<Scope> + Send + 'static,
        F: Fn(&mut Conn, &mut Touch) -> Result<T> + Send + 'static,
    {
        self.hop(&self.writers, move |pool| pool.run_write_children(scope, work)).await
    }

    /// Runs long work of several transactions on a blocking thread; it holds the place of one reader meanwhile.
    pub async fn long<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Self) -> Result<T> + Send + 'static,
    {
        let own = self.clone();
        self.hop(&self.readers, move |_| work(&own)).await
    }

    /// [`Db::read`] on this thread, for the command line.
    pub fn read_here<T>(&self, work: impl Fn(&mut Conn) -> Result<T>) -> Result<T> {
        self.pool.run_read(work)
    }

    /// Runs a long read on this thread that sees the database as it was when it began, however much is written meanwhile.
    /// The closure runs once: a lost connection is its error.
    pub fn snapshot_here<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        self.pool.run_snapshot(work)
    }

    /// [`Db::write`] on this thread, for the command line.
    pub fn write_here<T>(&self, work: impl Fn(&mut Conn) -> Result<T>) -> Result<T> {
        self.pool.run_write(work)
    }

    /// [`Db::write_children`] on this thread, for the command line and for imports.
    pub fn write_children_here<T>(
        &self,
        scope: impl Fn(&mut Conn) -> Result<Scope>,
        work: impl Fn(&mut Conn, &mut Touch) -> Result<T>,
    ) -> Result<T> {
        self.pool.run_step(scope, work)
    }

    /// Takes the sole right to some long work on this database, over all processes; `None` while somebody else has it. It is
    /// given back when the guard is dropped or its process dies.
    pub fn alone(&self, work: Alone) -> Result<Option<Guard>> {
        self.pool.alone(work)
    }

    /// Waits a little between two steps of long work that took `took`: SQLite has one writer and no queue before it, so
    /// whoever waits in another process must find it free.
    pub fn give_way(&self, took: Duration) {
        if self.pool.writes_alone() {
            std::thread::sleep(took / 8);
        }
    }

    /// How many statements were sent so far.
    pub fn statements(&self) -> u64 {
        self.pool.statements()
    }

    async fn hop<T: Send + 'static>(
        &self,
        gate: &Arc<Semaphore>,
        work: impl FnOnce(&Pool) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let permit = tokio::time::timeout(self.patience, Arc::clone(gate).acquire_owned())
            .await
            .map_err(|_| Error::Busy)?
            .map_err(|_| Error::Busy)?;
        let pool = Arc::clone(&self.pool);
        #[allow(clippy::disallowed_methods, reason = "the one hop to a blocking thread")]
        let done = tokio::task::spawn_blocking(move || {
            let answer = work(&pool);
            drop(permit);
            answer
        });
        done.await.map_err(|_| Error::Store("the work panicked".to_owned()))?
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;

    #[test]
    fn the_password_of_the_database_does_not_show() {
        let url = "postgres://apta:se@cret@db.example/apta".to_owned();
        let shown = format!("{:?}", Settings { url, ..Settings::default() });
        assert!(shown.contains("postgres://apta:[REDACTED]@db.example/apta"), "{shown}");
        assert!(!shown.contains("cret@"));
    }
}
