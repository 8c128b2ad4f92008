//! Access tokens for Google's API: one for everybody, fetched by one caller at a time.

use chrono::{NaiveDateTime, TimeDelta};
use reqwest::{Client, RequestBuilder};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::key::Key;
use crate::wire::{self, Failed, Told};

/// A token is replaced this long before it ends.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

pub(super) struct Access {
    http: Client,
    key: Key,
    kept: Mutex<Option<(String, NaiveDateTime)>>,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: u32,
}

impl Access {
    pub fn new(http: Client, key: Key) -> Self {
        Self { http, key, kept: Mutex::default() }
    }

    /// Sends a request with a token; with another one if the first is not taken any more.
    pub async fn ask(&self, now: NaiveDateTime, request: impl Fn(&str) -> RequestBuilder) -> Result<Told, Failed> {
        let token = self.get(now).await?;
        match wire::ask(request(&token), now).await {
            Err(Failed::Refused) => {
                self.forget(&token).await;
                wire::ask(request(&self.get(now).await?), now).await
            }
            answer => answer,
        }
    }

    async fn forget(&self, token: &str) {
        let mut kept = self.kept.lock().await;
        if kept.as_ref().is_some_and(|(value, _)| value == token) {
            *kept = None;
        }
    }

    /// The lock is held while a token is fetched: those who wait for it find the new one.
    async fn get(&self, now: NaiveDateTime) -> Result<String, Failed> {
        let mut kept = self.kept.lock().await;
        if let Some((token, _)) = kept.as_ref().filter(|(_, ends)| now + AHEAD < *ends) {
            return Ok(token.clone());
        }
        let assertion = self.key.assertion(now.and_utc().timestamp()).ok_or(Failed::Refused)?;
        let form = [("grant_type", GRANT), ("assertion", assertion.as_str())];
        // A refused assertion is a 400, which of a purchase would say that there is none.
        let told = wire::ask(self.http.post(&self.key.token_url).form(&form), now).await;
        let told = told.map_err(|failed| if failed == Failed::Unknown { Failed::Refused } else { failed })?;
        let granted: Granted = serde_json::from_slice(&told.body).map_err(|_| Failed::Away)?;
        *kept = Some((granted.access_token.clone(), now + TimeDelta::seconds(granted.expires_in.into())));
        Ok(granted.access_token)
    }
}
