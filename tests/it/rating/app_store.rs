//! The App Store: what phones bring and what the store sends, proved to a pinned root, and compared every day.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use support::app::{Answer, noon};
use support::app_store::{BUNDLE, Forge, Marks, transaction};
use support::both;

use super::house::House;

fn millis(days: i64) -> i64 {
    (noon() + TimeDelta::days(days)).and_utc().timestamp_millis()
}

/// A purchase for the account, that ends so many days from noon.
fn bought(account: &str, days: i64) -> Value {
    let mut bought = transaction(millis(0), millis(days));
    bought["appAccountToken"] = json!(account);
    bought
}

fn notification(store: &Forge, id: &str, status: u8, bought: &Value, minutes: i64) -> String {
    let at = millis(0) + minutes * 60_000;
    store.sign(&json!({
        "notificationType": "DID_RENEW", "notificationUUID": id, "version": "2.0", "signedDate": at,
        "data": {"bundleId": BUNDLE, "environment": "Production", "status": status,
            "signedTransactionInfo": store.sign(bought),
            "signedRenewalInfo": store.sign(&json!({"autoRenewStatus": 1, "signedDate": at}))},
    }))
}

async fn notify(house: &House, payload: &str) -> Answer {
    house.app.post("/v1/webhooks/apple", "", &json!({"signedPayload": payload})).await
}

async fn bring(house: &House, token: &str, transaction: &str) -> Answer {
    house.app.post("/v1/subscriptions/apple", token, &json!({"signedTransaction": transaction})).await
}

both!(a_purchase_opens_the_comparison_on_any_phone_of_its_account, async |house: House| {
    house.open();
    let signed = house.app_store.sign(&bought(&house.account_token().await, 30));
    let told = bring(&house, &house.mother.token, &signed).await;
    assert_eq!((told.status, &told.body["items"][0]["state"]), (200, &json!("active")), "{}", told.body);
    assert_eq!(house.app.get(&house.path(""), &house.mother.token).await.status, 200);
    let new_phone = house.app.sign_in(&house.mother.login, support::school::PASSWORD).await;
    let restored = bring(&house, new_phone["accessToken"].as_str().unwrap(), &signed).await;
    assert_eq!(restored.body, told.body);
    let other = bring(&house, &house.neighbour.token, &signed).await;
    assert_eq!((other.status, other.problem()), (409, "subscription-taken"));
});

both!(a_notification_is_kept_first_and_worked_on_after, async |house: House| {
    house.open();
    let bought = bought(&house.account_token().await, 30);
    let paid = notification(&house.app_store, "n1", 1, &bought, 1);
    assert_eq!(notify(&house, &paid).await.status, 204);
    assert!(!house.stands().await.2, "the store has its answer already");
    assert_eq!(house.read_letters().await, 1);
    assert!(house.stands().await.2);
    assert_eq!((notify(&house, &paid).await.status, house.read_letters().await), (204, 0), "twice is once");

    let refunded = notification(&house.app_store, "n3", 5, &bought, 3);
    let renewed = notification(&house.app_store, "n2", 1, &bought, 2);
    for payload in [&refunded, &renewed] {
        assert_eq!(notify(&house, payload).await.status, 204);
    }
    assert_eq!(house.read_letters().await, 2);
    assert_eq!(house.stands().await.0, "revoked", "what was said last counts, in whatever order it came");
    assert_eq!(house.app.get(&house.path(""), &house.mother.token).await.problem(), "subscription-required");
});

both!(a_subscription_lives_as_the_app_store_says, async |house: House| {
    house.open();
    let bought = bought(&house.account_token().await, 30);
    let life =
        [(1, "active", true), (4, "grace", true), (3, "hold", false), (1, "active", true), (2, "expired", false)];
    for (number, (status, state, entitled)) in (1..).zip(life) {
        notify(&house, &notification(&house.app_store, &format!("n{number}"), status, &bought, number)).await;
        assert_eq!(house.read_letters().await, 1);
        let (told, _, open) = house.stands().await;
        assert_eq!((told.as_str(), open), (state, entitled));
    }
});

