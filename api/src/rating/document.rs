//! The rating's own API document: the diary's does not speak of it.

use std::sync::LazyLock;

use actix_web::App;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa_actix_web::AppExt;

use crate::document::{Finish, require_all};
use crate::problem::{FieldError, ProblemDetails};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Apta: the student rating",
        description = "How a child stands against the middle of its class, by subject, so that nobody learns of another child. Optional and paid; the diary does without.",
        version = "1.0.0",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    components(schemas(ProblemDetails, FieldError)),
    tags(
        (name = "rating", description = "The comparison."),
        (name = "subscriptions", description = "What opens it."),
    ),
    modifiers(&Finish),
)]
struct Base;

static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(|| {
    let app = App::new().into_utoipa_app().openapi(Base::openapi()).configure(super::routes);
    let (_, mut document) = app.split_for_parts();
    require_all(&mut document);
    document
});

/// The document.
pub fn openapi() -> &'static OpenApi {
    &DOCUMENT
}
