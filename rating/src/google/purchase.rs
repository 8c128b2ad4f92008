//! What `purchases.subscriptionsv2` says of a purchase.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::entitlement::State;
use crate::entitlement::history::{Event, Said};
use crate::proof::Refused;
use crate::store_events::Word;
use crate::wire::Told;

/// How a purchase stands, and what there is to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub word: Word,
    /// The product to be acknowledged, if it was not yet.
    pub unacknowledged: Option<String>,
    pub products: Vec<String>,
    /// The purchase this one took the place of.
    pub replaces: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Purchase {
    subscription_state: String,
    #[serde(default)]
    line_items: Vec<LineItem>,
    external_account_identifiers: Option<Identifiers>,
    acknowledgement_state: Option<String>,
    test_purchase: Option<IgnoredAny>,
    linked_purchase_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LineItem {
    product_id: String,
    expiry_time: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identifiers {
    obfuscated_external_account_id: Option<String>,
}

impl Answer {
    pub(super) fn read(token: &str, told: &Told, test_purchases: bool) -> Result<Self, Refused> {
        let read: Purchase = serde_json::from_slice(&told.body).map_err(|_| Refused::Content)?;
        if read.test_purchase.is_some() && !test_purchases {
            return Err(Refused::Foreign);
        }
        let state = state(&read.subscription_state)?;
        let expires_at = read.line_items.iter().filter_map(|item| item.expiry_time).max().map(|at| at.naive_utc());
        let said = Said::Stands { state, expires_at };
        let event = Event { at: told.at, id: format!("{}@{}", &token, told.at.and_utc().timestamp_micros()), said };
        let pending = read.acknowledgement_state.as_deref() == Some("ACKNOWLEDGEMENT_STATE_PENDING");
        let products: Vec<String> = read.line_items.into_iter().map(|item| item.product_id).collect();
        Ok(Self {
            word: Word {
                subscription: token.to_owned(),
                account_token: read.external_account_identifiers.and_then(|own| own.obfuscated_external_account_id),
                event,
            },
            // What is not paid for cannot be acknowledged.
            unacknowledged: products.first().filter(|_| pending && state != State::Pending).cloned(),
            products,
            replaces: read.linked_purchase_token,
        })
    }
}

fn state(word: &str) -> Result<State, Refused> {
    Ok(match word.strip_prefix("SUBSCRIPTION_STATE_").ok_or(Refused::Content)? {
        "PENDING" => State::Pending,
        "ACTIVE" => State::Active,
        "IN_GRACE_PERIOD" => State::Grace,
        "ON_HOLD" => State::Hold,
        "PAUSED" => State::Paused,
        "CANCELED" => State::Cancelled,
        "EXPIRED" | "PENDING_PURCHASE_CANCELED" => State::Expired,
        _ => return Err(Refused::Content),
    })
}
