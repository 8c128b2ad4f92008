//! The end of letters by one click, for mail programs (RFC 8058) and for people.

use actix_web::{HttpResponse, get, post, web};
use domain::alerts::preferences;
use domain::db::Conn;
use domain::types::{Language, Word};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::problem::{Problem, Problems};
use crate::request::Asked;
use crate::state::State;

/// What the button of the page sends along: whoever pressed it looks at a page, a mail program looks at nothing.
const PRESSED: &str = "page";

/// The body, whatever it is: by this name it is not taken for one the document has to describe.
type Sent = web::Bytes;

/// A page that asks before letters end
///
/// For people who follow the address in a letter. A mail program that only looks at it ends nothing.
#[utoipa::path(tag = "alerts", security(()), params(("token" = String, Path, description = "The word in the letter.")),
    responses((status = 200, description = "A page with one button.", body = String, content_type = "text/html"), Problems))]
#[get("/unsubscribe/{token}")]
async fn ask_unsubscribe(
    state: web::Data<State>,
    token: web::Path<String>,
    asked: Asked,
) -> Result<HttpResponse, Problem> {
    let own = state.db.read(move |conn: &mut Conn| preferences::language_of(conn, &token)).await?;
    let language = asked.or(own);
    let (title, text, button) = question(language);
    let form = format!("<form method=post><button name={PRESSED} value=1>{button}</button></form>");
    Ok(page(language, title, text, &form))
}

/// End letters
///
/// One click, without signing in (RFC 8058). The preferences show it and can take it back. Whoever presses the button of the
/// page (`page=1` in the form) gets a page that says so.
#[utoipa::path(tag = "alerts", security(()), params(("token" = String, Path, description = "The word in the letter.")),
    responses((status = 200, description = "The same, as a page for people.", body = String, content_type = "text/html"),
        (status = 204, description = "No alert comes as a letter any more."), Problems))]
#[post("/unsubscribe/{token}")]
async fn unsubscribe(
    state: web::Data<State>,
    token: web::Path<String>,
    asked: Asked,
    form: Sent,
) -> Result<HttpResponse, Problem> {
    let own = state.db.write(move |conn: &mut Conn| preferences::end_letters(conn, &token)).await?;
    let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(&form).unwrap_or_default();
    if !fields.iter().any(|(name, _)| name == PRESSED) {
        return Ok(HttpResponse::NoContent().finish());
    }
    let language = asked.or(own);
    let (title, text) = answer(language);
    Ok(page(language, title, text, ""))
}

/// Asks, and promises nothing that has not happened.
fn question(language: Language) -> (&'static str, &'static str, &'static str) {
    match language {
        Language::Kk => (
            "Күнделік хаттарын тоқтату керек пе?",
            "Түймені бассаңыз, Apta күнделігінің хабарландырулары поштаңызға келмейтін болады. Олар қолданбада қала береді. \
             Аккаунтыңыздың қауіпсіздігі туралы хаттар бұрынғыдай келеді.",
            "Хаттарды тоқтату",
        ),
        Language::Ru => (
            "Отключить письма дневника?",
            "Если нажать кнопку, уведомления дневника Apta перестанут приходить вам на почту. Они останутся в приложении. \
             Письма о безопасности аккаунта будут приходить по-прежнему.",
            "Отключить письма",
        ),
        Language::En => (
            "Stop e-mails from the diary?",
            "If you press the button, notifications of the Apta diary will no longer come by e-mail. You will still find them in \
             the app. E-mails about the security of your account will still come.",
            "Stop e-mails",
        ),
    }
}

fn answer(language: Language) -> (&'static str, &'static str) {
    match language {
        Language::Kk => (
            "Хаттар тоқтатылды",
            "Apta күнделігінің хабарландырулары енді поштаңызға келмейді, олар қолданбада қала береді. Хаттарды қайта алғыңыз \
             келсе, оларды қолданбадағы хабарландыру баптауларында қосыңыз.",
        ),
        Language::Ru => (
            "Письма отключены",
            "Уведомления дневника Apta больше не приходят вам на почту, они остаются в приложении. Чтобы снова получать письма, \
             включите их в приложении, в настройках уведомлений.",
        ),
        Language::En => (
            "E-mails are stopped",
            "Notifications of the Apta diary no longer come by e-mail; you find them in the app. To get e-mails again, switch \
             them on in the app, in the notification settings.",
        ),
    }
}

/// A page of fixed texts. Its address is a secret of one family: nobody is to keep it or to find it.
fn page(language: Language, title: &str, text: &str, form: &str) -> HttpResponse {
    let language = language.as_str();
    let page = format!(
        "<!doctype html><html lang={language}><meta charset=utf-8><meta name=viewport content='width=device-width'>\
         <meta name=robots content=noindex><title>{title}</title><h1>{title}</h1><p>{text}</p>{form}</html>\n"
    );
    HttpResponse::Ok()
        .insert_header(("cache-control", "no-store"))
        .insert_header(("x-robots-tag", "noindex"))
        .content_type("text/html; charset=utf-8")
        .body(page)
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(ask_unsubscribe).service(unsubscribe);
}
