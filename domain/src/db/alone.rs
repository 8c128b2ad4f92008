//! Work that only one process at a time may do, told apart by the operating system or by PostgreSQL, so that a killed process
//! leaves nothing locked.

use std::fs::{File, OpenOptions, TryLockError};

use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use super::Conn;
use super::connect::Address;
use crate::types::SchoolId;
use crate::{Error, Result};

/// What is to be done alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alone {
    /// An import into this school.
    Import(SchoolId),
}

/// The right, until it is dropped.
pub struct Guard {
    _holder: Holder,
}

/// A locked file, or a session that holds an advisory lock: neither outlives its process.
enum Holder {
    File(#[allow(dead_code, reason = "held for its lock")] File),
    Session(Box<PgConnection>),
}

/// The server would notice a closed connection only a little later, and refuse whoever comes at once.
impl Drop for Holder {
    fn drop(&mut self) {
        if let Self::Session(session) = self {
            // If the connection is lost, so is the lock.
            let _ = session.batch_execute("SELECT pg_advisory_unlock_all()");
        }
    }
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Bool)]
    taken: bool,
}

/// Beside the number of the school in an advisory lock, so that no other lock has the same key.
const IMPORTS: i64 = 0x4150_0001_0000_0000;

pub(super) fn take(address: &Address, work: Alone) -> Result<Option<Guard>> {
    let Alone::Import(SchoolId(school)) = work;
    match address {
        Address::Sqlite(path) => lock_file(&format!("{path}.import-{school}.lock")),
        Address::Postgres(_) => {
            let Conn::Postgres(mut session) = address.connect()? else { return Ok(None) };
            let query =
                diesel::sql_query("SELECT pg_try_advisory_lock($1) AS taken").bind::<BigInt, _>(IMPORTS + school);
            let Taken { taken } = query.get_result(&mut session)?;
            Ok(taken.then(|| Guard { _holder: Holder::Session(Box::new(session)) }))
        }
    }
}

fn lock_file(path: &str) -> Result<Option<Guard>> {
    let failed = |error: std::io::Error| Error::Store(format!("cannot write {path}: {error}"));
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Guard { _holder: Holder::File(file) })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}
