//! Guardians who are unlinked, phones that are signed out and change hands, all of it with alerts waiting for them, and a
//! worker that dies over it.

use domain::db::Db;
use reqwest::Method;
use serde_json::Value;
use support::database::{Kind, run};
use support::fcm::{Call, Fault, Script};

use super::scene::Scene;
use super::strike::Kill;
use super::{Cell, GRADES};
use crate::access::world::guardian;
use crate::providers::phone;
use crate::storage::number;

/// The father's, one of a session that ends, one that becomes a stranger's.
const FATHERS: u32 = 3;
const SIGNED_OUT: u32 = 4;
const HANDED_ON: u32 = 5;

/// All of them have grades waiting, tried and refused, when they may not know of them any more.
async fn pending_for_all(scene: &mut Scene) -> String {
    let server = scene.server();
    let leaving = scene.sign_in(&server, true, &[SIGNED_OUT]).await;
    scene.sign_in(&server, true, &[HANDED_ON]).await;
    // What happened to the account itself has come.
    scene.until_done().await;
    scene.google.script(|script| script.always(Some(Fault::unavailable())));
    scene.grade(0..GRADES, "4");
    let tried = "SELECT count(DISTINCT target_id) AS number FROM alert_deliveries \
        WHERE state = 'pending' AND attempts > 0 AND child_id <> 0";
    let behind = "SELECT count(*) AS number FROM events WHERE NOT planned";
    let all = |db: &Db| (number(db, behind), number(db, tried)) == (0, i64::from(HANDED_ON));
    scene.until("try on each phone", all).await;
    leaving
}

async fn people_come_and_go(kind: Kind) {
    let mut scene = Scene::new(kind, &Cell::new("people come and go", Kill::Never)).await;
    scene.put(&[guardian("g3", &["p1"])]);
    let stranger = scene.school.guardian(&scene.db, "g3").login;
    let leaving = pending_for_all(&mut scene).await;
    let server = scene.server();
    let stranger = scene.session(&server, &stranger, "full").await;

    scene.put(&[guardian("g2", &[])]);
    assert_eq!(server.send(Method::DELETE, "/v1/sessions/current", &leaving, &Value::Null).await.status, 204);
    scene.register(&server, &stranger, HANDED_ON).await;
    scene.kill();
    scene.google.script(Script::clear);
    scene.end_waits();
    scene.grade(GRADES..GRADES + 1, "4");
    scene.until_done().await;
    scene.stop();

    let (calls, grades) = (scene.google.calls(), scene.of_grades());
    // All that these sent was taken behind what happened.
    let behind = |call: &&Call| !scene.deaths[0].access.contains(&call.access) && grades.contains(&call.alert);
    for call in calls.iter().filter(behind) {
        let strangers = [FATHERS, SIGNED_OUT, HANDED_ON].map(phone);
        assert!(!strangers.contains(&call.token), "told to somebody who may not know: {call:?}");
    }
    let screens: Vec<usize> = (1..=HANDED_ON).map(|n| scene.screen(n).len()).collect();
    assert_eq!(screens, [GRADES + 1, GRADES + 1, 0, 0, 0]);
    let suppressed = |reason: &str| {
        let of = format!("state = 'suppressed' AND reason = '{reason}'");
        number(&scene.db, &format!("SELECT count(*) AS number FROM alert_deliveries WHERE {of}"))
    };
    let all = i64::try_from(GRADES).unwrap();
    let reasons = (suppressed("unlinked"), suppressed("signed-out"), suppressed("moved"));
    assert_eq!(reasons, (all, all, all), "each ended because of what happened");
}

#[test]
fn what_is_taken_behind_an_unlinking_a_sign_out_or_a_change_of_hands_reaches_nobody_sqlite() {
    run(people_come_and_go(Kind::Sqlite));
}

#[test]
fn what_is_taken_behind_an_unlinking_a_sign_out_or_a_change_of_hands_reaches_nobody_postgres() {
    run(people_come_and_go(Kind::Postgres));
}
