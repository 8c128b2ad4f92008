//! Google Play: its pushes say that something changed, and only its API says how a subscription stands.

mod access;
mod key;
mod purchase;
mod push;

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::NaiveDateTime;
use domain::Error;
use reqwest::{Client, Url};
use serde::Deserialize;

use crate::proof::Refused;
use crate::wire::{self, Failed};
use access::Access;
use push::Keys;

pub use purchase::Answer;

/// The settings under `APTA__RATING__GOOGLE__`. Without a package nothing is sold over Google Play.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The package name of the app.
    pub package: String,
    /// The JSON key file of a service account that may see and manage orders in the Play Console.
    pub credentials: Option<PathBuf>,
    /// The audience the pushes of Pub/Sub are made for.
    pub audience: String,
    /// The e-mail address of the service account that signs the pushes.
    pub push_account: String,
    /// Whether purchases of licence testers count, as while trying out.
    pub test_purchases: bool,
    pub base_url: String,
    /// Where access tokens come from; without it, where the key file says.
    pub token_url: Option<String>,
    /// Where Google's keys are published, as JWKS.
    pub keys_url: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            package: String::new(),
            credentials: None,
            audience: String::new(),
            push_account: String::new(),
            test_purchases: false,
            base_url: "https://androidpublisher.googleapis.com".to_owned(),
            token_url: None,
            keys_url: "https://www.googleapis.com/oauth2/v3/certs".to_owned(),
        }
    }
}

/// The app on Google Play.
pub struct Play {
    settings: Settings,
    http: Client,
    base: Url,
    access: Access,
    keys: Keys,
}

/// What a push says, once it is proved: the purchase to ask for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Changed {
    package_name: String,
    subscription_notification: Option<Purchase>,
    voided_purchase_notification: Option<Purchase>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Purchase {
    purchase_token: String,
}

impl Settings {
    /// The shop they describe, if they describe one.
    pub(crate) fn play(&self) -> domain::Result<Option<Play>> {
        let Some(file) = self.credentials.as_ref().filter(|_| !self.package.is_empty()) else { return Ok(None) };
        if self.audience.is_empty() || self.push_account.is_empty() {
            let lacks =
                "APTA__RATING__GOOGLE__AUDIENCE and APTA__RATING__GOOGLE__PUSH_ACCOUNT say which pushes are believed";
            return Err(Error::Store(lacks.to_owned()));
        }
        let http = wire::client()?;
        let key = key::Key::read(file, self.token_url.as_deref())?;
        let base = Url::parse(&self.base_url)
            .map_err(|_| Error::Store("APTA__RATING__GOOGLE__BASE_URL is no address".to_owned()))?;
        let keys = Keys::new(http.clone(), &self.keys_url);
        Ok(Some(Play { access: Access::new(http.clone(), key), settings: self.clone(), http, base, keys }))
    }
}

impl Play {
    /// Whether the bearer token of a push is Google's, made for this server, and good at `now`. With keys that cannot be had
    /// it is neither believed nor refused: [`Failed::Away`].
    pub async fn prove(&self, token: &str, now: NaiveDateTime) -> Result<Result<(), Refused>, Failed> {
        let expected = push::Expected { audience: &self.settings.audience, email: &self.settings.push_account };
        self.keys.prove(token, &expected, now).await
    }

    /// The purchase a push tells of, by its token; none if it is about no subscription.
    pub fn changed(&self, data: &str) -> Result<Option<String>, Refused> {
        let data = STANDARD.decode(data).map_err(|_| Refused::Content)?;
        let read: Changed = serde_json::from_slice(&data).map_err(|_| Refused::Content)?;
        if read.package_name != self.settings.package {
            return Err(Refused::Foreign);
        }
        let purchase = read.subscription_notification.or(read.voided_purchase_notification);
        Ok(purchase.map(|purchase| purchase.purchase_token))
    }

    /// How the purchase stands. `now` is this server's time, for its own papers alone.
    pub async fn purchase(&self, token: &str, now: NaiveDateTime) -> Result<Result<Answer, Refused>, Failed> {
        let url = self.url(&["purchases", "subscriptionsv2", "tokens", token])?;
        let told = self.access.ask(now, |access| self.http.get(url.clone()).bearer_auth(access)).await?;
        Ok(Answer::read(token, &told, self.settings.test_purchases))
    }

    /// Tells Google that the family has what it paid for; else Google pays it back after three days.
    pub async fn acknowledge(&self, token: &str, product: &str, now: NaiveDateTime) -> Result<(), Failed> {
        let last = format!("{token}:acknowledge");
        let url = self.url(&["purchases", "subscriptions", product, "tokens", &last])?;
        let request = |access: &str| self.http.post(url.clone()).bearer_auth(access).json(&serde_json::json!({}));
        self.access.ask(now, request).await.map(drop)
    }

    fn url(&self, rest: &[&str]) -> Result<Url, Failed> {
        let mut url = self.base.clone();
        let fixed = ["androidpublisher", "v3", "applications", &self.settings.package];
        url.path_segments_mut().map_err(|()| Failed::Away)?.clear().extend(fixed).extend(rest);
        Ok(url)
    }
}
