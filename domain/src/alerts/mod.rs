//! Alerts: which changes families are told of, whom, when, and what of it may leave the house.

pub mod facts;
