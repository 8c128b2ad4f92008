//! Clocks that are wrong by an hour. On PostgreSQL workers go by the database's time, so one of them may be wrong; SQLite has the
//! machine's alone, which may jump.

use std::time::Duration;

use support::database::{Kind, run};
use support::fcm::{Bad, Fault};

use super::strike::Kill;
use super::{Cell, play};

/// Long enough for a worker with a wrong clock to take what another one is sending.
fn slow() -> (f64, Fault) {
    (0.3, Fault::bad(Bad::Slow(Duration::from_secs(6))))
}

#[test]
fn workers_whose_clocks_are_an_hour_wrong_work_beside_right_ones_postgres() {
    let workers = ["clock=return(3600)", "", "clock=return(-3600)"];
    let cell = Cell::new("clocks an hour wrong", Kill::Never).faults(vec![slow()]);
    run(play(Kind::Postgres, cell.workers(&workers)));
}

#[test]
fn a_clock_that_jumps_an_hour_ahead_and_back_delays_nothing_sqlite() {
    run(play(Kind::Sqlite, Cell::new("the clock jumps", Kill::ClockMoves).faults(vec![slow()])));
}

mod faults {
    use super::*;

    #[test]
    #[ignore = "minutes: ./test --faults"]
    fn postgres() {
        let faults = || vec![slow(), (0.1, Fault::unavailable()), (0.1, Fault::unavailable().delivered())];
        for clock in ["clock=return(3600)", "clock=return(-3600)"] {
            run(play(Kind::Postgres, Cell::new(clock, Kill::Never).faults(faults()).workers(&[clock])));
            run(play(Kind::Postgres, Cell::new(clock, Kill::Never).faults(faults()).workers(&[clock, ""])));
            run(play(Kind::Postgres, Cell::new(clock, Kill::InFlight).faults(faults()).workers(&[clock, ""])));
        }
    }
}
