//! Alerts: which changes families are told of, whom, when, and what of it may leave the house.

pub mod account;
pub mod claim;
mod collapse;
pub mod devices;
pub mod facts;
pub mod inbox;
pub mod ledger;
pub mod plan;
pub mod preferences;
pub mod settle;
mod times;
mod told;
pub mod trial;
pub mod windows;

pub use collapse::Key;
