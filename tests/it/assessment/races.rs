//! Closing a period against grades that come at the same moment: each is in the result, or refused.

use std::sync::Barrier;
use std::thread;

use diesel::prelude::*;
use diesel::sql_types::Text;
use domain::assessment::Assessed;
use domain::closing as closings;
use domain::db::{Db, Settings};
use domain::intake::{self, Outcome, Writer};
use domain::types::GradeKind;
use support::app::{DIARY, noon};
use support::both;
use support::database::{Database, Kind};
use support::school::School;

use super::{period, reopen, work, writer};
use crate::storage::number;

const WRITERS: usize = 6;
const GRADES: usize = 30;

fn open(database: &Database) -> Db {
    Db::open(&Settings { url: database.url().to_owned(), connections: 10, patience_ms: 30_000 }).unwrap()
}

/// Writes grades one by one until one is refused, and tells how many were taken.
fn write(db: &Db, school: &School, round: usize, thread: usize) -> usize {
    let pupil = ["p1", "p2"][thread % 2];
    for place in 0..GRADES {
        let grade = school.grade(&format!("r{round}-{thread}-{place}"), pupil, "7");
        match &intake::put(db, writer(school), &[grade]).unwrap()[..] {
            [Outcome::Created(_)] => {}
            [Outcome::Rejected(flaw)] if flaw.code == "period-closed" => return place,
            other => panic!("{other:?}"),
        }
    }
    GRADES
}

#[derive(QueryableByName)]
struct Detail {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// How many grades the results in force were made of.
fn counted(db: &Db) -> i64 {
    let query = "SELECT detail FROM results JOIN periods ON periods.id = period_id AND closed_at = frozen_at";
    let details: Vec<Detail> = db.read_here(|conn| Ok(diesel::sql_query(query).load(conn)?)).unwrap();
    let parts = details.iter().flat_map(|one| serde_json::from_str::<Assessed>(&one.detail).unwrap().parts);
    parts.map(|part| i64::try_from(part.count).unwrap()).sum()
}

both!(a_grade_is_in_the_result_or_it_is_refused, async |kind: Kind| {
    let database = Database::new(kind, &DIARY);
    let db = open(&database);
    let school = School::make(&db, "bir");
    let id = period(&db, &school, "2");
    let mut cut = 0;
    for round in 0..8 {
        let barrier = Barrier::new(WRITERS + 1);
        let taken: usize = thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|thread| {
                    let (db, school, barrier) = (&db, &school, &barrier);
                    scope.spawn(move || {
                        barrier.wait();
                        write(db, school, round, thread)
                    })
                })
                .collect();
            barrier.wait();
            // Some grades come before the closing, whatever the scheduler does.
            intake::put(&db, writer(&school), &[school.grade(&format!("first{round}"), "p1", "7")]).unwrap();
            closings::close(&db, writer(&school), id).unwrap();
            1 + writers.into_iter().map(|writer| writer.join().unwrap()).sum::<usize>()
        });
        cut += usize::from(taken < 1 + WRITERS * GRADES);
        let standing =
            number(&db, "SELECT count(*) AS number FROM grades WHERE NOT removed AND graded_on >= '2026-11-02'");
        assert_eq!(counted(&db), standing, "round {round}: {taken} taken");
        assert!(reopen(&db, &school, "2"));
    }
    assert!(cut > 0, "the closing never came between");
});

both!(two_closings_at_once_freeze_everything_once, async |kind: Kind| {
    let database = Database::new(kind, &DIARY);
    let db = open(&database);
    let school = School::make(&db, "bir");
    school.put(&db, &[work(&school, "t1", GradeKind::Term, 20, 25)]);
    let id = period(&db, &school, "2");
    let frozen: usize = thread::scope(|scope| {
        let threads: Vec<_> = (0..6)
            .map(|thread| {
                let (db, school) = (&db, &school);
                let writer = Writer { now: noon() + chrono::Duration::seconds(thread), ..writer(school) };
                scope.spawn(move || closings::close(db, writer, id).unwrap().results)
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(frozen, 2);
    assert_eq!(number(&db, "SELECT count(*) AS number FROM results"), 2);
});

both!(closings_of_overlapping_periods_beside_writers_come_to_an_end, async |kind: Kind| {
    let database = Database::new(kind, &DIARY);
    let db = open(&database);
    let school = School::make(&db, "bir");
    let ids = ["1", "2"].map(|number| period(&db, &school, number));
    thread::scope(|scope| {
        for (thread, id) in ids.into_iter().cycle().take(4).enumerate() {
            let (db, school) = (&db, &school);
            scope.spawn(move || {
                for place in 0..10 {
                    closings::close(db, writer(school), id).unwrap();
                    let scope = |conn: &mut _| closings::scope(conn, school.id, id);
                    db.write_children_here(scope, |conn, touch| closings::reopen(conn, touch, writer(school), id))
                        .unwrap();
                    let set = super::set(
                        &format!("o{thread}-{place}"),
                        "p1",
                        "1",
                        domain::types::PeriodGradeKind::Period,
                        "4",
                    );
                    intake::put(db, writer(school), &[set]).unwrap();
                }
            });
        }
        for thread in 0..2 {
            let (db, school) = (&db, &school);
            scope.spawn(move || write(db, school, 99, thread));
        }
    });
});
