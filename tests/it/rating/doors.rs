//! The rating over HTTP: who gets in, and what a voucher opens.

use reqwest::Method;
use serde_json::{Value, json};
use support::both;
use support::school::School;

use super::house::House;
use super::later;
use crate::access::operations::masked;
use crate::storage::execute;

both!(a_guardian_with_a_voucher_reads_the_comparison_and_one_without_is_told_what_it_takes, async |house: House| {
    house.open();
    let (app, mother) = (&house.app, &house.mother);
    let refused = app.get(&house.path(""), &mother.token).await;
    assert_eq!((refused.status, refused.problem()), (403, "subscription-required"));
    let there = app.get(&house.path("/availability"), &mother.token).await;
    assert_eq!(there.body["items"].as_array().unwrap().len(), 1, "{}", there.body);
    assert_eq!(there.body["items"][0]["available"], true);

    let bought = house.redeem(mother, &house.voucher(12, None)).await;
    assert_eq!((bought.status, &bought.body["entitled"]), (200, &json!(true)), "{}", bought.body);
    assert_eq!(
        bought.body["items"],
        json!([{"source": "voucher", "state": "active", "expiresAt": "2027-11-18T07:00:00Z"}])
    );
    let seen = app.get(&house.path(""), &mother.token).await;
    let item = &seen.body["items"][0];
    let keys: Vec<&String> = item.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["classMiddle", "own", "position", "subject", "trend"], "and nothing else of anybody");
    assert_eq!((&item["own"], &item["subject"]["name"]), (&json!(88), &json!("Алгебра")));
    assert_eq!(item["trend"], json!([{"periodId": seen.body["periodId"], "own": 88}]));
    let middle = item["classMiddle"].as_i64().unwrap();
    let position = if 88 > middle + 5 {
        "above"
    } else if 88 < middle - 5 {
        "below"
    } else {
        "near"
    };
    assert_eq!(item["position"], position);
    let again = app.request(Method::GET, &house.path(""), &mother.token).header("if-none-match", seen.header("etag"));
    assert_eq!(again.send().await.unwrap().status(), 304);
    assert_eq!(app.get(&house.path(""), &house.neighbour.token).await.status, 404, "not her child");
});

both!(a_period_without_a_line_says_unavailable_and_not_why, async |house: House| {
    house.app.state.rating.open().unwrap();
    house.redeem(&house.mother, &house.voucher(1, None)).await;
    let before = house.app.get(&house.path(""), &house.mother.token).await;
    assert_eq!(
        (&before.body["items"][0]["position"], &before.body["items"][0]["classMiddle"]),
        (&json!("unavailable"), &Value::Null)
    );
    let rating = house.app.state.rating.open().unwrap();
    house.answer(&house.children[..19], true);
    assert_eq!(rating.release(later()).unwrap(), 0);
    assert_eq!(house.app.get(&house.path(""), &house.mother.token).await.bytes, before.bytes, "too few, or not yet");
    let there = house.app.get(&house.path("/availability"), &house.mother.token).await;
    assert_eq!(there.body["items"][0]["available"], false);
});

both!(a_voucher_is_good_once_for_one_family_of_its_school, async |house: House| {
    house.open();
    let other = School::make(&house.app.state.db, "eki");
    let (code, foreign) = (house.voucher(2, Some(house.school.id)), house.voucher(2, Some(other.id)));
    assert_eq!(house.redeem(&house.mother, "AAAA-BBBB-CCCC-DDDD").await.problem(), "not-found");
    assert_eq!(house.redeem(&house.mother, &foreign).await.problem(), "not-found");
    let bought = house.redeem(&house.mother, &code.to_lowercase().replace('-', " ")).await;
    assert_eq!(bought.body["items"][0]["expiresAt"], "2027-01-18T07:00:00Z");
    assert_eq!(house.redeem(&house.mother, &code).await.body, bought.body, "twice is once");
    let spent = house.redeem(&house.neighbour, &code).await;
    assert_eq!((spent.status, spent.problem()), (409, "voucher-spent"));
    let second = house.redeem(&house.mother, &house.voucher(1, None)).await;
    assert_eq!(second.body["items"][0]["expiresAt"], "2027-02-18T07:00:00Z", "it begins where the first one ends");
    let mine = house.app.get("/v1/subscriptions", &house.mother.token).await;
    assert_eq!(mine.body, second.body);
    let theirs = house.app.get("/v1/subscriptions", &house.neighbour.token).await;
    assert_eq!((&theirs.body["entitled"], &theirs.body["items"]), (&json!(false), &json!([])));
    assert_ne!(theirs.body["accountToken"], mine.body["accountToken"]);
});

