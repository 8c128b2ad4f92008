//! The OIDC token of a push: RS256 alone, by a key Google publishes, made for this server by the account that was named.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{NaiveDateTime, TimeDelta};
use reqwest::Client;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use crate::proof::{Refused, parts};
use crate::wire::{self, Failed};

/// Google changes its keys every few days and publishes a new one well ahead.
const GOOD_FOR: TimeDelta = TimeDelta::hours(6);

/// However many tokens name a key that is not there, Google is asked for it once in this time.
const REST: TimeDelta = TimeDelta::minutes(1);

/// Clocks differ.
const SKEW: TimeDelta = TimeDelta::minutes(5);

const ISSUERS: [&str; 2] = ["https://accounts.google.com", "accounts.google.com"];

/// Whom a token must be made for, and by whom.
pub(super) struct Expected<'a> {
    pub audience: &'a str,
    pub email: &'a str,
}

/// The keys Google signs with, fetched when they are needed and kept.
pub(super) struct Keys {
    http: Client,
    url: String,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    keys: HashMap<String, Key>,
    fetched: Option<NaiveDateTime>,
    asked: Option<NaiveDateTime>,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Published>,
}

#[derive(Deserialize)]
struct Published {
    kid: String,
    kty: String,
    #[serde(default)]
    n: String,
    #[serde(default)]
    e: String,
}

#[derive(Clone)]
struct Key {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

#[derive(Deserialize)]
struct Head {
    alg: String,
    kid: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    iat: i64,
    exp: i64,
    email: Option<String>,
    email_verified: Option<bool>,
}

impl Keys {
    pub fn new(http: Client, url: &str) -> Self {
        Self { http, url: url.to_owned(), kept: Mutex::default() }
    }

    /// Whether the token is what it should be at `now`.
    pub async fn prove(
        &self,
        token: &str,
        expected: &Expected<'_>,
        now: NaiveDateTime,
    ) -> Result<Result<(), Refused>, Failed> {
        let head = match head(token) {
            Ok(head) => head,
            Err(refused) => return Ok(Err(refused)),
        };
        let Some(key) = self.key(&head.kid, now).await? else { return Ok(Err(Refused::Key)) };
        Ok(check(token, &key, expected, now))
    }

    /// The key of this name, if Google has one.
    async fn key(&self, name: &str, now: NaiveDateTime) -> Result<Option<Key>, Failed> {
        let mut kept = self.kept.lock().await;
        let fresh = kept.fetched.is_some_and(|at| at <= now && now < at + GOOD_FOR);
        if let Some(key) = kept.keys.get(name).filter(|_| fresh) {
            return Ok(Some(key.clone()));
        }
        if kept.asked.is_some_and(|at| at <= now && now < at + REST) {
            return if fresh { Ok(None) } else { Err(Failed::Away) };
        }
        kept.asked = Some(now);
        let told = wire::ask(self.http.get(&self.url), now).await.map_err(|_| Failed::Away)?;
        let read: KeySet = serde_json::from_slice(&told.body).map_err(|_| Failed::Away)?;
        kept.keys = read.keys.into_iter().filter_map(|key| Some((key.kid.clone(), public(&key)?))).collect();
        kept.fetched = Some(now);
        Ok(kept.keys.get(name).cloned())
    }
}

fn public(key: &Published) -> Option<Key> {
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| !bytes.is_empty());
    (key.kty == "RSA").then_some(())?;
    Some(Key { modulus: bytes(&key.n)?, exponent: bytes(&key.e)? })
}

/// What the head says is a hint: it chooses no algorithm.
fn head(token: &str) -> Result<Head, Refused> {
    let [head, ..] = parts(token)?;
    let head: Head = decode(head, Refused::Shape)?;
    if head.alg == "RS256" { Ok(head) } else { Err(Refused::Algorithm) }
}

fn check(token: &str, key: &Key, expected: &Expected, now: NaiveDateTime) -> Result<(), Refused> {
    let [head, content, signature] = parts(token)?;
    let signed = token.get(..head.len() + 1 + content.len()).ok_or(Refused::Shape)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Refused::Shape)?;
    RsaPublicKeyComponents { n: &key.modulus, e: &key.exponent }
        .verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature)
        .map_err(|_| Refused::Signature)?;
    let claims: Claims = decode(content, Refused::Content)?;
    let (now, skew) = (now.and_utc().timestamp(), SKEW.num_seconds());
    if claims.exp <= now - skew || claims.iat > now + skew {
        return Err(Refused::Expired);
    }
    let own = ISSUERS.contains(&claims.iss.as_str())
        && claims.aud == expected.audience
        && claims.email.as_deref() == Some(expected.email)
        && claims.email_verified == Some(true);
    if own { Ok(()) } else { Err(Refused::Foreign) }
}

fn decode<T: DeserializeOwned>(part: &str, refused: Refused) -> Result<T, Refused> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| refused)?;
    serde_json::from_slice(&bytes).map_err(|_| refused)
}
