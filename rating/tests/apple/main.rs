//! What the App Store says, signed with a test root of our own: what is believed, and all that is not.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "../../../tests/support/src/app_store.rs"]
mod app_store;

use app_store::{Forge, Marks, transaction};
use chrono::{NaiveDateTime, TimeDelta};
use rating::apple::{Roots, Shop};
use rating::entitlement::State;
use rating::entitlement::history::Said;
use rating::proof::Refused;
use serde_json::{Value, json};

fn now() -> NaiveDateTime {
    "2026-11-30T12:00:00".parse().unwrap()
}

fn millis(days: i64) -> i64 {
    (now() + TimeDelta::days(days)).and_utc().timestamp_millis()
}

fn shop(forge: &Forge) -> Shop {
    Shop {
        roots: Roots::new(vec![forge.root()]),
        bundle_id: "kz.apta.app".to_owned(),
        environment: "Production".to_owned(),
    }
}

fn bought() -> Value {
    transaction(millis(-1), millis(30))
}

fn notification(forge: &Forge, status: u8, renews: u8, change: impl Fn(&mut Value)) -> String {
    let mut content = json!({
        "notificationType": "DID_RENEW", "notificationUUID": "uuid-1", "version": "2.0", "signedDate": millis(0),
        "data": {
            "bundleId": "kz.apta.app", "environment": "Production", "status": status,
            "signedTransactionInfo": forge.sign(&bought()),
            "signedRenewalInfo": forge.sign(&json!({"autoRenewStatus": renews, "gracePeriodExpiresDate": millis(46), "signedDate": millis(0)})),
        },
    });
    change(&mut content);
    forge.sign(&content)
}

#[test]
fn a_transaction_of_a_phone_is_read_once_it_is_proved() {
    let forge = Forge::new(&Marks::default());
    let word = shop(&forge).transaction(&forge.sign(&bought()), now()).unwrap();
    assert_eq!((word.subscription.as_str(), word.account_token.as_deref()), ("1000", Some("5c0e6f9a")));
    let Said::Paid { transaction, expires_at, revoked_at } = word.event.said else { panic!("{word:?}") };
    assert_eq!((transaction.as_str(), expires_at, revoked_at), ("1001", now() + TimeDelta::days(30), None));
}

#[test]
fn a_notification_says_how_the_subscription_stands() {
    let forge = Forge::new(&Marks::default());
    let read = |status, renews| {
        let jws = notification(&forge, status, renews, |_| ());
        let word = shop(&forge).notification(&jws, now()).unwrap().unwrap();
        let Said::Stands { state, expires_at } = word.event.said else { panic!("{word:?}") };
        (state, (expires_at.unwrap() - now()).num_days())
    };
    let states = [(1, 1), (1, 0), (2, 0), (3, 1), (4, 1), (5, 1)].map(|(status, renews)| read(status, renews));
    let wanted = [
        (State::Active, 30),
        (State::Cancelled, 30),
        (State::Expired, 30),
        (State::Hold, 30),
        (State::Grace, 46),
        (State::Revoked, 30),
    ];
    assert_eq!(states, wanted);
}

#[test]
fn a_notification_about_no_subscription_is_read_and_left() {
    let forge = Forge::new(&Marks::default());
    let test = forge.sign(&json!({"notificationType": "TEST", "notificationUUID": "uuid-2", "signedDate": millis(0)}));
    assert_eq!(shop(&forge).notification(&test, now()), Ok(None));
}

#[test]
fn another_root_is_not_believed_whatever_its_marks() {
    let (own, other) = (Forge::new(&Marks::default()), Forge::new(&Marks::default()));
    assert_eq!(shop(&own).transaction(&other.sign(&bought()), now()), Err(Refused::Root));
    // The right root at the end of a chain that does not lead there.
    let mixed = other.sign_with(&bought(), "ES256", &[other.chain()[0].clone(), other.chain()[1].clone(), own.root()]);
    assert_eq!(shop(&own).transaction(&mixed, now()), Err(Refused::Chain));
    // Real certificates of the right chain, a signature by somebody else.
    let stolen = other.sign_with(&bought(), "ES256", &own.chain());
    assert_eq!(shop(&own).transaction(&stolen, now()), Err(Refused::Signature));
}

#[test]
fn certificates_for_another_purpose_or_time_are_not_believed() {
    let cases = [
        (Marks { leaf: false, ..Marks::default() }, Refused::Purpose),
        (Marks { middle: false, ..Marks::default() }, Refused::Purpose),
        (Marks { authority: false, ..Marks::default() }, Refused::Chain),
        (Marks { until: 2026, ..Marks::default() }, Refused::Expired),
    ];
    for (marks, refused) in cases {
        let forge = Forge::new(&marks);
        assert_eq!(shop(&forge).transaction(&forge.sign(&bought()), now()), Err(refused), "{marks:?}");
    }
}

#[test]
fn another_algorithm_is_not_believed() {
    let forge = Forge::new(&Marks::default());
    for algorithm in ["none", "HS256", "RS256", "ES384", "es256", ""] {
        let jws = forge.sign_with(&bought(), algorithm, &forge.chain());
        assert_eq!(shop(&forge).transaction(&jws, now()), Err(Refused::Algorithm), "{algorithm}");
    }
}

#[test]
fn another_app_or_the_sandbox_is_not_believed_wherever_it_is_said() {
    let forge = Forge::new(&Marks::default());
    for (field, value) in [("bundleId", "kz.other.app"), ("environment", "Sandbox")] {
        let mut other = bought();
        other[field] = json!(value);
        assert_eq!(shop(&forge).transaction(&forge.sign(&other), now()), Err(Refused::Foreign));
        let outside = notification(&forge, 1, 1, |content| content["data"][field] = json!(value));
        assert_eq!(shop(&forge).notification(&outside, now()), Err(Refused::Foreign));
        let inside =
            notification(&forge, 1, 1, |content| content["data"]["signedTransactionInfo"] = json!(forge.sign(&other)));
        assert_eq!(shop(&forge).notification(&inside, now()), Err(Refused::Foreign));
    }
}

#[test]
fn what_is_inside_a_notification_is_proved_by_itself() {
    let (own, other) = (Forge::new(&Marks::default()), Forge::new(&Marks::default()));
    for field in ["signedTransactionInfo", "signedRenewalInfo"] {
        let jws = notification(&own, 1, 1, |content| content["data"][field] = json!(other.sign(&bought())));
        assert_eq!(shop(&own).notification(&jws, now()), Err(Refused::Root), "{field}");
    }
}

#[test]
fn no_cut_and_no_changed_letter_is_believed() {
    let forge = Forge::new(&Marks::default());
    let (shop, jws) = (shop(&forge), forge.sign(&bought()));
    assert!(shop.transaction(&jws, now()).is_ok());
    for cut in (0..jws.len()).step_by(7) {
        assert!(shop.transaction(&jws[..cut], now()).is_err(), "cut at {cut}");
    }
    for place in (0..jws.len()).step_by(5) {
        let mut changed = jws.clone().into_bytes();
        changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(shop.transaction(&changed, now()).is_err(), "changed at {place}");
    }
    for junk in ["", "..", "a.b.c", "a.b.c.d", &"a".repeat(100_000)] {
        assert_eq!(shop.transaction(junk, now()), Err(Refused::Shape));
    }
    for chain in [forge.chain()[..2].to_vec(), [forge.chain(), vec![forge.root()]].concat(), Vec::new()] {
        assert_eq!(shop.transaction(&forge.sign_with(&bought(), "ES256", &chain), now()), Err(Refused::Shape));
    }
}
