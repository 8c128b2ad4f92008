//! A stand-in for Google Play: its token endpoint, its keys, and the purchases of an app as the Android Publisher API tells them,
//! errors and silence included.

mod push;

use std::collections::BTreeMap;
use std::io;
use std::net::TcpStream;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use chrono::{NaiveDateTime, TimeDelta};
use serde_json::{Value, json};

use crate::app::noon;
use crate::fcm::assertion;
use crate::fcm::http::{Connection, Reply, Request};
use crate::listener::{Listener, locked};

pub use push::{AUDIENCE, PUSH_ACCOUNT, bearer, changed, forged_bearer, pushed};

/// The app, and what it sells.
pub const PACKAGE: &str = "kz.apta.app";
pub const PRODUCT: &str = "rating.year";

const SCOPE: &str = "https://www.googleapis.com/auth/androidpublisher";

/// The server. Whoever waits for it is let go when it is dropped.
#[derive(Debug)]
pub struct Play {
    shared: Arc<Shared>,
    listener: Listener,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// Told whenever something of the state changes that somebody may wait for.
    told: Condvar,
}

#[derive(Debug, Default)]
struct State {
    purchases: BTreeMap<String, Value>,
    acknowledged: Vec<String>,
    /// What is answered in place of a purchase.
    fault: Option<u16>,
    silent: bool,
    /// Requests that wait for the silence to end.
    held: usize,
    asked: usize,
    keys_asked: usize,
    seconds: i64,
    tokens: usize,
}

impl Play {
    pub fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let listener = Listener::start({
            let shared = Arc::clone(&shared);
            move |stream: TcpStream| hold(stream, &shared)
        });
        Self { shared, listener }
    }

    /// The settings of a server that sells over this store; the key file is put into `folder`.
    pub fn settings(&self, folder: &Path) -> api::rating::GooglePlay {
        let file = folder.join("play.json");
        std::fs::write(&file, assertion::key_file().to_string()).expect("a key file");
        let base = format!("http://{}", self.listener.address);
        api::rating::GooglePlay {
            package: PACKAGE.to_owned(),
            credentials: Some(file),
            audience: AUDIENCE.to_owned(),
            push_account: PUSH_ACCOUNT.to_owned(),
            test_purchases: false,
            token_url: Some(format!("{base}/token")),
            keys_url: format!("{base}/certs"),
            base_url: base,
        }
    }

    /// A purchase as it stands right after it was paid: active for so many days.
    pub fn sell(&self, token: &str, account: Option<&str>, days: i64) {
        let purchase = json!({
            "kind": "androidpublisher#subscriptionPurchaseV2", "regionCode": "KZ", "startTime": instant(0),
            "subscriptionState": "SUBSCRIPTION_STATE_ACTIVE", "latestOrderId": "GPA.1",
            "acknowledgementState": "ACKNOWLEDGEMENT_STATE_PENDING",
            "externalAccountIdentifiers": {"obfuscatedExternalAccountId": account},
            "lineItems": [{"productId": PRODUCT, "expiryTime": instant(days), "autoRenewingPlan": {"autoRenewEnabled": true}}],
        });
        self.state().purchases.insert(token.to_owned(), purchase);
    }

    /// The purchase stands so from now on, and ends so many days from noon.
    pub fn stands(&self, token: &str, state: &str, days: i64) {
        self.change(token, |purchase| {
            purchase["subscriptionState"] = json!(format!("SUBSCRIPTION_STATE_{state}"));
            purchase["lineItems"][0]["expiryTime"] = json!(instant(days));
        });
    }

    pub fn change(&self, token: &str, change: impl FnOnce(&mut Value)) {
        change(self.state().purchases.get_mut(token).expect("a purchase"));
    }

    /// From now on purchases are answered with this status, or rightly again.
    pub fn fail_with(&self, status: Option<u16>) {
        self.state().fault = status;
    }

    /// From now on nothing is answered until [`Play::speak`].
    pub fn fall_silent(&self) {
        self.state().silent = true;
    }

    pub fn speak(&self) {
        self.state().silent = false;
        self.shared.told.notify_all();
    }

    /// Returns once so many requests wait for an answer.
    pub async fn await_held(&self, requests: usize) {
        let shared = Arc::clone(&self.shared);
        let wait = move || {
            let waits = |state: &mut State| state.held < requests;
            drop(shared.told.wait_while(locked(&shared.state), waits));
        };
        tokio::task::spawn_blocking(wait).await.expect("nobody panics over it");
    }

    /// How often a purchase was asked for.
    pub fn asked(&self) -> usize {
        self.state().asked
    }

    /// How often the keys were asked for.
    pub fn keys_asked(&self) -> usize {
        self.state().keys_asked
    }

    /// The purchases that were acknowledged, each as often as it was.
    pub fn acknowledged(&self) -> Vec<String> {
        self.state().acknowledged.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.shared.state)
    }
}

