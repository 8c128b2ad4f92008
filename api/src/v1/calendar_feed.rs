//! The calendar feed: an address for the calendar apps of a family's phones and computers.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, delete, get, put, web};
use domain::db::Conn;
use domain::{access, calendar, secrets};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{agenda, children};
use crate::bodies::{Body, Coding, Tag};
use crate::problem::{Problem, Problems};
use crate::request::Token;
use crate::state::State;

/// The address of a calendar feed.
#[derive(Debug, Serialize, ToSchema)]
pub struct CalendarFeed {
    /// To be subscribed to; whoever knows it can read the calendar, and it is not shown again.
    #[schema(example = "https://diary.example/calendar/bTq0SjjL3kCcY2pS9Q1mXg.ics")]
    pub url: String,
}

/// Make the address of the calendar feed
///
/// The address before, if there was one, stops working.
#[utoipa::path(tag = "account", security(("bearer" = [])), responses((status = 200, description = "The address.", body = CalendarFeed), Problems))]
#[put("/calendar-feed")]
async fn open_calendar_feed(token: Token, state: web::Data<State>) -> Result<HttpResponse, Problem> {
    let address = secrets::address();
    let url = format!("{}/calendar/{address}.ics", state.config.http.public_url.trim_end_matches('/'));
    let work = move |conn: &mut Conn| {
        let viewer = access::viewer(conn, &token.0)?;
        calendar::open(conn, &viewer, &address)
    };
    state.db.write(work).await?;
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(CalendarFeed { url }))
}

/// End the calendar feed
///
/// Its address stops working at once.
#[utoipa::path(tag = "account", security(("bearer" = [])), responses((status = 204, description = "There is no feed any more."), Problems))]
#[delete("/calendar-feed")]
async fn close_calendar_feed(token: Token, state: web::Data<State>) -> Result<HttpResponse, Problem> {
    let work = move |conn: &mut Conn| {
        let viewer = access::viewer(conn, &token.0)?;
        calendar::close(conn, &viewer)
    };
    state.db.write(work).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The calendar, for calendar apps
///
/// RFC 5545: lessons with what changed about them, homework by the day it is due, section and term works, of all children
/// the account may read about now; from two weeks ago to sixty days ahead, in the account's language.
#[utoipa::path(tag = "diary", security(()), params(("token" = String, Path, description = "The secret of the address.")),
    responses((status = 200, description = "The calendar.", body = String, content_type = "text/calendar"),
        (status = 304, description = "Nothing changed."), Problems))]
#[get("/calendar/{token}.ics")]
async fn calendar_of_family(
    token: web::Path<String>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let (bodies, headers, now) = (state.bodies.clone(), request.headers().clone(), state.clock.now());
    let (coding, host) = (Coding::accepted(&headers), host(&state.config.http.public_url).to_owned());
    let work = move |conn: &mut Conn| {
        let (viewer, rights) = access::calendar(conn, &token, now)?;
        let tag = children::tag("calendar", &viewer, &rights, viewer.language());
        if tag.known(&headers, coding) {
            return Ok((tag, None));
        }
        if let Some(body) = bodies.get(&tag) {
            return Ok((tag, Some(body)));
        }
        let agendas = agenda::read(conn, &rights)?;
        let body = Arc::new(Body::new(agenda::calendar(&agendas, viewer.language(), &host).into_bytes()));
        if access::calendar(conn, &token, now)?.1 == rights {
            bodies.keep(tag.clone(), Arc::clone(&body));
            return Ok((tag, Some(body)));
        }
        // Somebody wrote meanwhile: the body is a moment old, so it goes out under a tag nobody will meet again.
        Ok((Tag::of(&secrets::token()), Some(body)))
    };
    let (tag, body) = state.db.read(work).await?;
    Ok(tag.respond_as("text/calendar; charset=utf-8", body.as_deref(), coding))
}

/// The name of the server in an address.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', ':']).next().unwrap_or(rest)
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(open_calendar_feed).service(close_calendar_feed);
}

/// What is no call of the API.
pub fn outside(config: &mut ServiceConfig) {
    config.service(calendar_of_family);
}
