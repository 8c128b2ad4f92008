//! Connections that end behind the pool's back.

use std::sync::Barrier;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use domain::Error;
use domain::db::Db;
use support::app::DIARY;
use support::database::{Database, Kind};
use support::school::School;

use super::{Number, READ, number, number_on, open, read_then_write};

const TERMINATE: &str = "SELECT count(pg_terminate_backend(pid)) AS number FROM pg_stat_activity \
                         WHERE datname = current_database() AND pid <> pg_backend_pid()";

/// Reads until one read succeeds; everything but [`Error::Busy`] is a failure.
fn recovers(db: &Db) {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        match db.read_here(|conn| number_on(conn, READ)) {
            Ok(_) => return,
            Err(Error::Busy) if Instant::now() < deadline => {}
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn postgresql_ending_every_connection_costs_at_most_busy_answers() {
    let database = Database::new(Kind::Postgres, &DIARY);
    let db = open(&database, 6);
    School::make(&db, "bir");
    let before = number(&db, READ);
    let (acknowledged, doubtful, running) = (AtomicI64::new(0), AtomicI64::new(0), AtomicU32::new(1));
    thread::scope(|scope| {
        for _reader in 0..3 {
            scope.spawn(|| {
                while running.load(Ordering::SeqCst) > 0 {
                    let read = db.read_here(|conn| number_on(conn, READ));
                    assert!(matches!(read, Ok(_) | Err(Error::Busy)), "{read:?}");
                }
            });
        }
        for _writer in 0..2 {
            scope.spawn(|| {
                while running.load(Ordering::SeqCst) > 0 {
                    match db.write_here(read_then_write) {
                        Ok(()) => acknowledged.fetch_add(1, Ordering::SeqCst),
                        Err(Error::Busy) => doubtful.fetch_add(1, Ordering::SeqCst),
                        Err(error) => panic!("{error}"),
                    };
                }
            });
        }
        let mut admin = PgConnection::establish(database.url()).unwrap();
        for _time in 0..10 {
            // Each blow falls on a pool that works.
            let reached = acknowledged.load(Ordering::SeqCst) + 5;
            let deadline = Instant::now() + Duration::from_secs(20);
            while acknowledged.load(Ordering::SeqCst) < reached && Instant::now() < deadline {
                thread::yield_now();
            }
            diesel::sql_query(TERMINATE).get_result::<Number>(&mut admin).unwrap();
        }
        running.store(0, Ordering::SeqCst);
    });
    recovers(&db);
    assert!((0..50).all(|_| number(&db, READ) >= before));
    let applied = number(&db, READ) - before;
    let (sure, maybe) = (acknowledged.into_inner(), doubtful.into_inner());
    assert!((sure..=sure + maybe).contains(&applied), "{applied} applied, {sure} acknowledged, {maybe} in doubt");
    assert!(sure >= 50, "only {sure} writes");
}

#[test]
fn postgresql_ending_connections_at_rest_costs_nothing_after_the_first_read() {
    let database = Database::new(Kind::Postgres, &DIARY);
    let db = open(&database, 6);
    School::make(&db, "bir");
    // All six connections are in use once, so all of them are lost.
    let together = Barrier::new(6);
    thread::scope(|scope| {
        for _reader in 0..6 {
            scope.spawn(|| {
                db.read_here(|conn| {
                    number_on(conn, READ).inspect(|_| {
                        together.wait();
                    })
                })
                .unwrap()
            });
        }
    });
    let mut admin = PgConnection::establish(database.url()).unwrap();
    let lost = diesel::sql_query(TERMINATE).get_result::<Number>(&mut admin).unwrap().number;
    assert_eq!(lost, 6);
    recovers(&db);
    assert!((0..50).all(|_| number(&db, READ) >= 0));
}
