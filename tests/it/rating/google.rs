//! Google Play: pushes say that something changed, only its API says what; phones bring purchases; every day all is compared.

use chrono::TimeDelta;
use serde_json::{Value, json};
use support::app::noon;
use support::both;
use support::database::Kind;
use support::play::{AUDIENCE, PACKAGE, bearer, changed, forged_bearer, pushed};

use super::house::House;

/// So many days from noon, as the API tells it.
fn day(days: i64) -> String {
    (noon() + TimeDelta::days(days)).and_utc().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn state(state: &str, days: i64, entitled: bool) -> (String, String, bool) {
    (state.to_owned(), day(days), entitled)
}

both!(a_purchase_opens_the_comparison_and_is_acknowledged_once, async |house: House| {
    house.open();
    house.play.sell("bought", Some(&house.account_token().await), 30);
    let told = house.bring(&house.mother, "bought").await;
    assert_eq!((told.status, &told.body["entitled"]), (200, &json!(true)), "{}", told.body);
    assert_eq!(told.body["items"], json!([{"source": "google", "state": "active", "expiresAt": day(30)}]));
    assert_eq!(house.app.get(&house.path(""), &house.mother.token).await.status, 200);
    assert_eq!(house.app.get("/v1/subscriptions", &house.neighbour.token).await.body["entitled"], false);

    let again = house.bring(&house.mother, "bought").await;
    assert_eq!(again.body, told.body, "on a new phone, or twice");
    assert_eq!(house.play.acknowledged(), ["bought"]);
});

both!(a_purchase_of_which_only_the_store_tells_finds_its_family, async |house: House| {
    house.open();
    house.play.sell("bought", Some(&house.account_token().await), 30);
    assert_eq!(house.push(&changed("m1", "bought")).await, 204);
    assert_eq!((house.play.asked(), house.stands().await.2), (0, false), "the store has its answer before it is asked");
    assert_eq!(house.read_letters().await, 1);
    assert_eq!(house.stands().await, state("active", 30, true));
    assert_eq!(house.play.acknowledged(), ["bought"]);
});

both!(a_purchase_of_nobody_known_waits_for_the_phone_that_brings_it, async |house: House| {
    house.open();
    house.play.sell("bought", None, 30);
    assert_eq!(house.push(&changed("m1", "bought")).await, 204);
    assert_eq!(house.read_letters().await, 1);
    assert!(house.play.acknowledged().is_empty(), "nobody has what was paid for: Google pays it back after three days");
    assert_eq!(house.bring(&house.mother, "bought").await.status, 200);
    assert_eq!(house.play.acknowledged(), ["bought"]);
    let other = house.bring(&house.neighbour, "bought").await;
    assert_eq!((other.status, other.problem()), (409, "subscription-taken"));
});

both!(a_subscription_lives_as_google_says, async |house: House| {
    house.open();
    house.play.sell("bought", Some(&house.account_token().await), 30);
    house.bring(&house.mother, "bought").await;
    let life = [
        ("IN_GRACE_PERIOD", 7, "grace", true),
        ("ON_HOLD", 7, "hold", false),
        ("ACTIVE", 60, "active", true),
        ("PAUSED", 60, "paused", false),
        ("ACTIVE", 90, "active", true),
        ("CANCELED", 90, "cancelled", true),
        // Paid back and taken back: Google ends it at once.
        ("EXPIRED", 0, "expired", false),
    ];
    for (number, (google, days, ours, entitled)) in life.into_iter().enumerate() {
        house.play.stands("bought", google, days);
        assert_eq!(house.push(&changed(&format!("m{number}"), "bought")).await, 204);
        assert_eq!(house.read_letters().await, 1, "{google}");
        assert_eq!(house.stands().await, state(ours, days, entitled), "{google}");
        let status = house.app.get(&house.path(""), &house.mother.token).await.status;
        assert_eq!(status, if entitled { 200 } else { 403 }, "{google}");
    }
});

both!(a_push_that_comes_twice_is_worked_on_once, async |house: House| {
    house.open();
    house.play.sell("bought", Some(&house.account_token().await), 30);
    for _ in 0..3 {
        assert_eq!(house.push(&changed("m1", "bought")).await, 204);
    }
    assert_eq!(house.read_letters().await, 1);
    assert_eq!(house.push(&changed("m1", "bought")).await, 204);
    assert_eq!((house.read_letters().await, house.play.asked()), (0, 1));
});

both!(no_push_is_believed_that_google_did_not_make_for_this_server, async |house: House| {
    house.open();
    house.play.sell("bought", Some(&house.account_token().await), 30);
    let with = |name: &'static str, value: Value| bearer(move |_, claims| claims[name] = value);
    let noon = noon().and_utc().timestamp();
    let good = bearer(|_, _| ());
    let mut wrong = vec![
        ("no token", String::new()),
        ("another's key", forged_bearer()),
        ("no algorithm", bearer(|head, _| head["alg"] = json!("none"))),
        ("another algorithm", bearer(|head, _| head["alg"] = json!("HS256"))),
        ("an unknown key", bearer(|head, _| head["kid"] = json!("test-2"))),
        ("another kind of key", bearer(|head, _| head["kid"] = json!("other"))),
        ("another issuer", with("iss", json!("https://accounts.example"))),
        ("another audience", with("aud", json!("https://other.example"))),
        ("another account", with("email", json!("other@apta-test.iam.gserviceaccount.test"))),
        ("an account nobody verified", with("email_verified", json!(false))),
        ("too old", with("exp", json!(noon - 301))),
        ("of the future", with("iat", json!(noon + 301))),
    ];
    wrong.extend((0..good.len()).step_by(97).map(|cut| ("cut", good[..cut].to_owned())));
    for (why, bearer) in wrong {
        let refused = house.push_with(&changed("m1", "bought"), &bearer).await;
        assert_eq!((refused.status, refused.problem()), (401, "unauthenticated"), "{why}");
    }
    let other = json!({"packageName": "kz.other", "subscriptionNotification": {"purchaseToken": "bought"}});
    assert_eq!(house.push(&pushed("m2", &other)).await, 422, "of another app");
    assert_eq!(house.push(&pushed("m3", &json!({"packageName": PACKAGE, "testNotification": {}}))).await, 204);
    assert_eq!((house.read_letters().await, house.play.asked()), (0, 0));
    let almost = bearer(|_, claims| claims["exp"] = json!(noon - 299));
    assert_eq!(house.push_with(&changed("m4", "bought"), &almost).await.status, 204, "clocks differ");
    assert_eq!(house.read_letters().await, 1, "{AUDIENCE}");
});

both!(googles_keys_are_fetched_once, async |house: House| {
    house.open();
    for number in 0..5 {
        house.push(&changed(&format!("m{number}"), "bought")).await;
        house.push_with(&changed("x", "bought"), &bearer(|head, _| head["kid"] = json!(format!("k{number}")))).await;
    }
    assert_eq!(house.play.keys_asked(), 1, "however many keys are named that are not there");
});

both!(what_is_not_a_purchase_of_this_app_opens_nothing, async |house: House| {
    house.open();
    let refused = async |purchase: &str| {
        let answer = house.bring(&house.mother, purchase).await;
        assert_eq!((answer.status, answer.problem()), (422, "validation-failed"), "{purchase}");
        assert_eq!(answer.body["errors"][0]["pointer"], "/purchaseToken");
    };
    refused("unheard-of").await;
    refused("").await;
    refused("../../../../token").await;
    house.play.sell("test", None, 30);
    house.play.change("test", |purchase| purchase["testPurchase"] = json!({}));
    refused("test").await;
    house.play.sell("strange", None, 30);
    house.play.stands("strange", "SOMETHING_NEW", 30);
    refused("strange").await;
    house.play.sell("other", None, 30);
    house.play.change("other", |purchase| purchase["lineItems"][0]["productId"] = json!("stickers"));
    refused("other").await;
    assert_eq!(house.stands().await, (String::new(), String::new(), false));
    assert!(house.play.acknowledged().is_empty());
});

both!(what_is_not_paid_for_yet_is_pending_and_not_acknowledged, async |house: House| {
    house.open();
    house.play.sell("bought", Some(&house.account_token().await), 30);
    house.play.stands("bought", "PENDING", 30);
    assert_eq!(house.bring(&house.mother, "bought").await.status, 200);
    assert_eq!(house.stands().await, state("pending", 30, false));
    assert!(house.play.acknowledged().is_empty());
    house.play.stands("bought", "ACTIVE", 30);
    house.rating().reconcile(noon() + TimeDelta::days(1)).await.unwrap();
    assert_eq!(
        (house.stands().await, house.play.acknowledged()),
        (state("active", 30, true), vec!["bought".to_owned()])
    );
});

both!(a_store_that_is_away_loses_nothing, async |house: House| {
    house.open();
    house.play.sell("bought", Some(&house.account_token().await), 30);
    house.play.fail_with(Some(503));
    let away = house.bring(&house.mother, "bought").await;
    assert_eq!((away.status, away.problem(), away.header("retry-after")), (503, "busy", "60"));
    assert_eq!(house.push(&changed("m1", "bought")).await, 204);
    assert_eq!(house.read_letters().await, 0);
    house.play.fail_with(None);
    assert_eq!(house.read_letters().await, 0, "it waits a minute");
    assert_eq!(house.rating().read_letters(noon() + TimeDelta::minutes(1)).await.unwrap(), 1);
    assert_eq!(house.stands().await, state("active", 30, true));
});

both!(a_missed_push_is_caught_the_next_day, async |house: House| {
    house.open();
    house.play.sell("bought", Some(&house.account_token().await), 30);
    house.bring(&house.mother, "bought").await;
    house.play.stands("bought", "CANCELED", 30);
    let reconcile = async |hours: i64| house.rating().reconcile(noon() + TimeDelta::hours(hours)).await.unwrap();
    assert_eq!((reconcile(23).await, house.stands().await), (0, state("active", 30, true)));
    assert_eq!((reconcile(24).await, house.stands().await), (1, state("cancelled", 30, true)));
    assert_eq!(reconcile(25).await, 0);
});

both!(while_its_store_is_away_a_subscription_holds_three_days_longer, async |house: House| {
    house.open();
    house.play.sell("bought", Some(&house.account_token().await), 1);
    house.bring(&house.mother, "bought").await;
    house.play.fail_with(Some(500));
    let reconcile = async |hours: i64| house.rating().reconcile(noon() + TimeDelta::hours(hours)).await.unwrap();
    assert_eq!(reconcile(24).await, 1, "it ended without a word");
    assert_eq!((reconcile(24).await, reconcile(25).await), (0, 1), "and is asked for every ten minutes");
    let known = async |hours: i64| {
        let account = house.mother_account().await;
        let at = noon() + TimeDelta::hours(hours);
        house.rating().own().read(move |conn| rating::subscriptions::is_entitled(conn, account, at)).await.unwrap()
    };
    assert!(known(24 + 71).await && !known(24 + 72).await);
    house.play.fail_with(None);
    house.play.stands("bought", "ACTIVE", 31);
    assert_eq!(reconcile(26).await, 1);
    assert_eq!(house.stands().await, state("active", 31, true));
    assert!(!known(31 * 24 + 1).await, "three days more are for a store that is away alone");
});

both!(what_google_knows_nothing_of_runs_until_its_end, async |house: House| {
    house.open();
    house.play.sell("bought", Some(&house.account_token().await), 3);
    house.bring(&house.mother, "bought").await;
    let at = async |moment| house.rating().reconcile(moment).await.unwrap();
    let reconcile = async |days: i64| at(noon() + TimeDelta::days(days)).await;
    let reconcile_after = async |minutes: i64| at(noon() + TimeDelta::days(2) + TimeDelta::minutes(minutes)).await;
    // A wrong package name in the settings is answered like this too.
    house.play.fail_with(Some(410));
    assert_eq!((reconcile(1).await, house.stands().await), (1, state("active", 3, true)));
    house.play.fail_with(Some(503));
    assert_eq!(reconcile(2).await, 1);
    house.play.fail_with(Some(410));
    assert_eq!((reconcile_after(11).await, reconcile_after(22).await), (1, 0), "it was reached: no need to hurry");
    assert_eq!((reconcile(3).await, house.stands().await.0), (1, "expired".to_owned()));
});

both!(a_family_cannot_spend_the_quota_of_all, async |kind: Kind| {
    let house = House::with_limits(kind, 1);
    house.open();
    for _ in 0..20 {
        assert_eq!(house.bring(&house.mother, "made-up").await.status, 422);
    }
    let refused = house.bring(&house.mother, "made-up").await;
    assert_eq!((refused.status, refused.problem()), (429, "too-many-requests"), "{}", refused.body);
    assert_eq!(house.play.asked(), 20, "Google is not asked for what is refused");
});
