//! Access tokens: one for everybody, fetched by one caller at a time, renewed ahead of its end.

use std::sync::Arc;

use chrono::{NaiveDateTime, TimeDelta};
use domain::clock::Clock;
use domain::faults;
use reqwest::Client;
use serde::Deserialize;
use tokio::sync::Mutex;

use super::account::Account;
use super::wire;

/// A token is replaced this long before it ends; until it ends the old one still serves if there is no new one to be had.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// After a failure, and after a token was replaced because it was refused, nobody asks again for this long.
const REST: TimeDelta = TimeDelta::seconds(10);

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// An access token and which one it is.
#[derive(Clone)]
pub(super) struct Token {
    pub value: Arc<str>,
    /// Names the token to [`Tokens::instead_of`].
    pub number: u64,
    ends: NaiveDateTime,
}

/// Why there is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// The endpoint does not answer, or not with sense: it may do so later.
    Away,
    /// The endpoint refuses this key: an operator has to look.
    Refused,
}

#[derive(Default)]
struct Kept {
    token: Option<Token>,
    failed: Option<(NaiveDateTime, Failure)>,
    /// When a refused token was last replaced.
    replaced: Option<NaiveDateTime>,
    number: u64,
}

/// Where senders get their token.
pub(super) struct Tokens {
    account: Account,
    http: Client,
    clock: Clock,
    kept: Mutex<Kept>,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    expires_in: u32,
}

impl Tokens {
    pub fn new(account: Account, http: Client, clock: Clock) -> Self {
        Self { account, http, clock, kept: Mutex::default() }
    }

    pub fn project(&self) -> &str {
        &self.account.project
    }

    /// A token that is good as far as anybody knows.
    pub async fn get(&self) -> Result<Token, Failure> {
        let mut kept = self.kept.lock().await;
        let now = self.clock.now();
        match kept.token.clone() {
            Some(token) if now + AHEAD < token.ends => Ok(token),
            Some(token) if now < token.ends => Ok(self.renew(&mut kept, now).await.unwrap_or(token)),
            _ => self.renew(&mut kept, now).await,
        }
    }

    /// Another token than `refused`, which the provider did not take. Of all who were refused one fetches it.
    pub async fn instead_of(&self, refused: &Token) -> Result<Token, Failure> {
        let mut kept = self.kept.lock().await;
        let now = self.clock.now();
        if let Some(token) = kept.token.clone().filter(|token| token.number != refused.number) {
            return Ok(token);
        }
        if is_recent(kept.replaced, now) {
            return Err(Failure::Refused);
        }
        (kept.token, kept.replaced) = (None, Some(now));
        self.renew(&mut kept, now).await
    }

    /// The lock is held meanwhile: those who wait for it find the new token, or the failure, and do not ask again.
    async fn renew(&self, kept: &mut Kept, now: NaiveDateTime) -> Result<Token, Failure> {
        if let Some((_, failure)) = kept.failed.filter(|(at, _)| is_recent(Some(*at), now)) {
            return Err(failure);
        }
        match self.fetch().await {
            Ok(answer) => {
                kept.number += 1;
                let ends = now + TimeDelta::seconds(answer.expires_in.into());
                let token = Token { value: answer.access_token.into(), number: kept.number, ends };
                (kept.token, kept.failed) = (Some(token.clone()), None);
                Ok(token)
            }
            Err(failure) => {
                tracing::error!(?failure, "no access token for push messages");
                kept.failed = Some((now, failure));
                Err(failure)
            }
        }
    }

    async fn fetch(&self) -> Result<Answer, Failure> {
        let now = self.clock.now().and_utc().timestamp();
        let assertion = self.account.assertion(now).map_err(|_| Failure::Refused)?;
        let form = [("grant_type", GRANT), ("assertion", assertion.as_str())];
        let sent = self.http.post(&self.account.token_url).form(&form).send().await.map_err(|_| Failure::Away)?;
        faults::at("fcm::token");
        let status = sent.status();
        let body = wire::body(sent).await.map_err(|_| Failure::Away)?;
        match status.as_u16() {
            200 => serde_json::from_slice(&body).map_err(|_| Failure::Away),
            400..=428 | 430..=499 => Err(Failure::Refused),
            _ => Err(Failure::Away),
        }
    }
}

/// A clock that was set back must not make a rest longer.
fn is_recent(at: Option<NaiveDateTime>, now: NaiveDateTime) -> bool {
    at.is_some_and(|at| at <= now && now < at + REST)
}
