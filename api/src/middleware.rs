//! Around every request: its id, its span, its one log line, the rendering of problems, the headers that are always there.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError};
use futures_util::FutureExt;
use tracing::Instrument;

use crate::limits::Standing;
use crate::problem::{Code, Problem};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The outermost layer. No answer with a status of 400 or more leaves as anything but a problem.
pub async fn around(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let id = request_id(request.headers());
    let started = Instant::now();
    let span = tracing::info_span!(
        "request",
        request.id = %id,
        http.method = %request.method(),
        http.route = tracing::field::Empty,
    );
    let instance = request.path().to_owned();
    let called = AssertUnwindSafe(next.call(request)).catch_unwind().instrument(span.clone()).await;
    let response = match called {
        Ok(Ok(response)) => response.map_into_boxed_body(),
        // A layer refused, or a handler panicked: the request is gone, so the problem carries what it needs of it.
        Ok(Err(error)) => return Err(Lost { problem: problem_of(&error), instance, id }.into()),
        Err(_) => return Err(Lost { problem: Problem::new(Code::Internal), instance, id }.into()),
    };
    let mut response = render(response, &instance, &id);
    let standing = response.request().extensions().get::<Standing>().copied();
    adorn(response.headers_mut(), &instance, &id);
    if let Some((policy, left)) = standing.map(Standing::headers) {
        for (name, value) in [("ratelimit-policy", policy), ("ratelimit", left)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
    }
    log(&span, &response, started);
    Ok(response)
}

/// A problem whose request did not come back.
#[derive(Debug)]
struct Lost {
    problem: Problem,
    instance: String,
    id: String,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

impl ResponseError for Lost {
    fn status_code(&self) -> StatusCode {
        self.problem.status_code()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = self.problem.render(&self.instance, &self.id);
        adorn(response.headers_mut(), &self.instance, &self.id);
        response
    }
}

fn problem_of(error: &Error) -> Problem {
    if error.as_error::<actix_cors::CorsError>().is_some() {
        return Problem::new(Code::OriginRefused);
    }
    match error.as_error::<Problem>() {
        Some(problem) => problem.clone(),
        None => Problem::new(Code::of_status(error.as_response_error().status_code())),
    }
}

/// The client's own id where it is short and plain, else a fresh one.
fn request_id(headers: &HeaderMap) -> String {
    let plain = |id: &&str| {
        (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    let given = headers.get(&REQUEST_ID).and_then(|value| value.to_str().ok()).filter(plain);
    given.map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned)
}

fn render(response: ServiceResponse<BoxBody>, instance: &str, id: &str) -> ServiceResponse<BoxBody> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let problem = response.response().error().map_or_else(|| Problem::new(Code::of_status(status)), problem_of);
    let (request, old) = response.into_parts();
    let mut answer = problem.render(instance, id);
    // What a lower layer said of origins stays.
    for (name, value) in old.headers() {
        if name.as_str().starts_with("access-control") || name == "vary" {
            answer.headers_mut().append(name.clone(), value.clone());
        }
    }
    ServiceResponse::new(request, answer)
}

fn adorn(headers: &mut HeaderMap, path: &str, id: &str) {
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    let mut set = |name: &'static str, value: &'static str| {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    };
    set("x-content-type-options", "nosniff");
    set("x-frame-options", "DENY");
    set("referrer-policy", "no-referrer");
    set("strict-transport-security", "max-age=31536000");
    let page = path.starts_with("/docs");
    set("content-security-policy", if page { PAGE_POLICY } else { "default-src 'none'; frame-ancestors 'none'" });
}

/// The docs UI runs its own scripts and styles, and calls this server.
const PAGE_POLICY: &str =
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'";

fn log(span: &tracing::Span, response: &ServiceResponse<BoxBody>, started: Instant) {
    let _entered = span.enter();
    span.record("http.route", response.request().match_pattern().as_deref().unwrap_or("-"));
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let status = response.status().as_u16();
    if status >= 500 {
        tracing::warn!(http.status = status, duration_ms, "answered");
    } else {
        tracing::info!(http.status = status, duration_ms, "answered");
    }
}