impl Drop for Play {
    fn drop(&mut self) {
        self.speak();
    }
}

fn instant(days: i64) -> String {
    (noon() + TimeDelta::days(days)).and_utc().to_rfc3339()
}

fn hold(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut connection = Connection::new(stream)?;
    while let Some(request) = connection.request()? {
        let mut state = locked(&shared.state);
        if state.silent {
            state.held += 1;
            shared.told.notify_all();
            state = shared.told.wait_while(state, |state| state.silent).unwrap_or_else(PoisonError::into_inner);
        }
        let reply = state.reply(&request);
        drop(state);
        connection.answer(&reply, None)?;
    }
    Ok(())
}

/// An error as Google writes it.
fn error(status: u16, reason: &str) -> Reply {
    let error =
        json!({"code": status, "message": "told by the stand-in", "errors": [{"reason": reason, "domain": "global"}]});
    Reply::json(status, &json!({"error": error}))
}

impl State {
    fn reply(&mut self, request: &Request) -> Reply {
        let own = format!("/androidpublisher/v3/applications/{PACKAGE}/purchases/");
        let mut reply = match (request.method.as_str(), request.path.strip_prefix(&own)) {
            ("POST", None) if request.path == "/token" => self.token(&request.body),
            ("GET", None) if request.path == "/certs" => {
                self.keys_asked += 1;
                Reply::json(200, &push::keys())
            }
            (method, Some(rest)) => self.purchases(method, rest, &request.authorization),
            _ => error(404, "notFound"),
        };
        self.seconds += 1;
        let date: NaiveDateTime = noon() + TimeDelta::seconds(self.seconds);
        reply.headers.push(("date", date.format("%a, %d %b %Y %H:%M:%S GMT").to_string()));
        reply
    }

    fn token(&mut self, form: &[u8]) -> Reply {
        if let Err(wrong) = assertion::check(form, SCOPE) {
            return Reply::json(400, &json!({"error": "invalid_grant", "error_description": wrong}));
        }
        self.tokens += 1;
        let token = format!("ya29.play-{}", self.tokens);
        Reply::json(200, &json!({"access_token": token, "expires_in": 3599, "token_type": "Bearer"}))
    }

    fn purchases(&mut self, method: &str, rest: &str, authorization: &str) -> Reply {
        if authorization != format!("Bearer ya29.play-{}", self.tokens) {
            return error(401, "authError");
        }
        if let Some(status) = self.fault {
            return error(status, "backendError");
        }
        let asked = rest.strip_prefix("subscriptionsv2/tokens/").filter(|_| method == "GET");
        let done = rest.strip_prefix(&format!("subscriptions/{PRODUCT}/tokens/")).filter(|_| method == "POST");
        match (asked, done.and_then(|rest| rest.strip_suffix(":acknowledge"))) {
            (Some(token), _) => {
                self.asked += 1;
                self.purchases.get(token).map_or_else(|| error(404, "notFound"), |found| Reply::json(200, found))
            }
            (_, Some(token)) => self.acknowledge(token),
            _ => error(404, "notFound"),
        }
    }

    fn acknowledge(&mut self, token: &str) -> Reply {
        let Some(purchase) = self.purchases.get_mut(token) else { return error(404, "notFound") };
        if purchase["subscriptionState"] == "SUBSCRIPTION_STATE_PENDING" {
            return error(400, "invalidPurchaseState");
        }
        purchase["acknowledgementState"] = json!("ACKNOWLEDGEMENT_STATE_ACKNOWLEDGED");
        self.acknowledged.push(token.to_owned());
        Reply { status: 204, headers: Vec::new(), body: String::new() }
    }
}
