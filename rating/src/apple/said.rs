//! What the App Store says of a subscription: a notification, or a transaction a phone holds.

use chrono::{DateTime, NaiveDateTime};
use serde::Deserialize;

use super::jws::Roots;
use crate::entitlement::State;
use crate::entitlement::history::{Event, Said};
use crate::proof::Refused;
use crate::store_events::Word;

/// The app whose subscriptions count.
#[derive(Debug, Clone)]
pub struct Shop {
    pub roots: Roots,
    pub bundle_id: String,
    /// `Production`, or `Sandbox` while trying out.
    pub environment: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Notification {
    #[serde(rename = "notificationUUID")]
    id: String,
    signed_date: i64,
    data: Option<Data>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    bundle_id: String,
    environment: String,
    status: Option<u8>,
    signed_transaction_info: Option<String>,
    signed_renewal_info: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Transaction {
    transaction_id: String,
    original_transaction_id: String,
    bundle_id: String,
    environment: String,
    signed_date: i64,
    expires_date: Option<i64>,
    revocation_date: Option<i64>,
    app_account_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Renewal {
    auto_renew_status: Option<u8>,
    grace_period_expires_date: Option<i64>,
}

impl Shop {
    /// A transaction that a phone holds.
    pub fn transaction(&self, jws: &str, now: NaiveDateTime) -> Result<Word, Refused> {
        let read = self.bought(jws, now)?;
        let said = Said::Paid {
            transaction: read.transaction_id.clone(),
            expires_at: instant(read.expires_date.ok_or(Refused::Content)?)?,
            revoked_at: read.revocation_date.map(instant).transpose()?,
        };
        let at = instant(read.signed_date)?;
        let event = Event { at, id: format!("{}@{}", read.transaction_id, read.signed_date), said };
        Ok(Word { subscription: read.original_transaction_id, account_token: read.app_account_token, event })
    }

    /// A notification of the App Store; `None` if it is about no subscription.
    pub fn notification(&self, jws: &str, now: NaiveDateTime) -> Result<Option<Word>, Refused> {
        let read: Notification = self.roots.open(jws, now)?;
        let Some(data) = read.data else { return Ok(None) };
        self.own(&data.bundle_id, &data.environment)?;
        let (Some(transaction), Some(status)) = (&data.signed_transaction_info, data.status) else { return Ok(None) };
        let bought = self.bought(transaction, now)?;
        let renewal: Option<Renewal> =
            data.signed_renewal_info.as_ref().map(|jws| self.roots.open(jws, now)).transpose()?;
        let (state, expires_at) = stands(status, &bought, renewal.as_ref())?;
        let event = Event { at: instant(read.signed_date)?, id: read.id, said: Said::Stands { state, expires_at } };
        Ok(Some(Word { subscription: bought.original_transaction_id, account_token: bought.app_account_token, event }))
    }

    /// What the App Store answers about a subscription: its status, the last transaction and what is to be renewed, signed. `at`
    /// is the moment of the answer.
    pub(super) fn status(
        &self,
        status: u8,
        (transaction, renewal): (&str, Option<&str>),
        at: NaiveDateTime,
        now: NaiveDateTime,
    ) -> Result<Word, Refused> {
        let bought = self.bought(transaction, now)?;
        let renewal: Option<Renewal> = renewal.map(|jws| self.roots.open(jws, now)).transpose()?;
        let (state, expires_at) = stands(status, &bought, renewal.as_ref())?;
        let id = format!("{}@{}", bought.original_transaction_id, at.and_utc().timestamp_micros());
        let event = Event { at, id, said: Said::Stands { state, expires_at } };
        Ok(Word { subscription: bought.original_transaction_id, account_token: bought.app_account_token, event })
    }

    fn bought(&self, jws: &str, now: NaiveDateTime) -> Result<Transaction, Refused> {
        let read: Transaction = self.roots.open(jws, now)?;
        self.own(&read.bundle_id, &read.environment)?;
        Ok(read)
    }

    fn own(&self, bundle_id: &str, environment: &str) -> Result<(), Refused> {
        let own = bundle_id == self.bundle_id && environment == self.environment;
        if own { Ok(()) } else { Err(Refused::Foreign) }
    }
}

/// The words of a notification's `status`, with what the renewal adds.
fn stands(
    status: u8,
    bought: &Transaction,
    renewal: Option<&Renewal>,
) -> Result<(State, Option<NaiveDateTime>), Refused> {
    let renews = renewal.and_then(|renewal| renewal.auto_renew_status) != Some(0);
    let end = bought.expires_date.map(instant).transpose()?;
    let grace = renewal.and_then(|renewal| renewal.grace_period_expires_date).map(instant).transpose()?;
    Ok(match status {
        1 if renews => (State::Active, end),
        1 => (State::Cancelled, end),
        2 => (State::Expired, end),
        3 => (State::Hold, end),
        4 => (State::Grace, grace.or(end)),
        5 => (State::Revoked, end),
        _ => return Err(Refused::Content),
    })
}

/// The App Store counts milliseconds.
fn instant(milliseconds: i64) -> Result<NaiveDateTime, Refused> {
    DateTime::from_timestamp_millis(milliseconds).map(|at| at.naive_utc()).ok_or(Refused::Content)
}
