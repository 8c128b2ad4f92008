//! The API document, built from the router; the committed file is a copy of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use actix_web::App;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{OpenApi, RefOr, Schema};
use utoipa::{Modify, OpenApi as _};
use utoipa_actix_web::AppExt;

use crate::problem::{FieldError, ProblemDetails};
use crate::routes;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Apta: the diary",
        description = "The school diary behind parents' apps. Errors are RFC 9457 problems; every child view has a strong ETag.",
        version = "1.0.0",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    components(schemas(ProblemDetails, FieldError)),
    tags(
        (name = "sessions", description = "Signing in and out, invitations, passwords."),
        (name = "account", description = "The signed-in person."),
        (name = "alerts", description = "What families are told of, how, and the list of it."),
        (name = "diary", description = "The free diary: a guardian reads her own children, a student reads itself."),
        (name = "school", description = "The school side: a journal, or staff of the school, writes what families read."),
        (name = "operations", description = "Health."),
    ),
    modifiers(&Finish),
)]
struct Base;

/// What the macros cannot say.
pub(crate) struct Finish;

impl Modify for Finish {
    fn modify(&self, document: &mut OpenApi) {
        let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        document.components.get_or_insert_default().add_security_scheme("bearer", bearer);
    }
}

static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(|| {
    let (_, mut document) =
        App::new().into_utoipa_app().openapi(Base::openapi()).configure(routes::documented).split_for_parts();
    require_all(&mut document);
    document
});

/// The document.
pub fn openapi() -> &'static OpenApi {
    &DOCUMENT
}

/// A document as text, as it is served and committed.
pub fn json(document: &OpenApi) -> String {
    let mut text = document.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// In answers an absent value is `null` and never a missing key, so all their properties are required. Only forms leave out.
pub(crate) fn require_all(document: &mut OpenApi) {
    let Some(components) = &mut document.components else { return };
    for (name, schema) in &mut components.schemas {
        if let RefOr::T(Schema::Object(object)) = schema
            && !name.ends_with("Form")
        {
            object.required = object.properties.keys().cloned().collect();
        }
    }
}

/// The methods each path knows, for answering 405 where actix would say 404.
static METHODS: LazyLock<BTreeMap<Vec<String>, Vec<&'static str>>> = LazyLock::new(|| {
    let mut known = BTreeMap::new();
    let paths = DOCUMENT.paths.paths.iter();
    #[cfg(feature = "rating")]
    let paths = paths.chain(&crate::rating::document::openapi().paths.paths);
    for (path, item) in paths {
        let methods = [
            ("GET", item.get.is_some()),
            ("PUT", item.put.is_some()),
            ("POST", item.post.is_some()),
            ("PATCH", item.patch.is_some()),
            ("DELETE", item.delete.is_some()),
        ];
        let methods = methods.into_iter().filter(|(_, there)| *there).map(|(name, _)| name).collect();
        known.insert(path.split('/').map(str::to_owned).collect(), methods);
    }
    known
});

/// Whether a segment of a path, `given`, is what `own` says: the same, or something in the place of `{x}`.
fn stands_for(own: &str, given: &str) -> bool {
    let around = own.split_once('{').and_then(|(head, rest)| Some((head, rest.split_once('}')?.1)));
    let Some((head, tail)) = around else { return own == given };
    given.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail)).is_some_and(|inside| !inside.is_empty())
}

/// The methods `path` knows, if it is a path at all.
pub fn methods_of(path: &str) -> Option<String> {
    let segments: Vec<&str> = path.split('/').collect();
    let fits = |pattern: &[String]| {
        pattern.len() == segments.len() && pattern.iter().zip(&segments).all(|(own, given)| stands_for(own, given))
    };
    let methods = METHODS.iter().filter(|(pattern, _)| fits(pattern)).flat_map(|(_, methods)| methods.iter().copied());
    let methods: BTreeSet<&str> = methods.collect();
    (!methods.is_empty()).then(|| methods.into_iter().collect::<Vec<_>>().join(", "))
}