both!(whether_a_child_is_counted_is_its_guardians_to_say, async |house: House| {
    house.app.state.rating.open().unwrap();
    let (app, path, token) = (&house.app, house.path("/counting"), &house.mother.token);
    let asked = app.get(&path, token).await;
    assert_eq!((asked.status, &asked.body["counted"]), (200, &Value::Null));
    assert!(asked.body["text"].as_str().unwrap().starts_with("Балаңыздың"), "{}", asked.body);
    for counted in [true, false] {
        let told = app.send(Method::PUT, &path, token, &json!({"counted": counted})).await;
        assert_eq!((told.status, &told.body["counted"]), (200, &json!(counted)));
        assert_eq!(app.get(&path, token).await.body, told.body);
    }
    let student = house.school.account(&app.state.db, &domain::invitations::Invited::Student("7b-21".to_owned()));
    let refused = app.send(Method::PUT, &path, &student.token, &json!({"counted": true})).await;
    assert_eq!((refused.status, refused.problem()), (403, "wrong-role"));
    assert_eq!(app.get("/v1/subscriptions", &student.token).await.problem(), "wrong-role");
});

both!(withdrawing_is_silent_and_changes_nothing_that_was_released, async |house: House| {
    house.open();
    for who in [&house.mother, &house.everybody] {
        house.redeem(who, &house.voucher(1, None)).await;
    }
    let read = async || {
        let mut all = Vec::new();
        for (who, child) in [(&house.mother, house.child()), (&house.everybody, house.children[0].0)] {
            for path in
                [format!("/v1/children/{child}/rating"), "/v1/changes".to_owned(), "/v1/notifications".to_owned()]
            {
                all.push(house.app.get(&path, &who.token).await.bytes);
            }
        }
        all
    };
    let before = read().await;
    let told =
        house.app.send(Method::PUT, &house.path("/counting"), &house.mother.token, &json!({"counted": false})).await;
    assert_eq!(told.status, 200);
    assert_eq!(house.rating().release(later()).unwrap(), 0);
    assert_eq!(read().await, before);
});

both!(every_operation_treats_a_foreign_child_like_none_and_nobody_like_nobody, async |house: House| {
    house.open();
    let document = serde_json::to_value(api::rating::document::openapi()).unwrap();
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let secured = |operation: &Value| operation["security"].to_string().contains("bearer");
        for (method, _) in item.as_object().unwrap().iter().filter(|(_, operation)| secured(operation)) {
            let verb: Method = method.to_uppercase().parse().unwrap();
            let call = async |child: i64, token: &str| {
                let path = path.replace("{id}", &child.to_string());
                house.app.send(verb.clone(), &path, token, &json!({"counted": true})).await
            };
            assert_eq!(call(house.child(), "").await.status, 401, "{method} {path}");
            if path.contains("{id}") {
                asked += 1;
                let (foreign, none) =
                    (call(house.child(), &house.neighbour.token).await, call(4711, &house.neighbour.token).await);
                assert_eq!((foreign.status, masked(&foreign)), (404, masked(&none)), "{method} {path}");
            }
        }
    }
    assert_eq!(asked, 4);
    assert_eq!(house.app.post(&house.path(""), &house.mother.token, &json!({})).await.status, 405);
});

both!(any_subscribers_or_none_the_line_is_the_same, async |house: House| {
    house.open();
    let rating = house.app.state.rating.open().unwrap();
    let first = super::budget(rating);
    house.redeem(&house.mother, &house.voucher(1, None)).await;
    house.redeem(&house.neighbour, &house.voucher(1, None)).await;
    for table in ["releases", "settled", "rounds"] {
        execute(rating.own(), &format!("DELETE FROM {table}"));
    }
    rating.release(later()).unwrap();
    assert_eq!(super::budget(rating), first);
});
