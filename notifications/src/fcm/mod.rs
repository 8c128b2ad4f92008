//! Push messages over FCM HTTP v1, for Android, iOS and browsers.

mod account;
mod answer;
mod gate;
mod health;
mod oauth;
mod pace;
mod payload;
mod wire;

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::clock::Clock;
use domain::faults;
use domain::types::Platform;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

use crate::channel::{Channel, Message, Outcome, Target};
use account::Account;
use answer::Answer;
use gate::{Gate, retry};
use oauth::{Failure, Token, Tokens};
use pace::Pace;

pub use payload::ALERT;

/// A shorter one makes duplicates: FCM may deliver what we no longer wait for.
const TIMEOUT: Duration = Duration::from_secs(15);

/// How push messages leave.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The JSON key file of a service account; without it nothing is pushed.
    pub credentials: Option<PathBuf>,
    /// Nothing is to be pushed, and that is meant.
    pub off: bool,
    pub base_url: String,
    /// Where access tokens come from; without it, where the key file says.
    pub token_url: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { credentials: None, off: false, base_url: "https://fcm.googleapis.com".to_owned(), token_url: None }
    }
}

/// What is wrong with the settings or with the project, in a sentence for an operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

/// The channel. One for a process: waits, pace and the access token are shared by all that is sent through it.
pub struct Fcm {
    http: Client,
    send_url: Url,
    tokens: Tokens,
    clock: Clock,
    gate: Mutex<Gate>,
    pace: Mutex<Pace>,
    begin: Instant,
}

/// What came back over the wire, if anything.
enum Sent {
    Answer(Answer),
    /// It cannot have arrived.
    Unreachable,
    /// It may have arrived.
    Broken(&'static str),
}

impl Fcm {
    /// The channel of the project whose key file is named, or nothing where none is. Asks nobody yet.
    pub fn new(settings: &Settings, clock: Clock) -> Result<Option<Self>, Error> {
        let Some(credentials) = settings.credentials.as_ref().filter(|_| !settings.off) else { return Ok(None) };
        let account = Account::read(credentials, settings.token_url.as_deref())?;
        address("APTA__FCM__TOKEN_URL", &account.token_url)?;
        let base = address("APTA__FCM__BASE_URL", &settings.base_url)?;
        let send_url = base
            .join(&format!("/v1/projects/{}/messages:send", account.project))
            .map_err(|_| Error("APTA__FCM__BASE_URL cannot be used".to_owned()))?;
        let http = Client::builder()
            .timeout(TIMEOUT)
            .redirect(Policy::none())
            .http2_keep_alive_interval(Duration::from_secs(30))
            .http2_keep_alive_timeout(TIMEOUT)
            .build()
            .map_err(|error| Error(format!("push messages cannot be sent: {error}")))?;
        let tokens = Tokens::new(account, http.clone(), clock.clone());
        let (gate, pace, begin) = (Mutex::default(), Mutex::default(), Instant::now());
        Ok(Some(Self { http, send_url, tokens, clock, gate, pace, begin }))
    }

    /// Whether Google takes the key, and the project a message; nothing is delivered. What is wrong is told in a sentence.
    pub async fn test(&self) -> Result<(), Error> {
        let away = || Error("Google does not answer: is the way to the internet open?".to_owned());
        let token = self.tokens.get().await.map_err(|failure| match failure {
            Failure::Away => away(),
            Failure::Refused => Error(
                "Google refuses the key of APTA__FCM__CREDENTIALS: it was deleted, or this machine's clock is wrong"
                    .to_owned(),
            ),
        })?;
        // No phone has this token: a project that is ready says so.
        let request = json!({"validate_only": true, "message": {"token": "apta-doctor", "data": {ALERT: "0"}}});
        match self.post(&token, request.to_string()).await {
            Sent::Answer(Answer::BadToken | Answer::Unregistered | Answer::Accepted(_)) => Ok(()),
            Sent::Answer(Answer::Forbidden | Answer::Unauthenticated) => Err(Error(format!(
                "the service account may not send for the project {}: switch on the Firebase Cloud Messaging API there \
                 and give the account the role Firebase Cloud Messaging API Admin",
                self.tokens.project()
            ))),
            Sent::Answer(other) => Err(Error(format!("FCM gives an answer that was not expected: {other:?}"))),
            Sent::Unreachable | Sent::Broken(_) => Err(away()),
        }
    }

