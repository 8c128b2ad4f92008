//! Opens connections and gets them ready: pragmas, time limits, the statement counter.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use diesel::connection::{InstrumentationEvent, SimpleConnection};
use diesel::{Connection, PgConnection, SqliteConnection};

use super::Conn;
use crate::{Error, Result};

/// What an address names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    Sqlite(String),
    Postgres(String),
}

impl Address {
    pub(super) fn parse(url: &str) -> Result<Self> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")).unwrap_or(url);
        if path.is_empty() || path.contains("://") || path.contains(":memory:") {
            return Err(Error::Store(
                "the database address must be sqlite:PATH (a file) or postgres://USER@HOST/NAME".to_owned(),
            ));
        }
        Ok(Self::Sqlite(path.to_owned()))
    }

    /// Opens one connection.
    pub(super) fn connect(&self) -> Result<Conn> {
        match self {
            Self::Sqlite(path) => sqlite(path).map(Conn::Sqlite),
            Self::Postgres(url) => postgres(url).map(Conn::Postgres),
        }
    }
}

/// The time limit comes first: switching to WAL needs the lock.
const PRAGMAS: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                       PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000; \
                       PRAGMA mmap_size = 33554432;";
const WAL_TRIES: u32 = 100;
const WAL_PAUSE: Duration = Duration::from_millis(20);

fn sqlite(path: &str) -> Result<SqliteConnection> {
    if let Some(folder) = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .map_err(|error| Error::Store(format!("cannot make the data directory {}: {error}", folder.display())))?;
    }
    let mut conn = SqliteConnection::establish(path)
        .map_err(|error| Error::Store(format!("cannot open the database file {path}: {error}")))?;
    let mut tries = 1;
    while let Err(error) = conn.batch_execute(PRAGMAS) {
        // Of two that switch a new file to WAL at once, SQLite refuses one at once, whatever the time limit: it comes again.
        if tries == WAL_TRIES || !error.to_string().contains("database is locked") {
            return Err(Error::Store(format!("cannot write the database file {path}: {error}")));
        }
        tries += 1;
        std::thread::sleep(WAL_PAUSE);
    }
    Ok(conn)
}

fn postgres(url: &str) -> Result<PgConnection> {
    let mut conn = PgConnection::establish(url).map_err(|error| {
        // libpq writes several lines; a person gets one.
        let reason = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        Error::Store(format!("cannot reach the PostgreSQL server: {reason}"))
    })?;
    conn.batch_execute("SET statement_timeout = '30s'; SET idle_in_transaction_session_timeout = '60s'")?;
    Ok(conn)
}

/// Counts every statement this connection starts from now on.
pub(super) fn count_statements(conn: &mut Conn, counter: Arc<AtomicU64>) {
    conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn an_address_is_a_file_or_a_postgresql_server_and_nothing_else() {
        assert_eq!(Address::parse("sqlite:a/b.db").unwrap(), Address::Sqlite("a/b.db".to_owned()));
        assert_eq!(Address::parse("/a/b.db").unwrap(), Address::Sqlite("/a/b.db".to_owned()));
        assert!(matches!(Address::parse("postgres://u@h/d").unwrap(), Address::Postgres(_)));
        for bad in ["", ":memory:", "mysql://u@h/d", "sqlite::memory:"] {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
    }
}
