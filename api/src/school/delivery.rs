//! A delivery over HTTP: items read one by one, written in one transaction, answered one by one.

use std::borrow::Cow;
use std::collections::BTreeMap;

use actix_web::HttpResponse;
use chrono::NaiveDateTime;
use domain::access::{self, Bearer, SchoolAccess};
use domain::db::{Conn, Scope, Touch};
use domain::error::Flaw;
use domain::intake::{self, Delivered, Entry, Outcome};
use domain::types::{Collection, SchoolId};
use domain::{Error, idempotency, invitations, secrets};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::fields::external_id;
use crate::bodies::{Tag, json};
use crate::problem::Problem;
use crate::request::{Body, Once, Whole};
use crate::state::State;
use crate::v1::parts::utc;

/// The most items of one delivery.
const MOST: usize = 1000;

/// A collection's item as a journal sends it.
pub trait Form: DeserializeOwned + 'static {
    type Item: Delivered + Send + Sync + 'static;

    /// The item, or the first place that breaks a rule.
    fn item(self) -> Result<Self::Item, Flaw>;
}

/// Items of one collection.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemsForm<T> {
    /// 1 to 1000 items, in any order.
    #[schema(min_items = 1, max_items = 1000)]
    #[allow(dead_code, reason = "read by the macro that writes the document; each item is read by itself")]
    items: Vec<T>,
}

/// Items that are not looked at yet: a bad one must not spoil the others.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawItems {
    items: Vec<Box<RawValue>>,
}

/// How a delivery is taken.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeliveryQuery {
    /// All or nothing: one item that is rejected rejects the delivery (422).
    #[serde(default)]
    atomic: bool,
    /// A first delivery or a roll-over: families read it, nobody is alerted.
    #[serde(default)]
    baseline: bool,
}

/// What became of a delivery.
#[derive(Debug, Serialize, ToSchema)]
pub struct Delivery {
    /// One result an item, in the order of the items.
    pub results: Vec<ItemResult>,
}

/// What became of one item.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ItemResult {
    /// The school's own id; null where none could be read.
    pub external_id: Option<String>,
    /// The diary's id.
    pub id: Option<i64>,
    /// created, updated, unchanged, deleted or rejected.
    #[schema(example = "created")]
    pub outcome: &'static str,
    /// Why it was rejected.
    pub problem: Option<ItemProblem>,
    /// For a guardian just made: the code to hand on. It is shown here once, and not when the delivery is repeated under its Idempotency-Key.
    pub invitation: Option<Invitation>,
}

/// Why an item was rejected.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ItemProblem {
    /// Where in the body (RFC 6901).
    #[schema(example = "/items/3/studentExternalId")]
    pub pointer: String,
    /// Which rule.
    pub code: &'static str,
    /// What to mend.
    pub detail: Cow<'static, str>,
}

impl ItemProblem {
    /// The flaw of the item at `place`.
    pub fn of(place: usize, flaw: &Flaw) -> Self {
        Self { pointer: format!("/items/{place}{}", flaw.pointer), code: flaw.code, detail: flaw.detail.clone() }
    }
}

/// A code to accept in the app.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    /// The code; it is kept as a hash and cannot be shown again.
    pub code: String,
    /// Until when it can be used.
    pub expires_at: chrono::DateTime<chrono::Utc>,
}

impl Invitation {
    pub fn new(code: String, now: NaiveDateTime) -> Self {
        Self { code, expires_at: utc(now + invitations::LIFE) }
    }
}

/// Takes a delivery for one school.
pub async fn take<F: Form>(
    state: &State,
    bearer: Bearer,
    school: i64,
    query: DeliveryQuery,
    once: &Once,
    body: Body<RawItems>,
) -> Result<HttpResponse, Problem> {
    let key = once.key(&body.1);
    let entries = read::<F>(&body.0.items)?;
    let codes = codes::<F>(&entries);
    let ask = Ask { bearer, school: SchoolId(school), query, key, entries, codes };
    let ask = std::sync::Arc::new(ask);
    let again = std::sync::Arc::clone(&ask);
    let scope = move |conn: &mut Conn| again.scope(conn);
    let work = move |conn: &mut Conn, touch: &mut Touch| ask.work(conn, touch);
    let answer = state.db.write_children(scope, work).await?;
    // The answer does not wait for Redis.
    let signal = state.signal.clone();
    drop(actix_web::rt::spawn(async move { signal.ring().await }));
    let mut response = HttpResponse::Ok();
    if F::Item::COLLECTION == Collection::Guardians {
        response.insert_header(("cache-control", "no-store"));
    }
    Ok(response.content_type("application/json").body(answer))
}

