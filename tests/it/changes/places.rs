//! Cursors: every one continues where it stands, for its owner alone, as far back as the feed remembers.

use api::upkeep;
use chrono::Duration;
use domain::intake;
use domain::types::Names;
use serde_json::{Value, json};
use support::app::{App, noon};
use support::both;
use support::school::PASSWORD;

use super::{Phone, ask, kind, walk};
use crate::access::world::guardian;
use crate::storage::{execute, number};

/// An item without its cursor.
fn told(item: &Value) -> Value {
    let mut item = item.clone();
    item["cursor"] = Value::Null;
    item
}

impl Phone {
    /// Several changes in one transaction, several transactions, several children, and things that cannot be listed between.
    fn much(&self) {
        let db = self.db();
        let grades = |round: usize| -> Vec<intake::Grade> {
            (0..6)
                .map(|at| {
                    self.school.grade(&format!("x{at}"), if at % 2 == 0 { "p1" } else { "p2" }, &round.to_string())
                })
                .collect()
        };
        let renamed = |name: &str| intake::Student {
            external_id: "p1".to_owned(),
            name: support::school::name(name, "Омарова"),
            birth_date: None,
            sex: None,
            starts_on: "2026-09-01".parse().unwrap(),
        };
        self.school.put(db, &grades(1)[2..]);
        self.school.put(db, &[renamed("Әсем")]);
        self.school.put(db, &grades(2)[2..]);
        self.school.put(db, &[renamed("Әсел")]);
        self.school.put(db, &grades(3)[2..]);
        self.school.put(db, &[intake::Subject { external_id: "alg".to_owned(), names: Names::same("Алгебра") }]);
    }

    async fn sign_in_again(&mut self) {
        let session = self.app.sign_in("bir-g1", PASSWORD).await;
        session["accessToken"].as_str().unwrap().clone_into(&mut self.token);
    }
}

both!(pages_of_any_size_tell_the_same_and_every_item_is_a_place_to_read_on_from, async |app: App| {
    let phone = Phone::at(app).await;
    phone.much();
    phone.school.put(phone.db(), &[guardian("g1", &["p1", "p2"])]);
    let (all, _) = walk(&phone.app, &phone.token, &phone.cursor, 100).await;
    let events = |items: &[Value]| -> Vec<Value> {
        items.iter().filter(|item| item["kind"] != "school.changed").map(told).collect()
    };
    assert_eq!(
        (events(&all).len(), all.len()),
        (12, 14),
        "six grades' changes a child, and each child once anew: {all:?}"
    );
    for limit in 1..=5 {
        let (pages, _) = walk(&phone.app, &phone.token, &phone.cursor, limit).await;
        assert_eq!(events(&pages), events(&all), "in pages of {limit}");
        let last = |child: i64| pages.iter().rev().find(|item| item["childId"] == child).unwrap()["kind"].clone();
        assert_eq!((last(phone.first()), last(phone.second())), (json!("school.changed"), json!("school.changed")));
        for (place, item) in pages.iter().enumerate() {
            let (rest, _) = walk(&phone.app, &phone.token, item["cursor"].as_str().unwrap(), 100).await;
            assert_eq!(events(&rest), events(&pages[place + 1..]), "on from item {place} in pages of {limit}");
        }
    }
});

both!(what_cannot_be_listed_stands_where_it_happened, async |app: App| {
    let phone = Phone::at(app).await;
    let grade = |value: &str| phone.school.grade("e1", "p1", value);
    let pupil = intake::Student {
        external_id: "p1".to_owned(),
        name: support::school::name("Әсем", "Омарова"),
        birth_date: None,
        sex: None,
        starts_on: "2026-09-01".parse().unwrap(),
    };
    phone.school.put(phone.db(), &[grade("1")]);
    phone.school.put(phone.db(), &[pupil]);
    phone.school.put(phone.db(), &[grade("2")]);
    for limit in [1, 2, 3, 100] {
        let (items, _) = walk(&phone.app, &phone.token, &phone.cursor, limit).await;
        let kinds: Vec<&Value> = items.iter().map(|item| &item["kind"]).collect();
        assert_eq!(kinds, ["grade.changed", "school.changed", "grade.changed"], "in pages of {limit}");
    }
});

