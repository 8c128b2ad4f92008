//! The phones pushes go to.

use reqwest::Method;
use serde_json::{Value, json};
use support::app::{Answer, App};
use support::both;
use support::school::{PASSWORD, School};

use crate::storage::number;

pub const PHONE: &str = "0b3f2c5e-3f0e-4f0a-9d57-0f6f5a1f9f01";
pub const TABLET: &str = "0b3f2c5e-3f0e-4f0a-9d57-0f6f5a1f9f02";

/// Registers an installation of whoever holds `token`.
pub async fn register(app: &App, token: &str, installation: &str, push_token: &str) -> Answer {
    let form = json!({"platform": "android", "pushToken": push_token, "appVersion": "1.0", "language": "ru"});
    app.send(Method::PUT, &format!("/v1/devices/{installation}"), token, &form).await
}

async fn remove(app: &App, token: &str, installation: &str) -> u16 {
    app.send(Method::DELETE, &format!("/v1/devices/{installation}"), token, &Value::Null).await.status
}

fn devices(app: &App, of: &str) -> i64 {
    number(&app.state.db, &format!("SELECT count(*) AS number FROM devices {of}"))
}

both!(a_phone_registers_again_and_stays_one, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let token = school.guardian(&app.state.db, "g1").token;
    let answer = register(&app, &token, PHONE, "first-token").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let shown = json!({"installationId": PHONE, "platform": "android", "appVersion": "1.0", "language": "ru"});
    assert_eq!(answer.body, shown, "the token is not shown again");
    assert_eq!(register(&app, &token, PHONE, "second-token").await.status, 200);
    assert_eq!(register(&app, &token, TABLET, "third-token").await.status, 200);
    assert_eq!(devices(&app, ""), 2);
    assert_eq!(devices(&app, "WHERE push_token = 'first-token'"), 0);
    assert_eq!((remove(&app, &token, PHONE).await, remove(&app, &token, PHONE).await), (204, 404));
    assert_eq!(devices(&app, ""), 1);
});

both!(a_push_token_under_another_account_moves, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let (mother, father) = (school.guardian(&app.state.db, "g1").token, school.guardian(&app.state.db, "g2").token);
    assert_eq!(register(&app, &mother, PHONE, "one-phone").await.status, 200);
    assert_eq!(register(&app, &father, TABLET, "one-phone").await.status, 200);
    assert_eq!(devices(&app, ""), 1);
    assert_eq!(remove(&app, &mother, PHONE).await, 404);
    assert_eq!(remove(&app, &father, TABLET).await, 204);
});

both!(two_accounts_may_use_one_installation_in_turn, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let (mother, father) = (school.guardian(&app.state.db, "g1").token, school.guardian(&app.state.db, "g2").token);
    assert_eq!(register(&app, &mother, PHONE, "a").await.status, 200);
    assert_eq!(register(&app, &father, PHONE, "b").await.status, 200);
    assert_eq!(remove(&app, &father, PHONE).await, 204);
    assert_eq!(devices(&app, "WHERE push_token = 'a'"), 1, "one cannot take the other's phone away");
});

both!(a_sign_out_takes_the_phone_with_it_and_no_other, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let who = school.guardian(&app.state.db, "g1");
    let second = app.sign_in(&who.login, PASSWORD).await;
    let second = second["accessToken"].as_str().unwrap();
    register(&app, &who.token, PHONE, "a").await;
    register(&app, second, TABLET, "b").await;
    assert_eq!(app.send(Method::DELETE, "/v1/sessions/current", second, &Value::Null).await.status, 204);
    assert_eq!((devices(&app, ""), devices(&app, "WHERE push_token = 'a'")), (1, 1));
    let third = app.sign_in(&who.login, PASSWORD).await;
    let third = third["accessToken"].as_str().unwrap();
    let change = json!({"currentPassword": PASSWORD, "password": "басқа құпиясөз керек"});
    assert_eq!(app.send(Method::PUT, "/v1/me/password", third, &change).await.status, 204);
    assert_eq!(devices(&app, ""), 0, "a new password ends the other sessions");
});

both!(what_is_no_installation_is_refused, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let token = school.guardian(&app.state.db, "g1").token;
    for id in ["phone", "0b3f2c5e3f0e4f0a9d570f6f5a1f9f01", "{0b3f2c5e-3f0e-4f0a-9d57-0f6f5a1f9f01}"] {
        assert_eq!(register(&app, &token, id, "a").await.status, 404, "{id}");
    }
    for push_token in ["", "with space", "ключ", &"a".repeat(1025)] {
        let answer = register(&app, &token, PHONE, push_token).await;
        assert_eq!(answer.body["errors"][0]["pointer"], "/pushToken", "{push_token}");
    }
    assert_eq!(devices(&app, ""), 0);
    // The longest one fits, though nothing about it repeats.
    let longest: String = (0..).map(|place| domain::secrets::hash(&format!("{place}"))).take(24).collect();
    assert_eq!(register(&app, &token, PHONE, &longest[..1024]).await.status, 200);
});

both!(the_phone_unseen_for_longest_makes_room, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let token = school.guardian(&app.state.db, "g1").token;
    for at in 0..22 {
        let id = format!("0b3f2c5e-3f0e-4f0a-9d57-0f6f5a1f9f{at:02}");
        assert_eq!(register(&app, &token, &id, &format!("token-{at}")).await.status, 200);
        app.state.clock.advance(chrono::Duration::seconds(1));
    }
    assert_eq!(devices(&app, ""), 20);
    assert_eq!(devices(&app, "WHERE push_token IN ('token-0', 'token-1')"), 0);
});
