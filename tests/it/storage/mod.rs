//! The handle to the database under contention and panics.

mod losses;
mod migrations;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use domain::Error;
use domain::db::{Conn, Db, Settings};
use domain::intake::{self, Outcome, Writer};
use domain::types::ChildId;
use support::app::{DIARY, noon};
use support::both;
use support::database::{Database, Kind};
use support::school::{School, day, name};

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// The one number a query gives, under the name `number`.
pub fn number(db: &Db, sql: &str) -> i64 {
    db.read_here(|conn| number_on(conn, sql)).unwrap()
}

fn number_on(conn: &mut Conn, sql: &str) -> domain::Result<i64> {
    Ok(diesel::sql_query(sql).get_result::<Number>(conn)?.number)
}

/// Changes rows behind the back of the domain.
pub fn execute(db: &Db, sql: &str) {
    db.write_here(|conn| Ok(conn.batch_execute(sql)?)).unwrap();
}

fn open(database: &Database, connections: u32) -> Db {
    Db::open(&Settings { url: database.url().to_owned(), connections, patience_ms: 5000 }).unwrap()
}

fn revision(db: &Db, child: ChildId) -> i64 {
    number(db, &format!("SELECT revision AS number FROM children WHERE id = {}", child.0))
}

/// A school with eight pupils.
fn school(db: &Db) -> School {
    let mut school = School::make(db, "bir");
    let more: Vec<intake::Student> = (3..=8)
        .map(|number| intake::Student {
            external_id: format!("p{number}"),
            name: name("Аян", "Сейтов"),
            birth_date: None,
            sex: None,
            starts_on: day("2026-09-01"),
        })
        .collect();
    school.children.extend(school.put(db, &more).into_iter().map(|outcome| match outcome {
        Outcome::Created(id) => ChildId(id),
        other => panic!("{other:?}"),
    }));
    school
}

const READ: &str = "SELECT revision AS number FROM schools";

fn read_then_write(conn: &mut Conn) -> domain::Result<()> {
    let seen = number_on(conn, READ)?;
    thread::yield_now();
    Ok(conn.batch_execute(&format!("UPDATE schools SET revision = {}", seen + 1))?)
}

both!(eight_hundred_read_then_writes_on_one_row_are_eight_hundred_changes, async |kind: Kind| {
    let database = Database::new(kind, &DIARY);
    let db = open(&database, 8);
    School::make(&db, "bir");
    let before = number(&db, READ);
    thread::scope(|scope| {
        for _thread in 0..8 {
            scope.spawn(|| (0..100).for_each(|_round| db.write_here(read_then_write).unwrap()));
        }
    });
    assert_eq!(number(&db, READ) - before, 800);
});

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    /// Two to five of them, in any order.
    fn some(&mut self, of: &[ChildId]) -> Vec<ChildId> {
        let mut left = of.to_vec();
        (0..2 + self.below(4)).map(|_| left.swap_remove(self.below(left.len()))).collect()
    }
}

