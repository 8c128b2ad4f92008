//! The rating's rows of the problem table.

use api::config::Config;
use domain::db::Conn;
use domain::secrets;
use rating::subscriptions;
use serde_json::json;
use support::app::{Answer, App, noon};
use support::app_store::{Forge, Marks, transaction};
use support::school::School;

/// What they take: a store.
pub struct Money(Forge);

impl Default for Money {
    fn default() -> Self {
        Self(Forge::new(&Marks::default()))
    }
}

impl Money {
    pub fn set(&self, config: &mut Config) {
        config.rating.apple = self.0.settings(&config.data);
    }

    /// Meets the problem `name` with the token of the first guardian of `school`.
    pub async fn provoke(&self, app: &App, school: &School, token: &str, name: &str) -> Answer {
        app.state.rating.open().unwrap();
        let other = school.guardian(&app.state.db, "g2").token;
        match name {
            "subscription-required" => app.get(&format!("/v1/children/{}/rating", school.children[0].0), token).await,
            "voucher-spent" => redeem_twice(app, [&other, token]).await,
            "subscription-taken" => self.bring_twice(app, [&other, token]).await,
            name => panic!("say here how to meet the problem {name}"),
        }
    }

    async fn bring_twice(&self, app: &App, tokens: [&str; 2]) -> Answer {
        let now = noon().and_utc().timestamp_millis();
        let form = json!({"signedTransaction": self.0.sign(&transaction(now, now + 1_000_000))});
        assert_eq!(app.post("/v1/subscriptions/apple", tokens[0], &form).await.status, 200);
        app.post("/v1/subscriptions/apple", tokens[1], &form).await
    }
}

async fn redeem_twice(app: &App, tokens: [&str; 2]) -> Answer {
    let (rating, code) = (app.state.rating.open().unwrap(), secrets::code());
    let issue = |conn: &mut Conn| subscriptions::issue(conn, &secrets::code_hash(&code), 1, None, noon());
    rating.own().write_here(issue).unwrap();
    let form = json!({"code": code});
    assert_eq!(app.post("/v1/subscriptions/voucher", tokens[0], &form).await.status, 200);
    app.post("/v1/subscriptions/voucher", tokens[1], &form).await
}
