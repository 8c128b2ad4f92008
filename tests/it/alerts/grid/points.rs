//! Workers that die at a point of their work, and servers at a point of the journal's write.

use domain::db::{Db, Settings, migrate};
use support::both;
use support::database::{Database, Kind, run};
use support::fcm::Fault;
use support::process::Process;

use super::strike::Kill;
use super::{Cell, play, play_all, unavailable};

/// Everywhere a worker can die, at the first pass and at a later one.
const POINTS: &[&str] = &[
    "alerts::planning=return",
    "alerts::planned=return",
    "alerts::claiming=return",
    "alerts::claiming=2*off->return",
    "alerts::claimed=return",
    "alerts::claimed=3*off->return",
    "alerts::sending=1*off->return",
    "alerts::sending=10*off->return",
    "fcm::token=return",
    "fcm::answering=return",
    "fcm::answering=10*off->return",
    "alerts::sent=return",
    "alerts::sent=10*off->return",
    "alerts::settling=return",
    "alerts::settling=10*off->return",
    "alerts::settled=return",
    "alerts::settled=5*off->return",
];

fn at(point: &'static str) -> Cell {
    Cell::new(point, Kill::AtPoint).workers(&[point])
}

/// The point at which most could go wrong: sent, answered, and not yet written.
#[test]
fn a_worker_that_dies_between_the_answer_and_its_books_loses_nothing_and_shows_nothing_twice_sqlite() {
    run(play(Kind::Sqlite, at("alerts::sent=4*off->return")));
}

#[test]
fn a_worker_that_dies_between_the_answer_and_its_books_loses_nothing_and_shows_nothing_twice_postgres() {
    run(play(Kind::Postgres, at("alerts::sent=4*off->return")));
}

both!(a_program_that_dies_while_it_migrates_goes_on_where_it_was, async |kind: Kind| {
    let database = Database::empty(kind);
    let settings = [("DATABASE__URL", database.url())];
    for points in ["db::migrating=return", "db::migrating=2*off->return"] {
        let died = Process::start_in(&[("FAILPOINTS", points)], &["worker"], &settings).ended();
        assert_eq!(died.code(), None, "{}", died.stderr);
        let open = Settings { url: database.url().to_owned(), ..Settings::default() };
        assert!(Db::open(&open).is_err(), "it is not whole");
    }
    Process::start(&["worker"], &settings).await_log("sending alerts");
    assert_eq!(migrate(database.url()).unwrap(), 0);
});

mod faults {
    use super::*;

    fn grid() -> Vec<Cell> {
        let mut cells: Vec<Cell> = POINTS.iter().map(|point| at(point)).collect();
        let stopping = "alerts::stopping=return";
        cells.push(Cell::new(stopping, Kill::AtPointOfStopping).workers(&[stopping]));
        cells.push(at("fcm::token=1*off->return").first(Fault::unauthenticated()));
        cells.push(at("alerts::sent=6*off->return").faults(unavailable()));
        let sent = "alerts::sent=2*off->return";
        cells.push(Cell::new("a worker dies, its leases end", Kill::AtPointUntilLeasesEnd).workers(&[sent]));
        for point in ["journal::writing=return", "journal::written=return"] {
            cells.push(Cell::new(point, Kill::Server(point)));
        }
        cells
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