both!(writes_on_overlapping_sets_of_children_never_deadlock_and_number_without_gaps, async |kind: Kind| {
    let database = Database::new(kind, &DIARY);
    let db = open(&database, 8);
    let children = school(&db).children;
    let before: BTreeMap<ChildId, i64> = children.iter().map(|child| (*child, revision(&db, *child))).collect();
    let writer = |seed: u64| {
        let (mut dice, mut taken) = (Dice(seed), Vec::new());
        for _round in 0..100 {
            let chosen = dice.some(&children);
            let numbers = db.write_children_here(
                |_| Ok(chosen.clone().into()),
                |_, touch| {
                    chosen.iter().map(|child| Ok((*child, touch.child(*child)?))).collect::<domain::Result<Vec<_>>>()
                },
            );
            taken.extend(numbers.unwrap());
        }
        taken
    };
    let taken: Vec<(ChildId, i64)> = thread::scope(|scope| {
        let threads: Vec<_> = (1..=8).map(|seed| scope.spawn(move || writer(seed))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    for child in &children {
        let mut numbers: Vec<i64> = taken.iter().filter(|(one, _)| one == child).map(|(_, number)| *number).collect();
        numbers.sort_unstable();
        let last = revision(&db, *child);
        assert_eq!(numbers, (before[child] + 1..=last).collect::<Vec<_>>());
        assert!(numbers.len() > 100, "only {} writes", numbers.len());
    }
});

both!(a_counter_moves_once_a_transaction_and_only_if_touched, async |kind: Kind| {
    let database = Database::new(kind, &DIARY);
    let db = open(&database, 2);
    let children = school(&db).children;
    let before: Vec<i64> = children.iter().map(|child| revision(&db, *child)).collect();
    let (first, second) = (children[0], children[1]);
    let numbers = db.write_children_here(
        |_| Ok(vec![second, first, second].into()),
        |_, touch| Ok([touch.child(first)?, touch.child(first)?, touch.child(first)?]),
    );
    assert_eq!(numbers.unwrap(), [before[0] + 1; 3]);
    let after: Vec<i64> = children.iter().map(|child| revision(&db, *child)).collect();
    assert_eq!(after[0], before[0] + 1);
    assert_eq!(after[1..], before[1..]);
});

both!(a_failed_write_moves_no_counter, async |kind: Kind| {
    let database = Database::new(kind, &DIARY);
    let db = open(&database, 2);
    let child = school(&db).children[0];
    let before = revision(&db, child);
    let refused: domain::Result<()> = db.write_children_here(
        |_| Ok(vec![child].into()),
        |conn, touch| {
            touch.child(child)?;
            conn.batch_execute("UPDATE children SET first_name = 'Басқа'")?;
            Err(Error::flaw("/x", "x", "no"))
        },
    );
    assert!(matches!(refused, Err(Error::Invalid(_))));
    assert_eq!(revision(&db, child), before);
    assert_eq!(number(&db, "SELECT count(*) AS number FROM children WHERE first_name = 'Басқа'"), 0);
});

both!(unchanged_and_rejected_items_move_nothing_beside_one_that_changes, async |kind: Kind| {
    let database = Database::new(kind, &DIARY);
    let db = open(&database, 2);
    let school = school(&db);
    let revisions = || school.children.iter().map(|child| revision(&db, *child)).collect::<Vec<_>>();
    let before = revisions();
    let writer = Writer { school: school.id, staff: None, client: None, now: noon(), reopen: false, baseline: false };
    let unknown = intake::Grade { student: "nobody".to_owned(), ..school.grade("e9", "p1", "5") };
    let items = [school.grade("e1", "p1", "8"), unknown];
    let outcomes = intake::put(&db, writer, &items).unwrap();
    assert!(matches!(outcomes[..], [Outcome::Unchanged(_), Outcome::Rejected(_)]), "{outcomes:?}");
    assert_eq!(revisions(), before);
    let items = [school.grade("e1", "p1", "8"), school.grade("e2", "p2", "4")];
    let outcomes = intake::put(&db, writer, &items).unwrap();
    assert!(matches!(outcomes[..], [Outcome::Unchanged(_), Outcome::Updated(_)]), "{outcomes:?}");
    let after = revisions();
    assert_eq!((after[0], after[1]), (before[0], before[1] + 1));
    assert_eq!(after[2..], before[2..]);
});

both!(work_that_outgrows_its_locks_runs_again_with_more, async |kind: Kind| {
    let database = Database::new(kind, &DIARY);
    let db = open(&database, 2);
    let children = school(&db).children;
    let asked = AtomicU32::new(0);
    let number = db.write_children_here(
        |_| {
            let known = asked.fetch_add(1, Ordering::SeqCst);
            Ok(children[..usize::try_from(known).unwrap()].to_vec().into())
        },
        |_, touch| touch.child(children[1]),
    );
    assert_eq!(number.unwrap(), revision(&db, children[1]));
    assert_eq!(asked.load(Ordering::SeqCst), 3);
    let never: domain::Result<i64> =
        db.write_children_here(|_| Ok(Vec::new().into()), |_, touch| touch.child(children[0]));
    assert!(matches!(never, Err(Error::Busy)));
});

both!(a_panic_inside_a_closure_leaves_no_transaction_open_and_the_pool_usable, async |kind: Kind| {
    let database = Database::new(kind, &DIARY);
    let db = open(&database, 1);
    School::make(&db, "bir");
    let before = number(&db, READ);
    for _time in 0..3 {
        let work = |conn: &mut Conn| -> domain::Result<()> {
            read_then_write(conn)?;
            panic!("meant to happen");
        };
        assert!(catch_unwind(AssertUnwindSafe(|| db.write_here(work))).is_err());
        let told = db.write(work).await;
        assert!(matches!(told, Err(Error::Store(_))), "{told:?}");
        assert!(
            catch_unwind(AssertUnwindSafe(|| db.read_here(|_| -> domain::Result<()> { panic!("meant") }))).is_err()
        );
        assert_eq!(number(&db, READ), before);
    }
    db.write_here(read_then_write).unwrap();
    assert_eq!(number(&db, READ), before + 1);
    if kind == Kind::Postgres {
        let open = "SELECT count(*) AS number FROM pg_stat_activity WHERE datname = current_database() \
                    AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'";
        assert_eq!(number(&db, open), 0);
    }
});

both!(a_caller_who_finds_no_connection_is_told_to_come_again, async |kind: Kind| {
    let database = Database::new(kind, &DIARY);
    let settings = Settings { url: database.url().to_owned(), connections: 1, patience_ms: 50 };
    let db = Db::open(&settings).unwrap();
    let (release, held) = mpsc::channel::<()>();
    let (sender, taken) = mpsc::channel();
    let holder = db.clone();
    let long = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let held = std::sync::Mutex::new(held);
        runtime.block_on(holder.read(move |_| {
            sender.send(()).unwrap();
            let _ = held.lock().unwrap().recv();
            Ok(())
        }))
    });
    taken.recv().unwrap();
    let begin = Instant::now();
    assert!(matches!(db.read(|_| Ok(())).await, Err(Error::Busy)));
    assert!(begin.elapsed() < Duration::from_secs(5));
    drop(release);
    long.join().unwrap().unwrap();
    db.read(|_| Ok(())).await.unwrap();
});

#[test]
fn sqlite_keeps_on_disk_what_it_acknowledged_and_checks_references() {
    #[derive(QueryableByName)]
    struct Mode {
        #[diesel(sql_type = Text)]
        journal_mode: String,
    }
    let database = Database::new(Kind::Sqlite, &DIARY);
    let db = open(&database, 2);
    let pragmas = |conn: &mut Conn| {
        let mode: Mode = diesel::sql_query("PRAGMA journal_mode").get_result(conn)?;
        let safety = number_on(conn, "SELECT synchronous AS number FROM pragma_synchronous")?;
        let references = number_on(conn, "SELECT foreign_keys AS number FROM pragma_foreign_keys")?;
        Ok((mode.journal_mode, safety, references))
    };
    let expected = ("wal".to_owned(), 2, 1);
    assert_eq!(db.read_here(pragmas).unwrap(), expected);
    assert_eq!(db.write_here(pragmas).unwrap(), expected);
}
