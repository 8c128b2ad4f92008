//! The middle line on trial: its bound counted out, its use measured, its secrets attacked.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_wrap,
    reason = "a test fails by panicking"
)]

mod attacks;
mod bound;
mod classes;
mod tables;
mod utility;
