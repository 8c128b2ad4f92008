//! The end of letters by one click, for mail programs (RFC 8058) and for people.

use actix_web::{HttpResponse, get, post, web};
use domain::alerts::preferences;
use domain::db::Conn;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::problem::{Problem, Problems};
use crate::state::State;

/// Says in three languages what the button does; a mail program that only looks at the address ends nothing.
const PAGE: &str = "<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'><title>Apta</title>\
<form method=post><p>Хабарламалар бұдан былай хатпен келмейді. &middot; Уведомления больше не будут приходить письмами. &middot; \
Alerts will no longer come as letters.</p><button>Тоқтату &middot; Отключить &middot; Stop</button></form>";

/// A page that asks before letters end
///
/// For people who follow the address in a letter.
#[utoipa::path(tag = "alerts", security(()), params(("token" = String, Path, description = "The word in the letter.")),
    responses((status = 200, description = "A page with one button.", body = String, content_type = "text/html"), Problems))]
#[get("/unsubscribe/{token}")]
async fn ask_unsubscribe(state: web::Data<State>, token: web::Path<String>) -> Result<HttpResponse, Problem> {
    state.db.read(move |conn: &mut Conn| preferences::letters_of(conn, &token)).await?;
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(PAGE))
}

/// End letters
///
/// One click, without signing in (RFC 8058). The preferences show it and can take it back.
#[utoipa::path(tag = "alerts", security(()), params(("token" = String, Path, description = "The word in the letter.")),
    responses((status = 204, description = "No alert comes as a letter any more."), Problems))]
#[post("/unsubscribe/{token}")]
async fn unsubscribe(state: web::Data<State>, token: web::Path<String>) -> Result<HttpResponse, Problem> {
    state.db.write(move |conn: &mut Conn| preferences::end_letters(conn, &token)).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(ask_unsubscribe).service(unsubscribe);
}