both!(nothing_is_believed_that_the_app_store_did_not_sign_for_this_app, async |house: House| {
    house.open();
    let (own, account) = (&house.app_store, house.account_token().await);
    let changed = |name: &str, value: Value| {
        let mut other = bought(&account, 30);
        other[name] = value;
        own.sign(&other)
    };
    let good = own.sign(&bought(&account, 30));
    let mut wrong = vec![
        ("forged", Forge::new(&Marks::default()).sign(&bought(&account, 30))),
        ("expired", Forge::new(&Marks { until: 2026, ..Marks::default() }).sign(&bought(&account, 30))),
        ("of another app", changed("bundleId", json!("kz.other.app"))),
        ("of the sandbox", changed("environment", json!("Sandbox"))),
        ("by another algorithm", own.sign_with(&bought(&account, 30), "HS256", &own.chain())),
        ("by none", own.sign_with(&bought(&account, 30), "none", &own.chain())),
        ("without an end", changed("expiresDate", Value::Null)),
    ];
    wrong.extend((0..good.len()).step_by(211).map(|cut| ("cut", good[..cut].to_owned())));
    for (why, text) in wrong {
        let refused = bring(&house, &house.mother.token, &text).await;
        assert_eq!((refused.status, refused.problem()), (422, "validation-failed"), "{why}");
        assert_eq!(refused.body["errors"][0]["code"], "not-believed", "{why}");
        let inside = json!({"notificationUUID": "n", "signedDate": millis(0), "data": {"bundleId": BUNDLE,
            "environment": "Production", "status": 1, "signedTransactionInfo": text}});
        if why != "without an end" {
            assert_eq!(notify(&house, &own.sign(&inside)).await.status, 422, "{why}");
            assert_eq!(notify(&house, &text).await.status, 422, "{why}");
        }
    }
    assert_eq!(house.read_letters().await, 0);
    assert_eq!(house.stands().await.0, "");
});

both!(a_missed_notification_is_caught_the_next_day, async |house: House| {
    house.open();
    let account = house.account_token().await;
    bring(&house, &house.mother.token, &house.app_store.sign(&bought(&account, 1))).await;
    house.app_store_api.stands("1000", 1, &house.app_store.sign(&bought(&account, 31)));
    let reconcile = async |hours: i64| house.rating().reconcile(noon() + TimeDelta::hours(hours)).await.unwrap();
    assert_eq!(reconcile(1).await, 1, "one that was never asked for");
    let (state, end, _) = house.stands().await;
    assert_eq!((state.as_str(), end.as_str()), ("active", "2026-12-19T07:00:00Z"));
    house.app_store_api.stands("1000", 5, &house.app_store.sign(&bought(&account, 31)));
    assert_eq!((reconcile(2).await, reconcile(25).await), (0, 1));
    assert_eq!(house.stands().await.0, "revoked");
});

both!(an_answer_that_is_not_signed_changes_nothing, async |house: House| {
    house.open();
    let account = house.account_token().await;
    bring(&house, &house.mother.token, &house.app_store.sign(&bought(&account, 1))).await;
    let other = Forge::new(&Marks::default());
    house.app_store_api.stands("1000", 1, &other.sign(&bought(&account, 300)));
    assert_eq!(house.rating().reconcile(noon()).await.unwrap(), 1);
    house.app_store_api.fail_with(Some(500));
    assert_eq!(house.rating().reconcile(noon() + TimeDelta::days(1)).await.unwrap(), 1);
    assert_eq!(house.stands().await.1, "2026-11-19T07:00:00Z");
    assert_eq!(house.app_store_api.asked(), 2);
});

both!(a_webhook_takes_no_other_method_and_no_other_form, async |house: House| {
    house.open();
    for store in ["apple", "google"] {
        let path = format!("/v1/webhooks/{store}");
        assert_eq!(house.app.get(&path, "").await.status, 405);
        assert_eq!(house.app.post(&path, "", &json!({})).await.status, 422);
        let text = house.app.request(Method::POST, &path, "").body("x").send().await.unwrap();
        assert_eq!(text.status(), 415);
    }
});
