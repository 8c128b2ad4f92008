//! The integration tests: every behaviour on a real server, on SQLite and on PostgreSQL.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test fails by panicking"
)]

mod access;
mod diary;
mod hostile;
mod imports;
mod problems;
mod views;