/// A delivery ready to be written; its transaction may run more than once.
struct Ask<I> {
    bearer: Bearer,
    school: SchoolId,
    query: DeliveryQuery,
    key: Option<idempotency::Key>,
    entries: Vec<Entry<I>>,
    /// A code for each entry that may make a guardian.
    codes: Vec<String>,
}

impl<I: Delivered> Ask<I> {
    fn scope(&self, conn: &mut Conn) -> domain::Result<Scope> {
        let access = access::school(conn, &self.bearer, self.school)?;
        intake::may_deliver(&access, I::COLLECTION)?;
        match idempotency::recall(conn, &access, self.key.as_ref())? {
            Some(_) => Ok(Scope::default()),
            None => intake::scope(conn, &access, &self.entries),
        }
    }

    fn work(&self, conn: &mut Conn, touch: &mut Touch) -> domain::Result<String> {
        let access = access::school(conn, &self.bearer, self.school)?;
        if let Some(answer) = idempotency::recall(conn, &access, self.key.as_ref())? {
            return Ok(answer);
        }
        let outcomes = intake::deliver(conn, touch, &access, &self.entries, self.query.baseline)?;
        let done = self.entries.iter().zip(&outcomes).enumerate();
        let mut results: Vec<ItemResult> =
            done.map(|(place, (entry, outcome))| result(place, entry, outcome)).collect();
        if self.query.atomic {
            none_rejected(&results)?;
        }
        if let Some(key) = &self.key {
            idempotency::remember(conn, &access, key, &json(&Delivery { results: results.clone() })?)?;
        }
        self.invite(conn, &access, &mut results)?;
        json(&Delivery { results })
    }

    /// Opens an invitation for each guardian just made.
    fn invite(&self, conn: &mut Conn, access: &SchoolAccess, results: &mut [ItemResult]) -> domain::Result<()> {
        for (result, code) in results.iter_mut().zip(&self.codes) {
            if let ("created", Some(number)) = (result.outcome, &result.external_id) {
                let who = invitations::Invited::Guardian(number.clone());
                invitations::open(conn, access.school(), &who, code, access.now())?;
                result.invitation = Some(Invitation::new(code.clone(), access.now()));
            }
        }
        Ok(())
    }
}

fn codes<F: Form>(entries: &[Entry<F::Item>]) -> Vec<String> {
    match F::Item::COLLECTION {
        Collection::Guardians => entries.iter().map(|_| secrets::code()).collect(),
        _ => Vec::new(),
    }
}

fn read<F: Form>(items: &[Box<RawValue>]) -> Result<Vec<Entry<F::Item>>, Problem> {
    if items.is_empty() || items.len() > MOST {
        let detail = format!("A delivery has 1 to {MOST} items, {} were sent.", items.len());
        return Err(Error::flaw("/items", "length", detail).into());
    }
    Ok(items.iter().map(|item| entry::<F>(item)).collect())
}

/// The two fields every collection's items have.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Peek {
    external_id: Option<String>,
    #[serde(default)]
    deleted: bool,
}

fn entry<F: Form>(raw: &RawValue) -> Entry<F::Item> {
    let shape = |pointer: String, detail: String| Flaw::new(pointer, "shape", detail);
    let peek: Peek = match serde_json::from_str(raw.get()) {
        Ok(Whole(peek)) => peek,
        Err(error) => return Entry::Unread(None, shape(String::new(), told(&error))),
    };
    let id = match external_id("/externalId", peek.external_id.as_deref().unwrap_or_default()) {
        Ok(id) => id,
        Err(flaw) => return Entry::Unread(None, flaw),
    };
    if peek.deleted {
        return Entry::Withdraw(id);
    }
    let mut reader = serde_json::Deserializer::from_str(raw.get());
    let form: F = match serde_path_to_error::deserialize(&mut reader) {
        Ok(Whole(form)) => form,
        Err(error) => {
            let flaw = shape(pointer(error.path()), told(error.inner()));
            return Entry::Unread(Some(id), flaw);
        }
    };
    match form.item() {
        Ok(item) => Entry::Put { item, hash: hash(raw) },
        Err(flaw) => Entry::Unread(Some(id), flaw),
    }
}

