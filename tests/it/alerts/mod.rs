//! Alerts: who is told of what, when, where; and that nothing is lost, doubled or told to strangers.

mod calm;
mod command;
mod devices;
mod faults;
mod list;
mod post;
mod preferences;
mod right_person;
mod telling;
mod trial;
