//! Real workers killed at every point, a provider that does what providers do, and the books that must balance.

mod books;
mod calls;
mod clocks;
mod counts;
mod http2;
mod judging;
mod letters;
mod persons;
mod planning;
mod points;
mod providers;
mod scene;
mod screens;
mod stops;
mod strike;
mod woken;

use std::time::Duration;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use support::database::{Kind, run};
use support::fcm::{Bad, Fault};

use scene::Scene;
use strike::Kill;

/// How many grades are given, and how many of them are corrected later.
const GRADES: usize = 12;
const CORRECTED: usize = 4;

/// What stands in the diaries of the grid's children. Nothing of it may reach who wants nothing personal, or a log.
const MARKS: &[&str] = &["Әсел", "Дана", "Омарова", "Айгүл", "Алгебра", "Algebra", "балл"];

/// A grade as it is given here: it says what it is by its last sign, and is known wherever it stands.
fn marked(value: &str) -> String {
    format!("балл-{value}")
}

/// One field of the grid.
struct Cell {
    name: &'static str,
    kill: Kill,
    /// What the very first message meets.
    first: Option<Fault>,
    /// What the next ones meet, each with its probability.
    chances: Vec<(f64, Fault)>,
    /// What all of them meet until an operator mends it.
    always: Option<Fault>,
    /// Over TLS and HTTP/2, as to Google itself.
    secure: bool,
    /// The father has no phone, only an address.
    letters: bool,
    /// Of how many phones it is rightly believed that they are gone: of all others it is not.
    believed: usize,
    /// The workers, each with the places at which it fails.
    workers: Vec<&'static str>,
}

impl Cell {
    /// One worker, and a provider that does well.
    fn new(name: &'static str, kill: Kill) -> Self {
        // Its answer must not come before it is killed, or sleeps.
        let first = match kill {
            Kill::InFlight | Kill::Asleep => Some(Duration::from_secs(5)),
            Kill::Stops => Some(Duration::from_secs(3)),
            Kill::AsleepUntilSentAgain => Some(Duration::from_secs(100)),
            _ => None,
        };
        let first = first.map(|late| Fault::bad(Bad::Slow(late)));
        let (chances, workers) = (Vec::new(), vec![""]);
        Self { name, kill, first, chances, always: None, secure: false, letters: false, believed: 0, workers }
    }

    fn first(self, fault: Fault) -> Self {
        Self { first: Some(fault), ..self }
    }

    fn faults(self, chances: Vec<(f64, Fault)>) -> Self {
        Self { chances, ..self }
    }

    fn always(self, fault: Fault) -> Self {
        Self { always: Some(fault), ..self }
    }

    fn over_http2(self) -> Self {
        Self { secure: true, ..self }
    }

    fn with_letters(self) -> Self {
        Self { letters: true, ..self }
    }

    fn believed(self, believed: usize) -> Self {
        Self { believed, ..self }
    }

    /// How many grades are changed from 4 to 5.
    fn corrected(&self) -> usize {
        if self.believed > 0 { 0 } else { CORRECTED }
    }

    /// How many grades are changed once more while Redis is away or slow.
    fn thirds(&self) -> usize {
        usize::from(matches!(self.kill, Kill::NoRedis | Kill::SlowRedis))
    }