/// The message of the reader, without the place in a text nobody sees.
fn told(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Map { key } => Some(format!("/{key}")),
            Segment::Seq { index } => Some(format!("/{index}")),
            _ => None,
        })
        .collect()
}

/// Of the item as it was sent: its keys sorted, no space between. A journal can compute the same.
fn hash(raw: &RawValue) -> String {
    let sorted: BTreeMap<String, serde_json::Value> = serde_json::from_str(raw.get()).unwrap_or_default();
    Tag::of(&serde_json::to_string(&sorted).unwrap_or_default()).as_str().to_owned()
}

fn result<I: Delivered>(place: usize, entry: &Entry<I>, outcome: &Outcome) -> ItemResult {
    let (word, id, problem) = match outcome {
        Outcome::Created(id) => ("created", Some(*id), None),
        Outcome::Updated(id) => ("updated", Some(*id), None),
        Outcome::Unchanged(id) => ("unchanged", Some(*id), None),
        Outcome::Deleted(id) => ("deleted", Some(*id), None),
        Outcome::Absent => ("unchanged", None, None),
        Outcome::Rejected(flaw) => ("rejected", None, Some(ItemProblem::of(place, flaw))),
    };
    let external_id = entry.external_id().map(str::to_owned);
    ItemResult { external_id, id, outcome: word, problem, invitation: None }
}

/// The flaws of all rejected items, if there are any.
fn none_rejected(results: &[ItemResult]) -> domain::Result<()> {
    let flaw = |problem: &ItemProblem| Flaw::new(problem.pointer.clone(), problem.code, problem.detail.clone());
    let flaws: Vec<Flaw> = results.iter().filter_map(|result| result.problem.as_ref()).map(flaw).collect();
    if flaws.is_empty() { Ok(()) } else { Err(Error::Invalid(flaws)) }
}

/// The two operations of a collection: a delivery, and what the journal itself delivered. The document's macros know types by
/// their plain names only, so whoever uses this imports them.
macro_rules! collection {
    ($put:ident, $records:ident, $path:literal, $collection:ident, $form:ty, $summary:literal, $text:literal, $list:literal) => {
        #[doc = $summary]
        #[doc = ""]
        #[doc = $text]
        #[utoipa::path(tag = "school", security(("bearer" = [])),
            params(("id" = i64, Path, description = "The school."), DeliveryQuery,
                ("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect and one answer.")),
            request_body = ItemsForm<$form>,
            responses((status = 200, description = "What became of each item.", body = Delivery),
                Problems, WriteProblems))]
        #[put($path)]
        async fn $put(
            token: Token,
            state: web::Data<State>,
            school: web::Path<i64>,
            query: web::Query<DeliveryQuery>,
            once: Once,
            body: Body<RawItems>,
        ) -> Result<HttpResponse, Problem> {
            take::<$form>(&state, token.0, *school, *query, &once, body).await
        }

        #[doc = $list]
        #[doc = ""]
        #[doc = "With the scope `read`: what this journal delivered itself, nothing more, by the time of the last change. `hash` is of the item as it was sent."]
        #[utoipa::path(tag = "school", security(("bearer" = [])),
            params(("id" = i64, Path, description = "The school."), Since),
            responses((status = 200, description = "What was delivered.", body = Records),
                Problems, WriteProblems))]
        #[get($path)]
        async fn $records(
            token: Token,
            state: web::Data<State>,
            school: web::Path<i64>,
            query: web::Query<Since>,
        ) -> Result<HttpResponse, Problem> {
            let collection = Collection::$collection;
            reconcile::list(&state, token.0, *school, collection, query.into_inner()).await
        }
    };
}
pub(super) use collection;
