//! The server: the application with its layers, listening until it is told to stop.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_cors::Cors;
use actix_web::dev::{Server, ServerHandle};
use actix_web::error::UrlencodedError;
use actix_web::http::header;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer, web};
use anyhow::Context;
use notifications::channel::UNSUBSCRIBE;
use utoipa_actix_web::AppExt;

use crate::problem::{Code, Problem};
use crate::request::BODY_LIMIT;
use crate::state::State;
use crate::{middleware, pages, routes};

/// A server that is bound but does not answer before it is awaited.
pub struct Bound {
    pub server: Server,
    pub address: SocketAddr,
}

impl Bound {
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }
}

/// Binds the configured address. `signals`: stop at Ctrl-C and SIGTERM, letting requests finish.
pub fn bind(state: State, signals: bool) -> anyhow::Result<Bound> {
    let wanted = state.config.http.listen;
    let listener = TcpListener::bind(wanted).with_context(|| match wanted.port() {
        0 => format!("cannot listen on {wanted}"),
        port => format!("cannot listen on {wanted}; is port {port} taken? Choose another one with --port"),
    })?;
    let address = listener.local_addr()?;
    let (workers, drain) = (state.config.http.workers, state.config.http.drain_seconds);
    let data = web::Data::new(state);
    let build = move || {
        App::new()
            .into_utoipa_app()
            .app_data(data.clone())
            .configure(routes::all)
            .split_for_parts()
            .0
            .configure(pages::routes)
            .default_service(web::to(routes::nothing))
            .app_data(web::PayloadConfig::new(BODY_LIMIT))
            .app_data(web::PathConfig::default().error_handler(|_, _| Problem::new(Code::NotFound).into()))
            .app_data(
                web::QueryConfig::default().error_handler(|error, _| Problem::malformed(error.to_string()).into()),
            )
            .app_data(web::FormConfig::default().error_handler(|error, _| form_problem(&error).into()))
            .wrap(Compress::default())
            .wrap(cors(&data.config.http.origins))
            .wrap(from_fn(middleware::around))
    };
    let server = HttpServer::new(build)
        .workers(workers)
        .shutdown_timeout(drain)
        .client_request_timeout(Duration::from_secs(10))
        .keep_alive(Duration::from_secs(75));
    let server = if signals { server } else { server.disable_signals() };
    Ok(Bound { server: server.listen(listener)?.run(), address })
}

fn form_problem(error: &UrlencodedError) -> Problem {
    match error {
        UrlencodedError::ContentType => {
            Problem::new(Code::UnsupportedMediaType).detail("Send Content-Type: application/x-www-form-urlencoded.")
        }
        UrlencodedError::Overflow { .. } => Problem::new(Code::PayloadTooLarge),
        other => Problem::malformed(other.to_string()),
    }
}

fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "PUT", "POST", "PATCH", "DELETE"])
        .allowed_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::ACCEPT_LANGUAGE,
            header::IF_NONE_MATCH,
            header::HeaderName::from_static("idempotency-key"),
            header::HeaderName::from_static("x-request-id"),
        ])
        .max_age(3600);
    // Without a list there is no browser client: nothing to refuse, and nothing to say of origins.
    if origins.is_empty() {
        return cors.disable_vary_header();
    }
    let cors = cors.expose_headers(["etag", "retry-after", "x-request-id", "ratelimit", "ratelimit-policy"]);
    // The server's own page asks from no origin a browser would name, and needs no right but the word in its address.
    let cors = cors.allowed_origin_fn(|_, request| request.uri.path().starts_with(UNSUBSCRIBE));
    origins.iter().fold(cors.block_on_origin_mismatch(true), |cors, origin| cors.allowed_origin(origin))
}
