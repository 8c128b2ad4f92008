//! The integration tests: every behaviour on a real server, on SQLite and on PostgreSQL.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test fails by panicking"
)]

mod access;
mod alerts;
mod architecture;
mod archives;
mod assessment;
mod calendar;
mod changes;
mod crash;
mod diary;
mod hostile;
mod imports;
mod limits;
mod operations;
mod problems;
mod providers;
#[cfg(feature = "rating")]
mod rating;
mod schema_parity;
mod school;
mod sessions;
mod storage;
mod views;
#[cfg(not(feature = "rating"))]
mod without_rating;