    fn workers(self, workers: &[&'static str]) -> Self {
        Self { workers: workers.to_vec(), ..self }
    }

    /// The first messages' faults, from a fixed seed.
    fn script(&self) -> Vec<Option<Fault>> {
        let mut dice = ChaCha8Rng::seed_from_u64(7);
        let mut draw = || {
            let mut roll: f64 = dice.random();
            self.chances.iter().find_map(|(chance, fault)| {
                roll -= chance;
                (roll < 0.0).then(|| fault.clone())
            })
        };
        let number = if self.chances.is_empty() { 0 } else { 40 };
        let chances = (0..number).map(|_| draw());
        self.first.iter().cloned().map(Some).chain(chances).collect()
    }
}

async fn play(kind: Kind, cell: Cell) {
    let mut scene = Scene::new(kind, &cell).await;
    scene.google.script(|script| {
        script.next(cell.script());
        script.always(cell.always.clone());
    });
    scene.grade(0..GRADES, "4");
    scene.grade_own();
    scene.strike(cell.kill).await;
    scene.grade(0..CORRECTED, "5");
    scene.until_done().await;
    scene.stop();
    scene.balance(&cell);
}

/// All at once: they wait for most of their time.
fn play_together(kind: Kind, cells: impl IntoIterator<Item = Cell>) {
    std::thread::scope(|all| {
        for cell in cells {
            all.spawn(move || run(play(kind, cell)));
        }
    });
}

/// One after the other: each has the machine for itself.
fn play_all(kind: Kind, cells: impl IntoIterator<Item = Cell>) {
    for cell in cells {
        run(play(kind, cell));
    }
}

fn unavailable() -> Vec<(f64, Fault)> {
    vec![(0.15, Fault::unavailable()), (0.15, Fault::unavailable().delivered())]
}

fn broken() -> Vec<(f64, Fault)> {
    let broken = |reply| Fault::bad(reply).delivered();
    vec![(0.1, broken(Bad::Reset)), (0.1, broken(Bad::Half)), (0.1, broken(Bad::Junk)), (0.1, Fault::bad(Bad::Reset))]
}

/// The part that every run of the tests looks at.
fn cell() -> Cell {
    Cell::new("killed in flight", Kill::InFlight)
}

#[test]
fn a_worker_killed_with_bytes_on_the_way_loses_nothing_and_shows_nothing_twice_sqlite() {
    run(play(Kind::Sqlite, cell()));
}

#[test]
fn a_worker_killed_with_bytes_on_the_way_loses_nothing_and_shows_nothing_twice_postgres() {
    run(play(Kind::Postgres, cell()));
}

mod faults {
    use super::*;

    fn grid() -> Vec<Cell> {
        let two = &["", ""];
        vec![
            Cell::new("nothing goes wrong", Kill::Never),
            Cell::new("two workers", Kill::Never).workers(two),
            Cell::new("5xx", Kill::Never).faults(unavailable()),
            Cell::new("broken answers, two workers", Kill::Never).faults(broken()).workers(two),
            Cell::new("too many", Kill::Never).faults(vec![(0.05, Fault::quota(Some("11")))]),
            Cell::new("killed behind the write", Kill::AtOnce).faults(unavailable()),
            Cell::new("killed mid-batch, 5xx", Kill::After(9)).faults(unavailable()).workers(two),
            Cell::new("killed mid-batch, broken answers", Kill::After(20)).faults(broken()),
            Cell::new("killed right behind the request to stop", Kill::BehindTheRequest).faults(broken()).workers(two),
            Cell::new("stops with bytes on the way", Kill::Stops).faults(unavailable()).workers(two),
            Cell::new("connections cut, 5xx", Kill::Cut).faults(unavailable()).workers(two),
            Cell::new("PostgreSQL crashes, 5xx", Kill::Crash).faults(unavailable()).workers(two),
            Cell::new("PostgreSQL crashes", Kill::Crash),
            Cell::new("Redis away", Kill::NoRedis).faults(unavailable()),
            Cell::new("Redis flushed and slow", Kill::SlowRedis).faults(unavailable()),
        ]
    }

    fn asleep() -> [Cell; 2] {
        [
            Cell::new("asleep with bytes on the way", Kill::Asleep),
            Cell::new("asleep until it is sent again", Kill::AsleepUntilSentAgain),
        ]
    }

    #[test]
    #[ignore = "minutes: ./test --faults"]
    fn sqlite() {
        play_together(Kind::Sqlite, asleep());
        let cells = grid().into_iter().filter(|cell| !matches!(cell.kill, Kill::Cut | Kill::Crash));
        play_all(Kind::Sqlite, cells);
    }

    #[test]
    #[ignore = "minutes: ./test --faults"]
    fn postgres() {
        play_together(Kind::Postgres, asleep());
        play_all(Kind::Postgres, grid());
    }
}
