//! Alerts: who is told of what, when, where; and that nothing is lost, doubled or told to strangers.

mod away;
mod baseline;
mod bulletin;
mod bundles;
mod calm;
mod command;
mod devices;
mod exported;
mod faults;
mod grid;
mod list;
mod pipeline;
mod post;
mod preferences;
mod private;
mod right_person;
mod telling;
mod trial;
mod windows;
mod wired;
