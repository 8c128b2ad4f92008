//! The free diary alone: built without the feature `rating`, it knows nothing of it.

use api::config::Config;
use serde_json::{Value, json};
use support::app::{Answer, App};
use support::both;
use support::school::School;

/// In place of what the rating's problems take.
#[derive(Default)]
pub struct Money;

impl Money {
    #[allow(clippy::unused_self, reason = "it stands for one that has something")]
    pub fn set(&self, _: &mut Config) {}

    #[allow(clippy::unused_async, clippy::unused_self, reason = "it stands for one that asks the server")]
    pub async fn provoke(&self, _: &App, _: &School, _: &str, name: &str) -> Answer {
        panic!("say in problems.rs how to meet the problem {name}")
    }
}

both!(the_routes_of_the_rating_are_not_there, async |app: App| {
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/rating.json")).unwrap();
    let document: Value = serde_json::from_str(&committed).unwrap();
    let school = School::make(&app.state.db, "bir");
    let mother = school.guardian(&app.state.db, "g1");
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let path = path.replace("{id}", &school.children[0].0.to_string());
            let method = method.to_uppercase().parse().unwrap();
            let answer = app.send(method, &path, &mother.token, &json!({})).await;
            assert_eq!((answer.status, answer.problem()), (404, "not-found"), "{path}");
            asked += 1;
        }
    }
    assert!(asked >= 10, "only {asked} routes");
    for code in ["subscription-required", "voucher-spent", "subscription-taken"] {
        assert_eq!(app.get(&format!("/problems/{code}"), "").await.status, 404);
    }
});
