//! Everybody writes while everybody reads: no change is missing, none comes twice, each child's are in order.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use domain::db::Db;
use domain::{Error, intake};
use serde_json::Value;
use support::app::{App, noon};
use support::both;
use support::database::Kind;
use support::school::{School, day, name};

use super::{ask, cursor_of_now};
use crate::access::unlimited;
use crate::access::world::guardian;

const WRITERS: usize = 8;
const ROUNDS: usize = 63;
/// Grades a batch; all writers write the same grades, so that they correct each other.
const BATCH: usize = 100;
const PUPILS: usize = 8;
const STEPS: [usize; WRITERS] = [1, 3, 7, 9, 11, 13, 17, 19];

/// Eight pupils, and four guardians of four of them each.
fn families(app: &App) -> (School, Vec<String>) {
    let db = &app.state.db;
    let school = School::make(db, "bir");
    let number = |at: usize| format!("r{at}");
    let pupil = |at| intake::Student {
        external_id: number(at),
        name: name("Оқушы", "Оқушы"),
        birth_date: None,
        sex: None,
        starts_on: day("2026-09-01"),
    };
    school.put(db, &(0..PUPILS).map(pupil).collect::<Vec<_>>());
    let tokens = (0..4).map(|at| {
        let wards: Vec<String> = (0..4).map(|next| number((at * 2 + next) % PUPILS)).collect();
        school.put(db, &[guardian(&format!("f{at}"), &wards.iter().map(String::as_str).collect::<Vec<_>>())]);
        school.guardian(db, &format!("f{at}")).token
    });
    let tokens = tokens.collect();
    (school, tokens)
}

/// One batch: a hundred grades of all pupils, in an order of the writer's own, each with a value nobody else writes.
fn batch(school: &School, writer: usize, round: usize) -> Vec<intake::Grade> {
    let grade = |place: usize| {
        // A step that shares no factor with the batch visits every grade once.
        let at = (place * STEPS[writer] + round) % BATCH;
        let value = format!("{writer}-{round}");
        intake::Grade { points: None, ..school.grade(&format!("x{at}"), &format!("r{}", at % PUPILS), &value) }
    };
    (0..BATCH).map(grade).collect()
}

/// What a reader was told of one grade, in order.
type Told = BTreeMap<(i64, i64), Vec<Value>>;

async fn read(app: &App, token: &str, mut cursor: String, writers: &[JoinHandle<usize>]) -> Told {
    let mut told: Told = BTreeMap::new();
    loop {
        // Asked before the page: what was written until then is in this page or behind it.
        let last = writers.iter().all(JoinHandle::is_finished);
        let answer = ask(app, token, &cursor, 100).await;
        // Too busy a moment: a phone asks again.
        if answer.status == 503 {
            continue;
        }
        assert_eq!(answer.status, 200, "{}", answer.body);
        for item in answer.body["items"].as_array().unwrap() {
            let key = (item["childId"].as_i64().unwrap(), item["entity"]["id"].as_i64().unwrap());
            told.entry(key).or_default().push(item.clone());
        }
        answer.body["nextCursor"].as_str().unwrap().clone_into(&mut cursor);
        if last && answer.body["hasMore"] == false {
            return told;
        }
    }
}

/// Writes every round of one writer and tells how many changes those were. Too busy a moment: a journal comes again.
fn write(db: &Db, school: &School, writer: usize) -> usize {
    let put = |round| loop {
        match intake::put(db, school.writer(noon()), &batch(school, writer, round)) {
            Err(Error::Busy) => {}
            outcomes => return outcomes.unwrap(),
        }
    };
    (0..ROUNDS).map(|round| put(round).iter().filter(|one| one.changed()).count()).sum()
}

both!(eight_writers_and_four_readers_lose_nothing_and_double_nothing, async |kind: Kind| {
    let app = unlimited(kind);
    let (school, tokens) = families(&app);
    let mut cursors = Vec::new();
    for token in &tokens {
        cursors.push(cursor_of_now(&app, token).await);
    }
    let school = Arc::new(school);
    let write = |writer| {
        let (db, school) = (app.state.db.clone(), Arc::clone(&school));
        thread::spawn(move || write(&db, &school, writer))
    };
    let writers: Vec<JoinHandle<usize>> = (0..WRITERS).map(write).collect();
    let read = |reader: usize| read(&app, &tokens[reader], cursors[reader].clone(), &writers);
    let told = tokio::join!(read(0), read(1), read(2), read(3));
    let told = [told.0, told.1, told.2, told.3];
    let written: usize = writers.into_iter().map(|writer| writer.join().unwrap()).sum();
    assert!(written >= 50_000, "only {written} changes");
    let revisions = crate::storage::number(
        &app.state.db,
        "SELECT count(*) AS number FROM grade_revisions WHERE grade_id IN (SELECT id FROM grades WHERE external_id LIKE 'x%')",
    );
    assert_eq!(usize::try_from(revisions).unwrap(), written);

    let mut of_children: BTreeMap<i64, usize> = BTreeMap::new();
    for (reader, told) in told.iter().enumerate() {
        let mut own: BTreeMap<i64, usize> = BTreeMap::new();
        for ((child, grade), changes) in told {
            is_one_history(changes, &format!("reader {reader}, grade {grade}"));
            *own.entry(*child).or_default() += changes.len();
        }
        assert_eq!(own.len(), 4, "reader {reader} has four children");
        for (child, count) in own {
            assert_eq!(*of_children.entry(child).or_insert(count), count, "two readers of child {child} differ");
        }
    }
    assert_eq!(of_children.len(), PUPILS);
    assert_eq!(of_children.values().sum::<usize>(), written, "every change of every child was told");
});

/// Created once, then changed: each change begins with what the one before ended with, and no state comes twice.
fn is_one_history(changes: &[Value], whose: &str) {
    assert_eq!(changes[0]["kind"], "grade.created", "{whose}");
    assert_eq!(changes[0]["entity"]["revision"], 1, "{whose}");
    for pair in changes.windows(2) {
        assert_eq!(pair[1]["kind"], "grade.changed", "{whose}");
        assert_eq!(pair[1]["previous"], pair[0]["entity"], "{whose}");
        assert_eq!(pair[1]["entity"]["revision"].as_i64(), pair[0]["entity"]["revision"].as_i64().map(|last| last + 1));
    }
}
