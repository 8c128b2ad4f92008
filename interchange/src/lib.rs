//! School data files in and out: rosters and gradebooks that other systems exported, read without trusting them.

pub mod archive;
mod door;
pub mod oneroster;
pub mod rehearsal;
pub mod report;
mod untrusted;
pub mod workbook;

pub use door::{Options, Progress};
