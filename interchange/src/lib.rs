//! School data files in and out: rosters and gradebooks that other systems exported, read without trusting them.

mod door;
pub mod oneroster;
pub mod report;
pub mod workbook;
