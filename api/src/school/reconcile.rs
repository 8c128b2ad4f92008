//! Reconciling: a journal asks what of its own arrived, so that it can send again what did not.

use actix_web::HttpResponse;
use chrono::{DateTime, Datelike, NaiveDateTime, Utc};
use domain::access::{self, Bearer};
use domain::error::Rule;
use domain::intake::{self, Record};
use domain::types::{AccountId, Collection, SchoolId, Word};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::problem::Problem;
use crate::state::State;
use crate::v1::parts::utc;

/// From when on, and where to go on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct Since {
    /// Only what changed at this instant or later.
    updated_after: Option<DateTime<Utc>>,
    /// How many at once, 1 to 1000; default 1000.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
    /// Where the last page ended.
    cursor: Option<String>,
}

/// What a journal delivered.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Records {
    /// The items, by the time of their last change.
    pub items: Vec<RecordView>,
    /// Where the next page begins; null at the end.
    pub next_cursor: Option<String>,
}

/// One item a journal delivered.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecordView {
    /// The school's own id.
    pub external_id: String,
    /// The diary's id.
    pub id: i64,
    /// When it last changed here.
    pub updated_at: DateTime<Utc>,
    /// The first 15 bytes of the SHA-256 of the item as it was sent, in URL-safe base64: keys sorted at every depth, no white space.
    pub hash: String,
}

/// One page of what this journal delivered of a collection.
pub async fn list(
    state: &State,
    bearer: Bearer,
    school: i64,
    collection: Collection,
    since: Since,
) -> Result<HttpResponse, Problem> {
    let limit = since.limit.unwrap_or(1000);
    if !(1..=1000).contains(&limit) {
        return Err(domain::Error::flaw("/limit", "range", "A limit is 1 to 1000.").into());
    }
    let after = since.updated_after.unwrap_or_default().naive_utc();
    if !(1970..2200).contains(&after.year()) {
        return Err(domain::Error::flaw("/updatedAfter", "range", "An instant lies between 1970 and 2200.").into());
    }
    let cursors = state.cursors.clone();
    let work = move |conn: &mut domain::db::Conn| {
        let access = access::school(conn, &bearer, SchoolId(school))?;
        let filter = format!("{:?} {} {}", access.actor(), school, collection.as_str());
        let after = match &since.cursor {
            Some(cursor) => cursors.open(JOURNALS, &filter, cursor).ok().and_then(|text| place(&text)).ok_or(WRONG)?,
            None => (after, String::new()),
        };
        let mut found = intake::records(conn, &access, collection, &after, limit + 1)?;
        let more = found.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next_cursor = found.last().filter(|_| more).map(|last| {
            let place = format!("{:?} {}", last.updated_at, last.external_id);
            cursors.seal(JOURNALS, &filter, &place)
        });
        Ok(Records { items: found.into_iter().map(RecordView::of).collect(), next_cursor })
    };
    Ok(HttpResponse::Ok().json(state.db.read(work).await?))
}

/// Journals have no account; the filter names the journal.
const JOURNALS: AccountId = AccountId(0);

const WRONG: domain::Error = domain::Error::Denied(Rule::BadCursor);

fn place(text: &str) -> Option<(NaiveDateTime, String)> {
    let (at, id) = text.split_once(' ')?;
    Some((at.parse().ok()?, id.to_owned()))
}

impl RecordView {
    fn of(record: Record) -> Self {
        let Record { external_id, item_id, updated_at, hash } = record;
        Self { external_id, id: item_id, updated_at: utc(updated_at), hash }
    }
}
