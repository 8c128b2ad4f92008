//! The school side: what a journal or a teacher delivers, and what becomes of it.

mod closings;
mod codes;
pub mod deliveries;
mod delivery;
mod files;
mod imports;
mod matrix;
mod news;
mod oauth;
mod races;
mod reconcile;
mod removal;
mod repeated;
mod schemes;
mod teachers;
mod told;

use domain::types::SchoolId;
use reqwest::Method;
use serde_json::{Value, json};
use support::app::{Answer, App};

/// Every scope of a journal but `reopen`.
pub const SCOPES: &str = "roster journal news read";

/// Delivers items of a collection.
async fn put(app: &App, token: &str, school: SchoolId, collection: &str, items: &[Value]) -> Answer {
    let path = format!("/v1/schools/{}/{collection}", school.0);
    app.send(Method::PUT, &path, token, &json!({ "items": items })).await
}

/// Delivers items of which none may be rejected, and returns their outcomes.
pub(crate) async fn deliver(
    app: &App,
    token: &str,
    school: SchoolId,
    collection: &str,
    items: &[Value],
) -> Vec<String> {
    let answer = put(app, token, school, collection, items).await;
    assert_eq!(answer.status, 200, "{collection}: {}", answer.body);
    let outcomes = outcomes(&answer);
    assert!(!outcomes.iter().any(|one| one == "rejected"), "{collection}: {}", answer.body);
    outcomes
}

fn outcomes(answer: &Answer) -> Vec<String> {
    let results = answer.body["results"].as_array().unwrap_or_else(|| panic!("{} {}", answer.status, answer.body));
    results.iter().map(|one| one["outcome"].as_str().unwrap().to_owned()).collect()
}

/// The one item's rejection: pointer, code.
fn refusal(answer: &Answer) -> (&str, &str) {
    let problem = &answer.body["results"][0]["problem"];
    assert_eq!(answer.body["results"][0]["outcome"], "rejected", "{}", answer.body);
    (problem["pointer"].as_str().unwrap(), problem["code"].as_str().unwrap())
}
