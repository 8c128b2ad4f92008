//! The test harness: real databases, a real Redis, a real SMTP conversation, a stand-in for
//! Google.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test harness fails by panicking, and it reads where ./test put the servers"
)]

pub mod app;
pub mod app_store;
#[cfg(feature = "rating")]
pub mod app_store_api;
pub mod database;
pub mod fcm;
mod listener;
mod mime;
#[cfg(feature = "rating")]
pub mod play;
pub mod postgres;
pub mod process;
pub mod redis;
pub mod school;
pub mod smtp;
