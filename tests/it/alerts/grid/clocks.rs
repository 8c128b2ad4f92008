//! Clocks that are wrong by an hour. On PostgreSQL workers go by the database's time, so one of them may be wrong; SQLite has the
//! machine's alone, which may jump.

use std::time::Duration;

use support::database::{Kind, run};
use support::fcm::{Bad, Fault};

use super::strike::Kill;
use super::{Cell, play, play_all};

const AHEAD: &str = "clock=return(3600)";
const BEHIND: &str = "clock=return(-3600)";

/// Long enough for a worker with a wrong clock to take what another one is sending, or to repeat it too early.
fn faults() -> Vec<(f64, Fault)> {
    let slow = Fault::bad(Bad::Slow(Duration::from_secs(6)));
    vec![(0.4, slow), (0.1, Fault::unavailable()), (0.1, Fault::unavailable().delivered())]
}

fn joined(name: &'static str, first: &'static str, others: &'static [&'static str]) -> Cell {
    let slow = Fault::bad(Bad::Slow(Duration::from_secs(6)));
    Cell::new(name, Kill::Joined(others)).workers(&[first]).first(slow).faults(faults())
}

#[test]
fn workers_whose_clocks_are_an_hour_wrong_work_beside_right_ones_postgres() {
    run(play(Kind::Postgres, joined("clocks an hour wrong", "", &[AHEAD, BEHIND])));
}

#[test]
fn a_clock_that_jumps_an_hour_ahead_and_back_delays_nothing_sqlite() {
    let slow = Fault::bad(Bad::Slow(Duration::from_secs(6)));
    run(play(Kind::Sqlite, Cell::new("the clock jumps", Kill::ClockMoves).faults(vec![(0.3, slow)])));
}

mod faults {
    use super::*;

    #[test]
    #[ignore = "minutes: ./test --faults"]
    fn postgres() {
        let cells = [
            joined("an hour ahead, joined by a right one", AHEAD, &[""]),
            joined("an hour behind, joined by a right one", BEHIND, &[""]),
            joined("an hour behind, joined by one ahead", BEHIND, &[AHEAD]),
            Cell::new("alone, an hour ahead", Kill::Never).faults(faults()).workers(&[AHEAD]),
            Cell::new("alone, an hour behind, killed", Kill::InFlight).faults(faults()).workers(&[BEHIND]),
        ];
        play_all(Kind::Postgres, cells);
    }
}
