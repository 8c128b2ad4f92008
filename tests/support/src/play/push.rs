//! What Pub/Sub pushes, and the token by which a server knows that it is Google's.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

use super::PACKAGE;
use crate::app::noon;
use crate::fcm::assertion::{self, key_pair};

const PEM: &str = include_str!("key.pem");

/// Whom the pushes of the tests are made for, and by whom.
pub const AUDIENCE: &str = "https://apta.example/v1/webhooks/google";
pub const PUSH_ACCOUNT: &str = "push@apta-test.iam.gserviceaccount.test";

/// The keys Google publishes.
pub(super) fn keys() -> Value {
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let public = PublicKeyComponents::<Vec<u8>>::from(key_pair(PEM).public());
    let (modulus, exponent) = (encode(&public.n), encode(&public.e));
    json!({"keys": [
        {"kid": "other", "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig"},
        {"kid": "test-1", "kty": "RSA", "alg": "RS256", "use": "sig", "n": modulus, "e": exponent},
    ]})
}

/// A bearer token as Google signs it, after `change` of its head and claims.
pub fn bearer(change: impl FnOnce(&mut Value, &mut Value)) -> String {
    signed(&key_pair(PEM), change)
}

/// The same by a key that is not Google's.
pub fn forged_bearer() -> String {
    signed(&key_pair(assertion::PEM), |_, _| ())
}

fn signed(pair: &RsaKeyPair, change: impl FnOnce(&mut Value, &mut Value)) -> String {
    let now = noon().and_utc().timestamp();
    let mut head = json!({"alg": "RS256", "kid": "test-1", "typ": "JWT"});
    let mut claims = json!({
        "iss": "https://accounts.google.com", "aud": AUDIENCE, "email": PUSH_ACCOUNT, "email_verified": true,
        "iat": now, "exp": now + 3600, "sub": "1",
    });
    change(&mut head, &mut claims);
    let [head, claims] = [&head, &claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let text = format!("{head}.{claims}");
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).expect("a signature");
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// A push of this name that says that something changed with a purchase.
pub fn changed(id: &str, token: &str) -> Value {
    pushed(
        id,
        &json!({
            "version": "1.0", "packageName": PACKAGE, "eventTimeMillis": "1", "subscriptionNotification":
            {"version": "1.0", "notificationType": 2, "purchaseToken": token, "subscriptionId": super::PRODUCT},
        }),
    )
}

/// A push of this name with anything in it.
pub fn pushed(id: &str, data: &Value) -> Value {
    let message = json!({"data": STANDARD.encode(data.to_string()), "messageId": id, "message_id": id});
    json!({"message": message, "subscription": "projects/apta-test/subscriptions/play"})
}
