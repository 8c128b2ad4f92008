//! Releases on real databases, SQLite and PostgreSQL, beside a diary of which only what closings froze is written.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::cast_possible_wrap,
    reason = "a test fails by panicking, and its harness reads where ./test put the servers"
)]

mod counted;
#[path = "../../../tests/support/src/database.rs"]
#[allow(dead_code, reason = "the integration tests use more of it")]
mod database;
mod releases;
mod scene;
mod vouchers;
mod wall;
mod workers;