    async fn push(&self, platform: Platform, token: &str, target: &Target, message: &Message) -> Outcome {
        let lane = target.lane();
        if let Err(outcome) = self.gate().pass(lane, self.now()) {
            return outcome;
        }
        let Some(request) = payload::request(platform, token, message, self.now().as_secs().cast_signed()) else {
            tracing::error!("an alert is too long to be pushed");
            return Outcome::Rejected { reason: "too-long" };
        };
        self.wait().await;
        // Another's answer may have closed the gate meanwhile.
        if let Err(outcome) = self.gate().pass(lane, self.now()) {
            return outcome;
        }
        match self.post_with_token(request).await {
            Ok(Sent::Answer(answer)) => {
                if matches!(answer, Answer::Quota(_)) {
                    locked(&self.pace).cool();
                }
                self.gate().settle(lane, self.now(), answer)
            }
            Ok(Sent::Unreachable) => self.gate().unreachable(self.now(), "unreachable"),
            Ok(Sent::Broken(reason)) => retry(None, reason),
            Err(Failure::Away) => self.gate().unreachable(self.now(), "no-access-token"),
            Err(Failure::Refused) => self.gate().stop(self.now(), "key-refused"),
        }
    }

    /// Waits for this message's turn.
    async fn wait(&self) {
        let turn = locked(&self.pace).book(self.begin.elapsed());
        tokio::time::sleep_until(self.begin + turn).await;
    }

    /// Sends with the access token there is, and once more with another if that one is not taken.
    async fn post_with_token(&self, request: String) -> Result<Sent, Failure> {
        let token = self.tokens.get().await?;
        match self.post(&token, request.clone()).await {
            Sent::Answer(Answer::Unauthenticated) => match self.tokens.instead_of(&token).await {
                Ok(token) => Ok(self.post(&token, request).await),
                Err(Failure::Refused) => Ok(Sent::Answer(Answer::Unauthenticated)),
                Err(Failure::Away) => Err(Failure::Away),
            },
            sent => Ok(sent),
        }
    }

    async fn post(&self, token: &Token, request: String) -> Sent {
        let sent = self
            .http
            .post(self.send_url.clone())
            .bearer_auth(&token.value)
            .header(CONTENT_TYPE, "application/json; charset=utf-8")
            .body(request)
            .send()
            .await;
        let response = match sent {
            Ok(response) => response,
            Err(error) if error.is_connect() => return Sent::Unreachable,
            Err(error) if error.is_timeout() => return Sent::Broken("timeout"),
            Err(_) => return Sent::Broken("connection-lost"),
        };
        faults::at("fcm::answering");
        let status = response.status().as_u16();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned);
        match wire::body(response).await {
            Ok(body) => Sent::Answer(answer::read(status, retry_after.as_deref(), &body, self.clock.now())),
            Err(wire::Broken) => Sent::Broken("answer-lost"),
        }
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        locked(&self.gate)
    }

    /// Since 1970, by the clock that deliveries are planned by.
    fn now(&self) -> Duration {
        let micros = self.clock.now().and_utc().timestamp_micros();
        Duration::from_micros(micros.try_into().unwrap_or(0))
    }
}

impl Channel for Fcm {
    fn send<'a>(&'a self, target: &'a Target, message: &'a Message) -> BoxFuture<'a, Outcome> {
        match target {
            Target::Device { platform, token } => self.push(*platform, token, target, message).boxed(),
            Target::Address { .. } => std::future::ready(Outcome::Rejected { reason: "no-device" }).boxed(),
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An address that may be sent secrets: over TLS, or to this machine.
fn address(setting: &str, text: &str) -> Result<Url, Error> {
    let url = Url::parse(text).map_err(|_| Error(format!("{setting} must be an address that begins with https://")))?;
    let is_here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if url.scheme() == "https" || (url.scheme() == "http" && is_here) {
        return Ok(url);
    }
    Err(Error(format!("{setting} must begin with https://: access tokens and texts go there")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_over_tls_or_to_this_machine() {
        for good in ["https://fcm.googleapis.com", "http://127.0.0.1:8080", "http://[::1]:1", "http://localhost"] {
            assert!(address("X", good).is_ok(), "{good}");
        }
        for bad in ["http://fcm.googleapis.com", "http://127.0.0.1.evil.kz", "ftp://localhost", "fcm", ""] {
            assert!(address("X", bad).unwrap_err().to_string().starts_with("X must"), "{bad}");
        }
    }
}
