//! A provider that is too slow, wants quiet, or refuses everything.

use std::time::Duration;

use support::database::{Kind, run};
use support::fcm::{Bad, Fault};

use super::scene::Scene;
use super::strike::Kill;
use super::{Cell, GRADES, play_together};
use crate::storage::number;

/// More phones than are believed to be gone at once, beside the three there are.
const PHONES: std::ops::RangeInclusive<u32> = 11..=28;
/// As many are believed.
const BELIEVED: usize = 9;

/// Every phone is said to be gone, which is a mistake: most keep their tokens, and everything comes once it is mended.
async fn gone(kind: Kind) {
    let cell = Cell::new("404 for all", Kill::Never).believed(BELIEVED);
    let mut scene = Scene::new(kind, &cell).await;
    let server = scene.server();
    scene.sign_in(&server, true, &PHONES.collect::<Vec<_>>()).await;
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
    scene.stop();
    scene.balance(&cell);
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
        play_together(Kind::Sqlite, grid());
        run(gone(Kind::Sqlite));
    }

    #[test]
    #[ignore = "minutes: ./test --faults"]
    fn postgres() {
        play_together(Kind::Postgres, grid());
        run(gone(Kind::Postgres));
    }
}