both!(a_cursor_that_is_not_this_feeds_is_refused, async |app: App| {
    let phone = Phone::at(app).await;
    let grades = phone.app.get(&format!("/v1/children/{}/grades?limit=1", phone.first()), &phone.token).await;
    let forged = format!("{}A", phone.cursor);
    for cursor in ["", "AAAA", &forged, &phone.cursor[1..], grades.body["nextCursor"].as_str().unwrap_or("BBBB")] {
        let answer = ask(&phone.app, &phone.token, cursor, 50).await;
        assert_eq!((answer.status, answer.problem()), (400, "bad-cursor"), "{cursor}");
    }
    for limit in [0, 101] {
        assert_eq!(ask(&phone.app, &phone.token, &phone.cursor, limit).await.problem(), "validation-failed");
    }
});

both!(a_feed_remembers_ninety_days_and_no_more, async |app: App| {
    let mut phone = Phone::at(app).await;
    phone.school.put(phone.db(), &[phone.school.grade("e9", "p1", "4")]);
    phone.app.state.clock.advance(Duration::days(60));
    phone.school.put_at(phone.db(), noon() + Duration::days(60), &[phone.school.grade("e9", "p1", "5")]);
    phone.app.state.clock.advance(Duration::days(30));
    phone.sign_in_again().await;
    upkeep::forget(&phone.app.state).await.unwrap();
    let old = phone.cursor.clone();
    let changes = [kind("grade.created", phone.first()), kind("grade.changed", phone.first())];
    assert_eq!(phone.kinds().await, changes, "of the ninetieth day nothing is lost");

    let db = phone.db().clone();
    let rows = |table: &str| number(&db, &format!("SELECT count(*) AS number FROM {table}"));
    let before = (rows("events"), rows("child_events"));
    phone.app.state.clock.advance(Duration::days(1));
    phone.sign_in_again().await;
    let answer = ask(&phone.app, &phone.token, &old, 50).await;
    assert_eq!((answer.status, answer.problem()), (410, "cursor-too-old"));
    assert_eq!(phone.kinds().await, [], "the one taken yesterday goes on");
    upkeep::forget(&phone.app.state).await.unwrap();
    assert_eq!((rows("events"), rows("child_events")), (1, 1), "of {before:?}, the change of the sixtieth day stays");
});

both!(a_phone_that_stops_in_the_middle_is_not_taken_for_one_that_knows_all, async |app: App| {
    let mut phone = Phone::at(app).await;
    phone.much();
    phone.app.state.clock.advance(Duration::days(89));
    phone.sign_in_again().await;
    let half = ask(&phone.app, &phone.token, &phone.cursor, 1).await.body["nextCursor"].as_str().unwrap().to_owned();
    phone.app.state.clock.advance(Duration::days(2));
    phone.sign_in_again().await;
    assert_eq!(ask(&phone.app, &phone.token, &half, 50).await.status, 410);
});

both!(a_cursor_ahead_of_a_restored_database_starts_afresh, async |app: App| {
    let phone = Phone::at(app).await;
    for back in ["UPDATE children SET revision = revision - 1", "UPDATE schools SET revision = revision - 1"] {
        execute(phone.db(), back);
        assert_eq!(ask(&phone.app, &phone.token, &phone.cursor, 50).await.problem(), "cursor-too-old", "{back}");
        execute(phone.db(), &back.replace("- 1", "+ 1"));
    }
    assert_eq!(ask(&phone.app, &phone.token, &phone.cursor, 50).await.status, 200);
});
