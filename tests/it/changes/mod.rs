//! The change feed: what a phone that was away learns, each thing once, in order, and nothing of anybody else's.

mod children;
mod kinds;
mod places;
mod races;

use domain::db::Db;
use serde_json::Value;
use support::app::{Answer, App};
use support::both;
use support::school::School;

/// A school, the mother (`g1`) of its two children signed in, and where her phone is in the feed.
struct Phone {
    app: App,
    school: School,
    token: String,
    cursor: String,
}

impl Phone {
    async fn at(app: App) -> Self {
        let school = School::make(&app.state.db, "bir");
        let token = school.guardian(&app.state.db, "g1").token;
        let cursor = cursor_of_now(&app, &token).await;
        Self { app, school, token, cursor }
    }

    fn db(&self) -> &Db {
        &self.app.state.db
    }

    /// Reads on to now, and tells what was learnt.
    async fn catch_up(&mut self) -> Vec<Value> {
        let (items, cursor) = walk(&self.app, &self.token, &self.cursor, 100).await;
        self.cursor = cursor;
        items
    }

    /// As [`Phone::catch_up`]: kind and child of each.
    async fn kinds(&mut self) -> Vec<(String, i64)> {
        let items = self.catch_up().await;
        items
            .iter()
            .map(|item| (item["kind"].as_str().unwrap().to_owned(), item["childId"].as_i64().unwrap()))
            .collect()
    }

    fn first(&self) -> i64 {
        self.school.children[0].0
    }

    fn second(&self) -> i64 {
        self.school.children[1].0
    }
}

fn kind(kind: &str, child: i64) -> (String, i64) {
    (kind.to_owned(), child)
}

async fn ask(app: &App, token: &str, cursor: &str, limit: usize) -> Answer {
    app.get(&format!("/v1/changes?after={cursor}&limit={limit}"), token).await
}

async fn cursor_of_now(app: &App, token: &str) -> String {
    let answer = app.get("/v1/changes", token).await;
    assert_eq!(
        (answer.status, &answer.body["items"], &answer.body["hasMore"]),
        (200, &Value::from(Vec::<Value>::new()), &Value::from(false))
    );
    answer.body["nextCursor"].as_str().unwrap().to_owned()
}

/// Page by page to the end: all items, and the cursor there.
async fn walk(app: &App, token: &str, cursor: &str, limit: usize) -> (Vec<Value>, String) {
    let (mut items, mut cursor) = (Vec::new(), cursor.to_owned());
    loop {
        let answer = ask(app, token, &cursor, limit).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let page = answer.body["items"].as_array().unwrap();
        assert!(page.len() <= limit);
        items.extend_from_slice(page);
        answer.body["nextCursor"].as_str().unwrap().clone_into(&mut cursor);
        if answer.body["hasMore"] == false {
            return (items, cursor);
        }
    }
}

both!(without_news_a_poll_costs_one_statement, async |app: App| {
    let mut phone = Phone::at(app).await;
    phone.school.put(phone.db(), &[phone.school.grade("e9", "p1", "10")]);
    assert_eq!(phone.kinds().await, [kind("grade.created", phone.first())]);
    let before = phone.db().statements();
    let answer = ask(&phone.app, &phone.token, &phone.cursor, 50).await;
    assert_eq!(phone.db().statements() - before, 1);
    assert_eq!(answer.body["items"], Value::from(Vec::<Value>::new()));
    assert_eq!(answer.body["nextCursor"], phone.cursor.as_str());
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    // What there is costs two, and one more for the ticks of homework.
    phone.school.put(phone.db(), &[phone.school.grade("e9", "p1", "9")]);
    let before = phone.db().statements();
    ask(&phone.app, &phone.token, &phone.cursor, 50).await;
    assert_eq!(phone.db().statements() - before, 2);
});
