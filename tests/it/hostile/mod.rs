//! Requests nobody sends by accident: each is refused with the right problem, none changes anything, none is a 500.

mod bodies;
mod paths;
mod people;
mod queries;

use std::collections::BTreeMap;

use api::problem::TABLE;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use support::app::{Answer, App};
use support::database::Kind;

use crate::access::operations::{About, Call, Operation, all};
use crate::access::unlimited;
use crate::access::world::World;

/// A server without limits, two schools, and the mother of two children who sends strange things.
struct Scene {
    app: App,
    world: World,
    token: String,
}

impl Scene {
    fn set(kind: Kind) -> Self {
        let app = unlimited(kind);
        let world = World::make(&app);
        let token = world.guardian().token.clone();
        Self { app, world, token }
    }

    fn child(&self) -> i64 {
        self.world.bir.children[0].0
    }

    /// The right call of an operation about the mother's own child.
    fn call(&self, operation: &Operation) -> Call {
        operation.call(&self.app.state.db, &self.world, self.world.bir.children[0])
    }

    /// Who makes the right call of this path: the mother, or the school's journal.
    fn token(&self, path: &str) -> &str {
        if path.starts_with("/v1/schools/") { &self.world.journal } else { &self.token }
    }

    fn request(&self, call: &Call) -> RequestBuilder {
        self.app.request(call.method.clone(), &call.path, self.token(&call.path))
    }

    async fn send(&self, call: &Call) -> Answer {
        call.send(&self.app, self.token(&call.path)).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.app.get(path, self.token(path)).await
    }

    /// Sends a call with other bytes as its body.
    async fn with_body(&self, call: &Call, content_type: &str, body: impl Into<reqwest::Body>) -> Answer {
        sent(self.request(call).header(CONTENT_TYPE, content_type).body(body)).await
    }

    /// Everything the mother and the journal can read, for telling whether anything changed.
    async fn everything(&self) -> BTreeMap<String, (u16, String, Value)> {
        let mut all_of_it = BTreeMap::new();
        for operation in all().iter().filter(|one| one.about() != About::Nobody && one.method == Method::GET) {
            let mut answer = self.send(&self.call(operation)).await;
            if let Some(id) = answer.body.get_mut("requestId") {
                *id = Value::Null;
            }
            let tag = answer.header("etag").to_owned();
            all_of_it.insert(operation.id.clone(), (answer.status, tag, answer.body));
        }
        all_of_it
    }
}

async fn sent(request: RequestBuilder) -> Answer {
    Answer::of(request.send().await.unwrap()).await
}

/// Asserts that an answer is a whole problem with one of these statuses.
fn is_refused(answer: &Answer, statuses: &[u16], what: &str) {
    let row = TABLE.iter().find(|row| row.name == answer.problem());
    let row = row.unwrap_or_else(|| panic!("{what}: {} {} is no problem", answer.status, answer.body));
    assert!(statuses.contains(&answer.status), "{what}: {} {}", answer.status, answer.body);
    assert_eq!(row.status, answer.status, "{what}");
    assert_eq!(answer.header("content-type"), "application/problem+json", "{what}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(answer.body["requestId"], answer.header("x-request-id"), "{what}");
}
