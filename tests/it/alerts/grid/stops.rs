//! Workers that are asked to stop with bytes on the way: they bring them home.

use support::database::{Kind, run};

use super::strike::Kill;
use super::{Cell, play};

fn cell() -> Cell {
    Cell::new("stops with bytes on the way", Kill::Stops)
}

#[test]
fn a_worker_asked_to_stop_brings_home_what_is_under_way_and_nothing_is_sent_twice_sqlite() {
    run(play(Kind::Sqlite, cell()));
}

#[test]
fn a_worker_asked_to_stop_brings_home_what_is_under_way_and_nothing_is_sent_twice_postgres() {
    run(play(Kind::Postgres, cell()));
}
