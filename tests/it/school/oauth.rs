//! Tokens of journals.

use chrono::Duration;
use domain::clients::{self, NewClient, Scopes};
use domain::types::SchoolId;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::Value;
use support::app::{Answer, App, noon};
use support::both;
use support::school::School;

use super::put;
use crate::school::deliveries::again;

const FORM: &str = "application/x-www-form-urlencoded";

fn journal(app: &App, schools: &[SchoolId], key: &str, secret: &str) {
    let scopes = Scopes::parse("roster journal").unwrap();
    let client = NewClient { name: "Kundelik".to_owned(), schools: schools.to_vec(), scopes };
    app.state.db.write_here(|conn| clients::add(conn, &client, (key, secret), noon())).unwrap();
}

async fn ask(app: &App, form: &str) -> Answer {
    let request = app.request(Method::POST, "/v1/oauth/token", "").header(CONTENT_TYPE, FORM).body(form.to_owned());
    Answer::of(request.send().await.unwrap()).await
}

async fn token(app: &App, key: &str, secret: &str) -> Answer {
    ask(app, &format!("grant_type=client_credentials&client_id={key}&client_secret={secret}")).await
}

fn text(answer: &Answer) -> String {
    answer.body["access_token"].as_str().unwrap_or_else(|| panic!("{}", answer.body)).to_owned()
}

both!(a_journal_gets_a_token_by_form_or_by_header_and_writes_with_it, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    journal(&app, &[school.id], "key:1", "se cret");
    for header in [false, true] {
        let answer = if header {
            let request = app.request(Method::POST, "/v1/oauth/token", "").basic_auth("key%3A1", Some("se+cret"));
            let form = "grant_type=client_credentials&audience=ignored";
            Answer::of(request.header(CONTENT_TYPE, FORM).body(form).send().await.unwrap()).await
        } else {
            token(&app, "key%3A1", "se+cret").await
        };
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!((&answer.body["token_type"], &answer.body["expires_in"]), (&"Bearer".into(), &3600.into()));
        assert_eq!(answer.body["scope"], "roster journal");
        assert_eq!(put(&app, &text(&answer), school.id, "grades", &[again("grades")]).await.status, 200);
        // It opens nothing else.
        assert_eq!(app.get("/v1/me", &text(&answer)).await.status, 401);
        app.state.clock.advance(Duration::minutes(59));
        assert_eq!(put(&app, &text(&answer), school.id, "grades", &[again("grades")]).await.status, 200);
        app.state.clock.advance(Duration::minutes(1));
        assert_eq!(put(&app, &text(&answer), school.id, "grades", &[again("grades")]).await.status, 401);
    }
});

both!(unknown_journals_wrong_secrets_and_disabled_ones_are_the_same, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    journal(&app, &[school.id], "one", "right");
    journal(&app, &[school.id], "two", "right");
    let live = text(&token(&app, "two", "right").await);
    app.state.db.write_here(|conn| clients::disable(conn, "two", noon())).unwrap();
    assert_eq!(put(&app, &live, school.id, "grades", &[again("grades")]).await.status, 401, "at once");
    let mut answers = Vec::new();
    for (key, secret) in [("one", "wrong"), ("nobody", "right"), ("two", "right"), ("one", "")] {
        let mut answer = token(&app, key, secret).await;
        assert_eq!((answer.status, answer.problem()), (401, "invalid-client"), "{key} {secret}");
        assert!(answer.header("www-authenticate").starts_with("Basic"));
        answer.body["requestId"] = Value::Null;
        answers.push(answer.body);
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
});

both!(two_secrets_are_good_at_a_time_so_that_they_can_be_rotated, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    journal(&app, &[school.id], "one", "first");
    let rotate = |secret: &str, at_once| {
        app.state.db.write_here(|conn| clients::rotate(conn, "one", secret, at_once)).unwrap();
    };
    rotate("second", false);
    let old = text(&token(&app, "one", "first").await);
    assert_eq!(token(&app, "one", "second").await.status, 200);
    rotate("third", false);
    assert_eq!(token(&app, "one", "first").await.status, 401);
    assert_eq!(token(&app, "one", "second").await.status, 200);
    // A leaked secret ends at once, with what was got by it.
    assert_eq!(put(&app, &old, school.id, "grades", &[again("grades")]).await.status, 200);
    rotate("fourth", true);
    assert_eq!(token(&app, "one", "third").await.status, 401);
    assert_eq!(put(&app, &old, school.id, "grades", &[again("grades")]).await.status, 401);
    assert_eq!(token(&app, "one", "fourth").await.status, 200);
});

both!(a_token_carries_the_scopes_asked_for_and_no_more, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    journal(&app, &[school.id], "one", "right");
    let with = async |scope: &str| {
        ask(&app, &format!("grant_type=client_credentials&client_id=one&client_secret=right&scope={scope}")).await
    };
    let narrow = with("journal").await;
    assert_eq!(narrow.body["scope"], "journal");
    assert_eq!(put(&app, &text(&narrow), school.id, "grades", &[again("grades")]).await.status, 200);
    let refused = put(&app, &text(&narrow), school.id, "students", &[again("students")]).await;
    assert_eq!((refused.status, refused.problem()), (403, "insufficient-scope"));
    for (scope, problem) in [("read", "invalid-scope"), ("journal+read", "invalid-scope"), ("all", "invalid-scope")] {
        let answer = with(scope).await;
        assert_eq!((answer.status, answer.problem()), (400, problem), "{scope}");
    }
});

both!(a_request_for_a_token_that_is_none_is_refused, async |app: App| {
    journal(&app, &[School::make(&app.state.db, "bir").id], "one", "right");
    let right = "grant_type=client_credentials&client_id=one&client_secret=right";
    for (form, status) in [
        ("grant_type=password&username=a&password=b", 400),
        ("client_id=one&client_secret=right", 400),
        ("grant_type=client_credentials&grant_type=client_credentials&client_id=one&client_secret=right", 400),
        ("grant_type=client_credentials", 401),
        ("%ff=%00", 400),
        ("", 400),
    ] {
        assert_eq!(ask(&app, form).await.status, status, "{form}");
    }
    let twice = app.request(Method::POST, "/v1/oauth/token", "").basic_auth("one", Some("right"));
    let twice = Answer::of(twice.header(CONTENT_TYPE, FORM).body(right).send().await.unwrap()).await;
    assert_eq!(twice.status, 400);
    let json = app.post("/v1/oauth/token", "", &serde_json::json!({"grant_type": "client_credentials"})).await;
    assert_eq!(json.status, 415);
    assert_eq!(ask(&app, &format!("{right}&x={}", "a".repeat(300_000))).await.status, 413);
});

both!(a_journal_of_two_schools_writes_for_both_and_for_no_third, async |app: App| {
    let db = &app.state.db;
    let (bir, eki, ush) = (School::make(db, "bir"), School::make(db, "eki"), School::make(db, "ush"));
    journal(&app, &[bir.id, eki.id], "one", "right");
    let token = text(&token(&app, "one", "right").await);
    for (school, status) in [(bir.id, 200), (eki.id, 200), (ush.id, 404)] {
        assert_eq!(put(&app, &token, school, "grades", &[again("grades")]).await.status, status);
    }
});
