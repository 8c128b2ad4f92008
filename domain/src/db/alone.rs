//! Work that only one process at a time may do, told apart by the operating system or by PostgreSQL, so that a killed process
//! leaves nothing locked.

use std::fs::{File, OpenOptions, TryLockError};

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
    Session(#[allow(dead_code, reason = "held for its lock")] Box<Conn>),
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
            let mut conn = address.connect()?;
            let query =
                diesel::sql_query("SELECT pg_try_advisory_lock($1) AS taken").bind::<BigInt, _>(IMPORTS + school);
            let Conn::Postgres(session) = &mut conn else { return Ok(None) };
            let Taken { taken } = query.get_result(session)?;
            Ok(taken.then(|| Guard { _holder: Holder::Session(Box::new(conn)) }))
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
