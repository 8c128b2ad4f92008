//! The list of everything the account was alerted of.

use actix_web::{HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use domain::alerts::inbox::{self, Item};
use domain::db::Conn;
use domain::error::Rule;
use domain::types::{AlertId, Language, Word as _};
use domain::{Error, access};
use notifications::texts;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::parts::utc;
use crate::problem::{Problem, Problems, WriteProblems};
use crate::request::{Asked, Body, Token};
use crate::state::State;
use crate::words::{self, Word};

/// A page of notifications.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Notifications {
    /// Newest first.
    pub items: Vec<Notification>,
    /// Where the next page begins; null on the last one.
    pub next_cursor: Option<String>,
    /// How many there are that were not read, on all pages.
    pub unread_count: i64,
}

/// What the account was alerted of. All of it is said here, whatever pushes and letters may say.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// The notification's id; a push about it carries the same.
    pub id: i64,
    /// What it is about.
    pub kind: words::AlertKind,
    /// The child it is about; null: the account.
    pub child_id: Option<i64>,
    /// Since when it is in the list.
    pub at: DateTime<Utc>,
    /// Whether it was read.
    pub read: bool,
    /// The headline, in the language of the answer.
    #[schema(example = "Жаңа баға: Алгебра")]
    pub title: String,
    /// All of it.
    pub text: String,
    /// What changed last, as in the change feed; null for news and for what happened to the account.
    #[schema(example = "grade.created")]
    pub change: Option<&'static str>,
    /// The id of what changed (of a grade, a lesson ...), as in the views of the child, or of the school's news; null for what
    /// happened to the account.
    pub entity_id: Option<i64>,
}

impl Notification {
    fn of(item: Item, language: Language) -> Self {
        let said = texts::say(&item.facts, language);
        Self {
            id: item.id.0,
            kind: Word(item.kind),
            child_id: item.child.map(|child| child.0),
            at: utc(item.at),
            read: item.read,
            title: said.title,
            text: said.body,
            change: item.change.map(|(kind, _)| kind.as_str()),
            entity_id: item.change.map(|(_, id)| id).or(item.news.map(|news| news.0)),
        }
    }
}

/// Which page.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// How many, 1 to 100; default 50.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// What a cursor is bound to beside its owner.
const FILTER: &str = "notifications";

/// Notifications, newest first
///
/// Everything the account was alerted of and may still read, whatever became of pushes and letters.
#[utoipa::path(tag = "alerts", security(("bearer" = [])), params(Page),
    responses((status = 200, description = "A page.", body = Notifications),
        (status = 422, description = "The limit breaks a rule.", content_type = "application/problem+json", body = crate::problem::ProblemDetails), Problems))]
#[get("/notifications")]
async fn list_notifications(
    token: Token,
    state: web::Data<State>,
    asked: Asked,
    page: web::Query<Page>,
) -> Result<HttpResponse, Problem> {
    let limit = page.limit.unwrap_or(50);
    if !(1..=100).contains(&limit) {
        return Err(Error::flaw("/limit", "range", "A page has 1 to 100 items.").into());
    }
    let cursors = state.cursors.clone();
    let work = move |conn: &mut Conn| {
        let (viewer, rights) = access::children(conn, &token.0)?;
        let language = asked.or(viewer.language());
        let before = page.cursor.as_deref().map(|cursor| cursors.open(viewer.account(), FILTER, cursor));
        let before = before.transpose().map_err(|_| Error::Conflict(Rule::BadCursor))?;
        let before = before.map(|place| place.parse().map(AlertId).map_err(|_| Error::Conflict(Rule::BadCursor)));
        let page = inbox::page(conn, &viewer, &rights, language, (before.transpose()?, limit))?;
        let seal = |last: AlertId| cursors.seal(viewer.account(), FILTER, &last.0.to_string());
        Ok(Notifications {
            next_cursor: page.next.map(seal),
            unread_count: inbox::unread(conn, &viewer, &rights)?,
            items: page.items.into_iter().map(|item| Notification::of(item, language)).collect(),
        })
    };
    let answer = state.db.read(work).await?;
    Ok(HttpResponse::Ok().insert_header(("cache-control", "private, no-cache")).json(answer))
}

/// How far the account has read.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ReadForm {
    /// The id of the newest notification that was read.
    up_to: i64,
}

/// Say how far I have read
///
/// Everything in the list up to this notification counts as read.
#[utoipa::path(tag = "alerts", security(("bearer" = [])), request_body = ReadForm,
    responses((status = 204, description = "Noted."), Problems, WriteProblems))]
#[post("/notifications/read")]
async fn read_notifications(
    token: Token,
    state: web::Data<State>,
    form: Body<ReadForm>,
) -> Result<HttpResponse, Problem> {
    let last = AlertId(form.0.up_to);
    let work = move |conn: &mut Conn| {
        let viewer = access::viewer(conn, &token.0)?;
        inbox::read(conn, &viewer, last)
    };
    state.db.write(work).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_notifications).service(read_notifications);
}
