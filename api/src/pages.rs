//! Pages for people: what a problem means, the API document, the documentation.

use actix_web::{HttpResponse, get, web};

use crate::document;
use crate::problem::{Code, Problem, TABLE};

/// What a problem means
///
/// The page a problem's `type` points to.
#[get("/problems/{code}")]
async fn problem(code: web::Path<String>) -> Result<HttpResponse, Problem> {
    let row = TABLE.iter().find(|row| row.name == code.as_str()).ok_or(Problem::new(Code::NotFound))?;
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{0}</title><h1>{0}</h1><p>HTTP status {1}, type <code>/problems/{2}</code>.</p><p>{3}</p>\n",
        row.title, row.status, row.name, row.advice
    );
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page))
}

#[get("/openapi.json")]
async fn openapi() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(document::json(document::openapi()))
}

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(problem).service(openapi);
    #[cfg(feature = "docs-ui")]
    config.service(docs());
    #[cfg(feature = "docs-ui")]
    config.service(web::redirect("/docs", "/docs/"));
}

/// The documentation, all of it from this binary.
#[cfg(feature = "docs-ui")]
fn docs() -> utoipa_swagger_ui::SwaggerUi {
    let settings = utoipa_swagger_ui::Config::from("/openapi.json").validator_url("none").persist_authorization(true);
    utoipa_swagger_ui::SwaggerUi::new("/docs/{_:.*}").config(settings)
}
