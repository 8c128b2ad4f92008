//! Apta over HTTP and on the command line: this crate puts the parts together and holds no SQL.

pub mod alerts;
pub mod bodies;
pub mod cli;
pub mod config;
pub mod cursor;
pub mod demo;
pub mod document;
mod health;
pub mod imports;
mod letters;
pub mod limits;
pub mod metrics;
mod middleware;
mod pages;
pub mod problem;
#[cfg(feature = "rating")]
pub mod rating;
mod request;
mod routes;
mod school;
pub mod server;
pub mod state;
pub mod upkeep;
mod v1;
mod viewer;
mod words;
