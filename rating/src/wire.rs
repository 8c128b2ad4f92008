//! Answers of stores: bounded in time and size, and told apart by what they mean for a family.

use std::time::Duration;

use domain::Error;
use reqwest::header::DATE;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};

use chrono::{DateTime, NaiveDateTime};

/// Nobody waits longer for a store.
const TIMEOUT: Duration = Duration::from_secs(10);

/// No answer worth reading is longer.
const LONGEST: usize = 512 * 1024;

/// Why a store's answer says nothing of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failed {
    /// It may answer later: what was known last holds meanwhile.
    #[error("the store does not answer, or not with sense")]
    Away,
    /// The store does not take our key: an operator has to look. What was known last holds meanwhile.
    #[error("the store refuses the key this server shows")]
    Refused,
    /// The store has no such subscription, or has forgotten it.
    #[error("the store knows no such subscription")]
    Unknown,
}

/// A good answer: its body, and when it was given by the store's own clock.
pub(crate) struct Told {
    pub body: Vec<u8>,
    pub at: NaiveDateTime,
}

pub(crate) fn client() -> domain::Result<Client> {
    let built = Client::builder().timeout(TIMEOUT).redirect(Policy::none()).build();
    built.map_err(|error| Error::Store(format!("stores cannot be asked: {error}")))
}

/// Sends a request. `now` stands in for a clock the store does not show.
pub(crate) async fn ask(request: RequestBuilder, now: NaiveDateTime) -> Result<Told, Failed> {
    let answer = request.send().await.map_err(|_| Failed::Away)?;
    let (status, at) = (answer.status().as_u16(), date(&answer).unwrap_or(now));
    let body = body(answer).await.ok_or(Failed::Away)?;
    match status {
        200..=299 => Ok(Told { body, at }),
        400 | 404 | 410 => Err(Failed::Unknown),
        401 | 403 => Err(Failed::Refused),
        _ => Err(Failed::Away),
    }
}

fn date(answer: &Response) -> Option<NaiveDateTime> {
    let text = answer.headers().get(DATE)?.to_str().ok()?;
    DateTime::parse_from_rfc2822(text).ok().map(|at| at.naive_utc())
}

async fn body(mut answer: Response) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.ok()? {
        if body.len() + chunk.len() > LONGEST {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}
