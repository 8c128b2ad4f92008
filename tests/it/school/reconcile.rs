//! Reconciling: a journal lists what it delivered itself, and nothing else.

use serde_json::{Value, json};
use support::app::App;
use support::both;
use support::school::School;

use super::deliveries::{gone, grade};
use super::{SCOPES, deliver};

async fn list(app: &App, token: &str, school: &School, query: &str) -> Value {
    let answer = app.get(&format!("/v1/schools/{}/grades?{query}", school.id.0), token).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

fn numbers(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|one| one["externalId"].as_str().unwrap()).collect()
}

both!(a_journal_lists_what_it_delivered_and_nothing_others_wrote, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let (one, two) = (school.journal(&app.state.db, SCOPES), school.journal(&app.state.db, SCOPES));
    deliver(&app, &one, school.id, "grades", &[grade("a", "p1", "7"), grade("b", "p2", "8")]).await;
    deliver(&app, &two, school.id, "grades", &[grade("c", "p1", "9")]).await;
    // The fixture wrote e1: it becomes this journal's own when it delivers it.
    assert_eq!(numbers(&list(&app, &one, &school, "").await), ["a", "b"]);
    assert_eq!(deliver(&app, &one, school.id, "grades", &[grade("e1", "p1", "8")]).await, ["unchanged"]);
    assert_eq!(numbers(&list(&app, &one, &school, "").await), ["a", "b", "e1"]);
    assert_eq!(numbers(&list(&app, &two, &school, "").await), ["c"]);
    deliver(&app, &one, school.id, "grades", &[gone("a")]).await;
    assert_eq!(numbers(&list(&app, &one, &school, "").await), ["b", "e1"]);
    let text = list(&app, &one, &school, "").await.to_string();
    for secret in ["Әсел", "p1", "formative"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
});

both!(the_hash_is_of_the_item_as_it_was_sent_whatever_the_order_of_its_keys, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    let path = format!("/v1/schools/{}/subjects", school.id.0);
    let send = async |item: &str| {
        let request = app.request(reqwest::Method::PUT, &path, &journal).header("content-type", "application/json");
        assert_eq!(request.body(format!("{{\"items\":[{item}]}}")).send().await.unwrap().status(), 200);
        app.get(&path, &journal).await.body["items"][0]["hash"].clone()
    };
    // SHA-256 of {"externalId":"geo","names":{"kk":"Геометрия","ru":"Геометрия"}}, its first 15 bytes.
    let hash = send(r#"{"names": {"ru": "Геометрия", "kk": "Геометрия"}, "externalId": "geo"}"#).await;
    assert_eq!(hash, HASH);
    assert_eq!(send(r#"{"externalId":"geo","names":{"kk":"Геометрия","ru":"Геометрия"}}"#).await, HASH);
    assert_ne!(send(r#"{"externalId":"geo","names":{"kk":"Геометрия"}}"#).await, HASH);
});

const HASH: &str = "WEjnwRBKDRyaQgZORVHa";

both!(only_what_changed_since_is_listed_page_by_page, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    let many: Vec<Value> = (10..35).map(|number| grade(&format!("g{number}"), "p1", "7")).collect();
    deliver(&app, &journal, school.id, "grades", &many).await;
    app.state.clock.advance(chrono::Duration::minutes(5));
    deliver(&app, &journal, school.id, "grades", &[grade("g20", "p1", "9"), grade("g21", "p1", "7")]).await;
    assert_eq!(numbers(&list(&app, &journal, &school, "updatedAfter=2026-11-18T07:01:00Z").await), ["g20"]);
    let (mut seen, mut query) = (Vec::new(), "limit=10".to_owned());
    loop {
        let page = list(&app, &journal, &school, &query).await;
        seen.extend(numbers(&page).into_iter().map(str::to_owned));
        let Some(next) = page["nextCursor"].as_str() else { break };
        query = format!("limit=10&cursor={next}");
    }
    assert_eq!(seen.len(), 25);
    assert_eq!(seen.last().unwrap(), "g20", "the last change comes last");
    // A cursor is its journal's own.
    let page = list(&app, &journal, &school, "limit=10").await;
    let other = school.journal(&app.state.db, SCOPES);
    let path = format!("/v1/schools/{}/grades?cursor={}", school.id.0, page["nextCursor"].as_str().unwrap());
    assert_eq!(app.get(&path, &other).await.problem(), "bad-cursor");
    assert_eq!(app.get(&path.replace("/grades", "/homework"), &journal).await.problem(), "bad-cursor");
    assert_eq!(json!(app.get(&path, &journal).await.status), json!(200));
});
