//! A plan that takes long, as one of a whole city may: what is under way meanwhile is answered, and heard.

use std::collections::BTreeMap;
use std::time::Duration;

use support::database::{Kind, run};
use support::fcm::{Bad, Fault};

use super::Cell;
use super::scene::Scene;
use super::strike::Kill;
use crate::storage::number;

/// The second plan takes longer than anybody waits for an answer.
const LONG: &str = "alerts::planning=1*off->1*sleep(18000)";

/// How many phones hear of each grade.
const PHONES: usize = 3;

async fn a_long_plan(kind: Kind) {
    let mut scene = Scene::new(kind, &Cell::new("a long plan", Kill::Never).workers(&[LONG])).await;
    let slow = Fault::bad(Bad::Slow(Duration::from_secs(4)));
    scene.google.script(|script| script.next(vec![Some(slow); PHONES]));
    scene.grade(0..1, "4");
    let first = scene.google.until_calls(PHONES).await;
    scene.grade(1..2, "4");
    scene.until_done().await;
    scene.stop();
    let calls = scene.google.calls();
    let mut sent: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for call in &calls {
        *sent.entry((&call.token, &call.alert)).or_default() += 1;
    }
    assert!(sent.values().all(|times| *times == 1), "an answer that came was not heard: {sent:?}");
    assert_eq!(sent.len(), 2 * PHONES);
    let accepted = "SELECT count(*) AS number FROM alert_deliveries WHERE state = 'accepted' AND attempts = 1";
    assert_eq!(number(&scene.db, accepted), i64::try_from(sent.len()).unwrap());
    // Else nothing was under way during the plan, and nothing is shown.
    let next = calls.iter().find(|call| !first.iter().any(|one| one.alert == call.alert));
    assert!(next.unwrap().at > first[0].at + Duration::from_secs(15), "the plan was made at another time");
}

mod faults {
    use super::*;

    #[test]
    #[ignore = "half a minute: ./test --faults"]
    fn a_plan_that_takes_long_makes_no_push_time_out_sqlite() {
        run(a_long_plan(Kind::Sqlite));
    }

    #[test]
    #[ignore = "half a minute: ./test --faults"]
    fn a_plan_that_takes_long_makes_no_push_time_out_postgres() {
        run(a_long_plan(Kind::Postgres));
    }
}
