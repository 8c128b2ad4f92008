//! The App Store Server API: asked once a day how a subscription stands, since notifications get lost.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::NaiveDateTime;
use domain::Error;
use reqwest::{Client, Url};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use serde::Deserialize;
use serde_json::json;

use super::{Settings, Shop};
use crate::store_events::Word;
use crate::wire::{self, Failed};

/// Apple takes tokens that are good for an hour at most.
const GOOD_FOR: i64 = 20 * 60;

/// A key for the API, from App Store Connect.
pub struct Server {
    http: Client,
    base: Url,
    issuer: String,
    key_id: String,
    bundle_id: String,
    pair: EcdsaKeyPair,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statuses {
    data: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    last_transactions: Vec<Last>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Last {
    original_transaction_id: String,
    status: u8,
    signed_transaction_info: String,
    signed_renewal_info: Option<String>,
}

impl Server {
    /// The API as the settings name it; none without a key.
    pub(super) fn new(settings: &Settings) -> domain::Result<Option<Self>> {
        let Some(file) = &settings.key_file else { return Ok(None) };
        let base = Url::parse(&settings.base_url)
            .map_err(|_| Error::Store("APTA__RATING__APPLE__BASE_URL is no address".to_owned()))?;
        Ok(Some(Self {
            http: wire::client()?,
            base,
            issuer: settings.issuer_id.clone(),
            key_id: settings.key_id.clone(),
            bundle_id: settings.bundle_id.clone(),
            pair: pair(file)?,
        }))
    }

    /// How the subscription stands; `None` if the answer is not about it or not to be believed.
    pub async fn subscription(&self, shop: &Shop, id: &str, now: NaiveDateTime) -> Result<Option<Word>, Failed> {
        let mut url = self.base.clone();
        url.path_segments_mut().map_err(|()| Failed::Away)?.clear().extend(["inApps", "v1", "subscriptions", id]);
        let token = self.token(now.and_utc().timestamp()).ok_or(Failed::Refused)?;
        let told = wire::ask(self.http.get(url).bearer_auth(token), now).await?;
        let read: Statuses = serde_json::from_slice(&told.body).map_err(|_| Failed::Away)?;
        let own = |last: &Last| last.original_transaction_id == id;
        let Some(last) = read.data.into_iter().flat_map(|group| group.last_transactions).find(own) else {
            return Ok(None);
        };
        let signed = (last.signed_transaction_info.as_str(), last.signed_renewal_info.as_deref());
        match shop.status(last.status, signed, told.at, now) {
            Ok(word) => Ok(Some(word).filter(|word| word.subscription == id)),
            Err(why) => {
                tracing::warn!(reason = %why, "an answer of the App Store is not to be believed");
                Ok(None)
            }
        }
    }

    fn token(&self, now: i64) -> Option<String> {
        let head = json!({"alg": "ES256", "kid": self.key_id, "typ": "JWT"});
        let claims = json!({
            "iss": self.issuer, "iat": now, "exp": now + GOOD_FOR, "aud": "appstoreconnect-v1", "bid": self.bundle_id
        });
        let encode = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&head), encode(&claims));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).ok()?;
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref())))
    }
}

fn pair(file: &PathBuf) -> domain::Result<EcdsaKeyPair> {
    let wrong =
        |what: &str| Error::Store(format!("APTA__RATING__APPLE__KEY_FILE: {} {what}", Path::new(file).display()));
    let text = std::fs::read(file).map_err(|error| wrong(&format!("cannot be read: {error}")))?;
    let der = PrivatePkcs8KeyDer::from_pem_slice(&text)
        .map_err(|_| wrong("is no key in PEM, as App Store Connect hands it out"))?;
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.secret_pkcs8_der(), &SystemRandom::new())
        .map_err(|_| wrong("is no key for ES256"))
}
