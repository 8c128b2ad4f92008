//! A stand-in for the App Store Server API: how subscriptions stand, for whoever shows a token signed by the right key.

use std::collections::BTreeMap;
use std::io;
use std::net::TcpStream;
use std::path::Path;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rcgen::KeyPair;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::{Value, json};

use crate::app_store::BUNDLE;
use crate::fcm::http::{Connection, Reply, Request};
use crate::listener::{Listener, locked};

/// The server. It ends when dropped.
pub struct AppStoreApi {
    shared: Arc<Shared>,
    listener: Listener,
    key: KeyPair,
}

struct Shared {
    key: Vec<u8>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Status, transaction and renewal, signed, by the first transaction.
    subscriptions: BTreeMap<String, Value>,
    fault: Option<u16>,
    asked: usize,
}

impl AppStoreApi {
    pub fn start() -> Self {
        let key = KeyPair::generate().expect("a key");
        let shared = Arc::new(Shared { key: key.public_key_raw().to_vec(), state: Mutex::default() });
        let listener = Listener::start({
            let shared = Arc::clone(&shared);
            move |stream: TcpStream| hold(stream, &shared)
        });
        Self { shared, listener, key }
    }

    /// Adds to the settings how this API is asked; the key file is put into `folder`.
    pub fn settings(&self, folder: &Path, settings: &mut api::rating::AppStore) {
        let file = folder.join("app-store.p8");
        let pem = STANDARD.encode(self.key.serialize_der());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{pem}\n-----END PRIVATE KEY-----\n");
        std::fs::write(&file, pem).expect("a key file");
        settings.key_file = Some(file);
        (settings.key_id, settings.issuer_id) = ("KEY1".to_owned(), "issuer".to_owned());
        settings.base_url = format!("http://{}", self.listener.address);
    }

    /// The subscription stands so, as the store signs it.
    pub fn stands(&self, id: &str, status: u8, transaction: &str) {
        let last = json!({"originalTransactionId": id, "status": status, "signedTransactionInfo": transaction});
        locked(&self.shared.state).subscriptions.insert(id.to_owned(), last);
    }

    /// From now on everything is answered with this status, or rightly again.
    pub fn fail_with(&self, status: Option<u16>) {
        locked(&self.shared.state).fault = status;
    }

    pub fn asked(&self) -> usize {
        locked(&self.shared.state).asked
    }
}

fn hold(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut connection = Connection::new(stream)?;
    while let Some(request) = connection.request()? {
        connection.answer(&shared.reply(&request), None)?;
    }
    Ok(())
}

impl Shared {
    fn reply(&self, request: &Request) -> Reply {
        let mut state = locked(&self.state);
        state.asked += 1;
        if let Some(status) = state.fault {
            return Reply::json(status, &json!({"errorCode": 5_000_000, "errorMessage": "told by the stand-in"}));
        }
        if self.check(&request.authorization).is_none() {
            return Reply::json(401, &json!({}));
        }
        let id = request.path.strip_prefix("/inApps/v1/subscriptions/").unwrap_or_default();
        let Some(last) = state.subscriptions.get(id) else {
            return Reply::json(404, &json!({"errorCode": 4_040_010, "errorMessage": "Transaction id not found."}));
        };
        let group = json!({"subscriptionGroupIdentifier": "1", "lastTransactions": [last]});
        Reply::json(200, &json!({"environment": "Production", "bundleId": BUNDLE, "data": [group]}))
    }

    /// Whether the token is as the documentation of the API wants it.
    fn check(&self, authorization: &str) -> Option<()> {
        let token = authorization.strip_prefix("Bearer ")?;
        let (signed, signature) = token.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &self.key).verify(signed.as_bytes(), &signature).ok()?;
        let part = |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
        let (head, claims) = signed.split_once('.')?;
        let (head, claims) = (part(head)?, part(claims)?);
        let life = claims["exp"].as_i64()? - claims["iat"].as_i64()?;
        let right = head["alg"] == "ES256"
            && head["kid"] == "KEY1"
            && claims["iss"] == "issuer"
            && claims["aud"] == "appstoreconnect-v1"
            && claims["bid"] == BUNDLE
            && (1..=3600).contains(&life);
        right.then_some(())
    }
}
