//! Tokens: how they rotate, what a lost answer costs, what a copied one ends, how long they live.

use chrono::Duration;
use domain::invitations::Invited;
use domain::types::Role;
use serde_json::{Value, json};
use support::app::{Answer, App};
use support::both;
use support::school::{PASSWORD, School};

use super::{signed_in, text};

async fn refresh(app: &App, token: &Value) -> Answer {
    app.post("/v1/sessions/refresh", "", &json!({"refreshToken": token})).await
}

/// The answer to a refresh that must succeed.
async fn refreshed(app: &App, token: &Value) -> Value {
    let answer = refresh(app, token).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{answer:?}");
    answer.body
}

async fn refused(app: &App, token: &Value) {
    let answer = refresh(app, token).await;
    assert_eq!((answer.status, answer.problem()), (401, "refresh-token-spent"), "{answer:?}");
}

/// A school whose guardian `bir-g1` signs in.
async fn mother(app: &App) -> Value {
    let school = School::make(&app.state.db, "bir");
    school.guardian(&app.state.db, "g1");
    app.sign_in("bir-g1", PASSWORD).await
}

async fn alive(app: &App, opened: &Value) -> bool {
    signed_in(app, text(&opened["accessToken"])).await
}

both!(a_refresh_gives_two_new_tokens_and_the_same_session, async |app: App| {
    let opened = mother(&app).await;
    app.state.clock.advance(Duration::minutes(40));
    let next = refreshed(&app, &opened["refreshToken"]).await;
    assert!(next["accessToken"] != opened["accessToken"] && next["refreshToken"] != opened["refreshToken"]);
    let shape = |body: &Value| body.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(shape(&next), shape(&opened));
    assert_eq!((&next["user"], &next["expiresIn"]), (&opened["user"], &json!(1800)));
    assert!(!alive(&app, &opened).await && alive(&app, &next).await);
    let list = app.get("/v1/sessions", text(&next["accessToken"])).await;
    let current: Vec<_> = list.body["items"].as_array().unwrap().iter().filter(|one| one["current"] == true).collect();
    assert_eq!(current.len(), 1);
    assert_eq!(
        (&current[0]["createdAt"], &current[0]["lastUsedAt"]),
        (&json!("2026-11-18T07:00:00Z"), &json!("2026-11-18T07:40:00Z"))
    );
});

both!(a_lost_answer_costs_nothing_and_voids_the_tokens_that_got_lost, async |app: App| {
    let opened = mother(&app).await;
    let lost = refreshed(&app, &opened["refreshToken"]).await;
    let lost_too = refreshed(&app, &opened["refreshToken"]).await;
    assert!(!alive(&app, &lost).await && alive(&app, &lost_too).await);
    let arrived = refreshed(&app, &opened["refreshToken"]).await;
    assert!(!alive(&app, &lost).await && !alive(&app, &lost_too).await && alive(&app, &arrived).await);
    let next = refreshed(&app, &arrived["refreshToken"]).await;
    assert!(alive(&app, &next).await);
});

both!(a_refresh_token_voided_by_a_lost_answer_is_no_token_any_more, async |app: App| {
    let opened = mother(&app).await;
    let lost = refreshed(&app, &opened["refreshToken"]).await;
    let arrived = refreshed(&app, &opened["refreshToken"]).await;
    refused(&app, &lost["refreshToken"]).await;
    // Somebody has a copy: nobody can tell who, so the session is over.
    assert!(!alive(&app, &arrived).await);
});

both!(a_spent_token_ends_its_session_once_its_successor_was_used, async |app: App| {
    let opened = mother(&app).await;
    let other = app.sign_in("bir-g1", PASSWORD).await;
    let second = refreshed(&app, &opened["refreshToken"]).await;
    let third = refreshed(&app, &second["refreshToken"]).await;
    assert!(alive(&app, &third).await);
    refused(&app, &opened["refreshToken"]).await;
    assert!(!alive(&app, &third).await);
    for token in [&third, &second, &opened] {
        refused(&app, &token["refreshToken"]).await;
    }
    assert!(alive(&app, &other).await, "only the copied session ends");
    refreshed(&app, &other["refreshToken"]).await;
});

both!(two_refreshes_at_once_leave_one_pair_of_tokens, async |app: App| {
    let mut opened = mother(&app).await;
    for _round in 0..5 {
        let token = opened["refreshToken"].clone();
        let (one, other) = tokio::join!(refresh(&app, &token), refresh(&app, &token));
        assert_eq!((one.status, other.status), (200, 200), "{one:?} {other:?}");
        let (first, second) = (alive(&app, &one.body).await, alive(&app, &other.body).await);
        assert!(first != second, "{first} {second}");
        opened = if first { one.body } else { other.body };
    }
});

both!(what_was_never_a_refresh_token_is_refused, async |app: App| {
    let opened = mother(&app).await;
    let access = text(&opened["accessToken"]).to_owned();
    for token in
        [String::new(), ".".to_owned(), "x".to_owned(), "a.b".to_owned(), access.clone(), format!("{access}.{access}")]
    {
        refused(&app, &json!(token)).await;
    }
    assert!(alive(&app, &opened).await);
    let malformed = app.post("/v1/sessions/refresh", "", &json!({"refreshToken": null})).await;
    assert_eq!(malformed.status, 422);
});

both!(an_access_token_lives_for_half_an_hour, async |app: App| {
    let opened = mother(&app).await;
    app.state.clock.advance(Duration::seconds(1799));
    assert!(alive(&app, &opened).await);
    app.state.clock.advance(Duration::seconds(1));
    assert!(!alive(&app, &opened).await);
    let next = refreshed(&app, &opened["refreshToken"]).await;
    assert!(alive(&app, &next).await);
});

both!(a_family_may_be_away_for_220_days_as_often_as_it_likes, async |app: App| {
    let mut opened = mother(&app).await;
    for _summer in 0..4 {
        app.state.clock.advance(Duration::days(220) - Duration::seconds(1));
        opened = refreshed(&app, &opened["refreshToken"]).await;
        assert_eq!(opened["refreshExpiresIn"], 220 * 24 * 3600);
    }
    app.state.clock.advance(Duration::days(220));
    refused(&app, &opened["refreshToken"]).await;
});

both!(staff_may_be_away_for_14_days_and_sign_in_again_after_90, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    school.account(&app.state.db, &Invited::Staff("t1".to_owned(), Role::Teacher));
    let idle = app.sign_in("bir-t1", PASSWORD).await;
    let mut opened = app.sign_in("bir-t1", PASSWORD).await;
    for days in [13, 26, 39, 52, 65, 78] {
        app.state.clock.advance(Duration::days(13));
        opened = refreshed(&app, &opened["refreshToken"]).await;
        assert_eq!(opened["refreshExpiresIn"], (90 - days).min(14) * 24 * 3600, "after {days} days");
    }
    refused(&app, &idle["refreshToken"]).await;
    app.state.clock.advance(Duration::days(12) - Duration::seconds(1));
    opened = refreshed(&app, &opened["refreshToken"]).await;
    assert_eq!(opened["refreshExpiresIn"], 1);
    app.state.clock.advance(Duration::seconds(1));
    refused(&app, &opened["refreshToken"]).await;
});
