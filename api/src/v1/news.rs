//! News of the schools of a family's children.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::{DateTime, Utc};
use domain::access;
use domain::db::Conn;
use domain::error::Rule;
use domain::news::{self, After};
use domain::types::{Language, NewsId};
use domain::{Error, Result};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::parts::utc;
use crate::bodies::{Body, Coding, Tag, json};
use crate::problem::{Problem, Problems};
use crate::request::{Asked, Token};
use crate::state::State;
use crate::words;

/// A page of news.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewsPage {
    /// Newest first.
    pub items: Vec<NewsItem>,
    /// Where the next page starts; null on the last one.
    pub next_cursor: Option<String>,
}

/// One piece of news.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewsItem {
    /// Its id.
    pub id: i64,
    /// The school that tells it.
    pub school: NewsSchool,
    /// Whose families read it: of the school, of a level, of a class.
    pub audience: words::NewsAudience,
    /// Those of the viewer's children it is for.
    pub child_ids: Vec<i64>,
    /// One line.
    pub title: String,
    /// Plain text, with line breaks.
    pub text: String,
    /// Since when it may be read.
    pub published_at: DateTime<Utc>,
    /// When the school last changed it.
    pub updated_at: DateTime<Utc>,
}

/// The school that tells something.
#[derive(Serialize, ToSchema)]
pub struct NewsSchool {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
}

/// Which page.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NewsQuery {
    /// How many, 1 to 100; default 50.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// Where the page starts: `nextCursor` of the page before.
    cursor: Option<String>,
}

/// What a cursor is bound to beside its owner.
const FILTER: &str = "news";

/// News, newest first
///
/// Of the schools of the viewer's children. It is not in the change feed: ask again with the `ETag`, which moves when a piece comes, changes, goes, or its time comes.
#[utoipa::path(tag = "diary", security(("bearer" = [])), params(NewsQuery),
    responses((status = 200, description = "A page.", body = NewsPage), (status = 304, description = "Nothing changed."),
        (status = 422, description = "The page breaks a rule.", content_type = "application/problem+json", body = crate::problem::ProblemDetails), Problems))]
#[get("/news")]
async fn news_of_family(
    token: Token,
    request: HttpRequest,
    state: web::Data<State>,
    asked: Asked,
    query: web::Query<NewsQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = query.limit.unwrap_or(50);
    if !(1..=100).contains(&limit) {
        return Err(Error::flaw("/limit", "range", "A page has 1 to 100 items.").into());
    }
    let coding = Coding::accepted(request.headers());
    let (cursors, cursor) = (state.cursors.clone(), query.into_inner().cursor);
    let work = move |conn: &mut Conn| {
        let (viewer, rights) = access::children(conn, &token.0)?;
        let opened = cursor.as_deref().map(|cursor| cursors.open(viewer.account(), FILTER, cursor).ok());
        let after = opened.map(|place| place.as_deref().and_then(parse).ok_or(Error::Conflict(Rule::BadCursor)));
        let mut found = news::page(conn, &rights, viewer.now(), after.transpose()?, limit + 1)?;
        let size = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > size;
        found.truncate(size);
        let last = found.last().filter(|_| more);
        let place = last.map(|last| format!("{:?}/{}", last.published_at, last.id.0));
        let next_cursor = place.map(|place| cursors.seal(viewer.account(), FILTER, &place));
        let language = asked.or(viewer.language());
        let items = found.into_iter().map(|news| NewsItem::of(news, language)).collect();
        json(&NewsPage { items, next_cursor })
    };
    let body = state.db.read(work).await?;
    // Nothing counts the changes of news: the tag is of the page itself.
    let tag = Tag::of(&body);
    let known = tag.known(request.headers(), coding);
    let body = (!known).then(|| Arc::new(Body::new(body.into_bytes())));
    Ok(tag.respond(body.as_deref(), coding))
}

fn parse(place: &str) -> Option<After> {
    let (moment, id) = place.split_once('/')?;
    Some((moment.parse().ok()?, NewsId(id.parse().ok()?)))
}

impl NewsItem {
    fn of(news: news::News, language: Language) -> Self {
        Self {
            id: news.id.0,
            school: NewsSchool { id: news.school.id.0, name: news.school.name },
            audience: words::Word(news.audience.word()),
            child_ids: news.children.into_iter().map(|child| child.0).collect(),
            title: news.title.in_language(language).to_owned(),
            text: news.text.in_language(language).to_owned(),
            published_at: utc(news.published_at),
            updated_at: utc(news.updated_at),
        }
    }
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(news_of_family);
}
