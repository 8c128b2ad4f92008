//! A provider that is too slow, wants quiet, or refuses everything.

use std::time::Duration;

use support::database::{Kind, run};
use support::fcm::{Bad, Fault};
use support::process::Process;

use super::scene::Scene;
use super::strike::Kill;
use super::{Cell, GRADES, play_all};
use crate::providers::phone;
use crate::storage::number;

/// More phones than are believed to be gone at once, beside the three there are.
const PHONES: std::ops::RangeInclusive<u32> = 11..=28;
/// As many are believed.
const BELIEVED: usize = 9;

/// Every phone is said to be gone, which is a mistake: most keep their tokens, and everything comes once it is mended.
async fn gone(kind: Kind) {
    let mut scene = Scene::new(kind, &Cell::new("404 for all", Kill::Never)).await;
    let mut server = Process::start(&["serve", "--no-worker"], &scene.settings_of_server());
    server.await_address();
    scene.sign_in(&server, &scene.mother, &PHONES.collect::<Vec<_>>()).await;
    drop(server);
    // She is told of the sign-in.
    scene.until_done().await;
    scene.google.script(|script| script.always(Some(Fault::unregistered())));
    scene.grade(0..GRADES, "4");
    let waiting = "SELECT count(*) AS number FROM alert_deliveries WHERE state = 'pending' AND attempts = 0";
    let planned = "SELECT count(*) AS number FROM events WHERE NOT planned";
    scene.until("delivery that was not tried", |db| number(db, planned) + number(db, waiting) == 0).await;
    scene.until("lease", |db| number(db, &waiting.replace("attempts = 0", "lease_until IS NOT NULL")) == 0).await;
    scene.mend();
    scene.until_done().await;
    let grades = |n| scene.google.phone(&phone(n)).screen().iter().filter(|shown| shown.body.ends_with('4')).count();
    let screens: Vec<usize> = PHONES.chain(1..=3).map(grades).filter(|shown| *shown > 0).collect();
    let dead = number(&scene.db, "SELECT count(*) AS number FROM alert_deliveries WHERE state = 'token-dead'");
    let all = number(&scene.db, "SELECT count(*) AS number FROM alert_deliveries");
    println!("404 for all on {kind:?}: {all} deliveries, {dead} of dead tokens, {} phones told", screens.len());
    assert_eq!(screens, vec![GRADES; PHONES.count() + 3 - BELIEVED]);
    assert_eq!(dead, i64::try_from(BELIEVED * GRADES).unwrap());
}

mod faults {
    use super::*;

    fn grid() -> Vec<Cell> {
        let slow = Fault::bad(Bad::Slow(Duration::from_secs(20)));
        vec![
            Cell::new("too many, and no word how long", Kill::Never).first(Fault::quota(None)),
            Cell::new("20 s slow", Kill::Never).faults(vec![(0.15, slow)]),
            Cell::new("401 for all", Kill::Refusal).always(Fault::unauthenticated()),
        ]
    }

    #[test]
    #[ignore = "minutes: ./test --faults"]
    fn sqlite() {
        play_all(Kind::Sqlite, grid());
        run(gone(Kind::Sqlite));
    }

    #[test]
    #[ignore = "minutes: ./test --faults"]
    fn postgres() {
        play_all(Kind::Postgres, grid());
        run(gone(Kind::Postgres));
    }
}
