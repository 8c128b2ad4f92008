//! Letters beside pushes, and workers that die between the last byte of one and the books.

use support::database::{Kind, run};

use super::strike::Kill;
use super::{Cell, play, play_all, unavailable};

fn cell() -> Cell {
    Cell::new("killed with a letter on its way", Kill::LetterOnItsWay).with_letters()
}

#[test]
fn a_worker_killed_behind_a_letter_makes_at_most_one_more_of_the_same_number_and_loses_none_sqlite() {
    run(play(Kind::Sqlite, cell()));
}

#[test]
fn a_worker_killed_behind_a_letter_makes_at_most_one_more_of_the_same_number_and_loses_none_postgres() {
    run(play(Kind::Postgres, cell()));
}

mod faults {
    use super::*;

    fn at(point: &'static str) -> Cell {
        Cell::new(point, Kill::AtPoint).workers(&[point]).with_letters()
    }

    fn grid() -> Vec<Cell> {
        vec![
            Cell::new("letters, two workers, 5xx", Kill::Never).with_letters().faults(unavailable()).workers(&["", ""]),
            Cell::new("letters, killed mid-batch", Kill::After(9)).with_letters().workers(&["", ""]),
            at("alerts::sent=8*off->return"),
            at("alerts::settled=3*off->return"),
        ]
    }

    #[test]
    #[ignore = "minutes: ./test --faults"]
    fn sqlite() {
        play_all(Kind::Sqlite, grid());
    }

    #[test]
    #[ignore = "minutes: ./test --faults"]
    fn postgres() {
        play_all(Kind::Postgres, grid());
    }
}
