//! Every route on one screen.

use actix_web::{HttpRequest, HttpResponse};
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::problem::{Code, Problem};
use crate::{document, health, school, v1};

/// The routes of the API document.
pub fn documented(config: &mut ServiceConfig) {
    config
        .service(
            scope::scope("/v1")
                .configure(v1::sessions::routes)
                .configure(v1::invitations::routes)
                .configure(v1::password_resets::routes)
                .configure(v1::me::routes)
                .configure(v1::children::routes)
                .configure(v1::changes::routes)
                .configure(v1::calendar_feed::routes)
                .configure(v1::devices::routes)
                .configure(v1::notification_preferences::routes)
                .configure(v1::notifications::routes)
                .configure(v1::unsubscribe::routes)
                .configure(v1::diary::routes)
                .configure(v1::homework::routes)
                .configure(v1::files::routes)
                .configure(v1::news::routes)
                .configure(v1::grades::routes)
                .configure(v1::subjects::routes)
                .configure(v1::forecasts::routes)
                .configure(v1::report_card::routes)
                .configure(v1::attendance::routes)
                .configure(v1::assessments::routes)
                .configure(v1::periods::routes)
                .configure(school::oauth::routes)
                .configure(school::routes),
        )
        .configure(v1::calendar_feed::outside)
        .configure(health::routes);
}

/// Every route of the server: those of the document, and before them, because they lie beside theirs, those of the rating.
pub fn all(config: &mut ServiceConfig) {
    #[cfg(feature = "rating")]
    config.configure(crate::rating::routes);
    config.configure(documented);
}

/// What is left: a path that knows other methods (405), or nothing at all (404).
pub async fn nothing(request: HttpRequest) -> Result<HttpResponse, Problem> {
    Err(match document::methods_of(request.path()) {
        Some(allow) => Problem { allow: Some(allow), ..Problem::new(Code::MethodNotAllowed) },
        None => Problem::new(Code::NotFound),
    })
}
