//! The same delivery twice, in parallel, under a key: the state of one clean delivery.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use support::app::{Answer, App};
use support::both;
use support::school::School;

use super::deliveries::{grade, with};
use super::{SCOPES, outcomes};

async fn keyed(app: &App, token: &str, path: &str, key: &str, items: &Value) -> Answer {
    let request = app.request(Method::PUT, path, token).header("idempotency-key", key).json(&json!({ "items": items }));
    Answer::of(request.send().await.unwrap()).await
}

async fn history(app: &App, school: &School, token: &str) -> Vec<Value> {
    let child = school.children[0].0;
    let grades = app.get(&format!("/v1/children/{child}/grades"), token).await.body;
    let mut all = Vec::new();
    for one in grades["items"].as_array().unwrap() {
        let path = format!("/v1/children/{child}/grades/{}/history", one["id"]);
        all.extend(app.get(&path, token).await.body["items"].as_array().unwrap().clone());
    }
    all
}

both!(the_same_key_and_delivery_have_one_effect_and_one_answer, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    let path = format!("/v1/schools/{}/grades", school.id.0);
    let items = json!([grade("k1", "p1", "7")]);
    let first = keyed(&app, &journal, &path, "one", &items).await;
    assert_eq!(outcomes(&first), ["created"]);
    let second = keyed(&app, &journal, &path, "one", &items).await;
    assert_eq!(second.body, first.body, "the same answer, not `unchanged`");
    for (path, items) in [
        (path.clone(), json!([grade("k1", "p1", "6")])),
        (format!("{path}?atomic=true"), items.clone()),
        (format!("/v1/schools/{}/homework", school.id.0), items.clone()),
    ] {
        let other = keyed(&app, &journal, &path, "one", &items).await;
        assert_eq!((other.status, other.problem()), (422, "idempotency-key-reused"), "{path}");
    }
    // Keys of another journal are its own.
    let another = school.journal(&app.state.db, SCOPES);
    assert_eq!(outcomes(&keyed(&app, &another, &path, "one", &items).await), ["unchanged"]);
});

both!(a_repeated_answer_holds_no_code, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    let path = format!("/v1/schools/{}/guardians", school.id.0);
    let items = json!([with(super::deliveries::again("guardians"), "externalId", "g9")]);
    let first = keyed(&app, &journal, &path, "one", &items).await.body;
    assert!(first["results"][0]["invitation"]["code"].is_string(), "{first}");
    let second = keyed(&app, &journal, &path, "one", &items).await.body;
    assert_eq!(second["results"][0]["outcome"], "created");
    assert_eq!(second["results"][0]["invitation"], Value::Null);
});

both!(twins_at_the_same_time_count_once, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    let mother = school.guardian(&app.state.db, "g1").token;
    let path = format!("/v1/schools/{}/grades", school.id.0);
    let before = history(&app, &school, &mother).await.len();
    let items = Value::from((0..20).map(|number| grade(&format!("t{number}"), "p1", "7")).collect::<Vec<_>>());
    let keys = ["same", "same", "same", "same", "a", "b", "c", "d"];
    let answers = join_all(keys.map(|key| keyed(&app, &journal, &path, key, &items))).await;
    for answer in &answers {
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    assert!(answers[..4].windows(2).all(|pair| pair[0].body == pair[1].body), "twins are answered alike");
    let created = answers[3..].iter().filter(|answer| outcomes(answer)[0] == "created").count();
    assert_eq!(created, 1, "one of five deliveries made them");
    assert_eq!(history(&app, &school, &mother).await.len(), before + 20, "revisions count once");
});

both!(two_corrections_at_the_same_time_are_both_in_the_history_in_one_order, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    let mother = school.guardian(&app.state.db, "g1").token;
    let path = format!("/v1/schools/{}/grades", school.id.0);
    let corrections: Vec<Value> = (1..=8).map(|value| json!([grade("e1", "p1", &format!("{value}"))])).collect();
    let keys: Vec<String> = (1..=8).map(|value| format!("key-{value}")).collect();
    let sent = keys.iter().zip(&corrections).map(|(key, items)| keyed(&app, &journal, &path, key, items));
    for answer in join_all(sent).await {
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    let history = history(&app, &school, &mother).await;
    let revisions: Vec<i64> = history.iter().map(|one| one["revision"].as_i64().unwrap()).collect();
    assert_eq!(revisions, (1..=i64::try_from(history.len()).unwrap()).collect::<Vec<_>>());
    for value in 1..=8 {
        assert!(
            history.iter().any(|one| one["value"] == json!(format!("{value}"))),
            "{value} is in the history: {history:?}"
        );
    }
});
