//! The student rating over HTTP: composed here, beside the diary, which knows nothing of it. Without the cargo feature `rating`
//! this folder is not compiled.

mod counting;
pub mod document;
mod holder;
mod metrics;
mod standings;
mod stores;
mod subscriptions;
mod worker;

use actix_web::http::header::HeaderMap;
use actix_web::{HttpResponse, web};
use domain::access::{self, Bearer, ChildAccess, Viewer};
use domain::types::{ChildId, Role};
use serde::Serialize;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::bodies::{Body, Coding, Tag, json};
use crate::problem::{Code, Problem};
use crate::state::State;

pub use ::rating::apple::Settings as AppStore;
pub use ::rating::google::Settings as GooglePlay;
pub use holder::Holder;
pub use worker::start;

/// The routes of the rating's own document.
pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(standings::routes)
        .configure(counting::routes)
        .configure(subscriptions::routes)
        .configure(stores::routes);
}

/// The right to read about a child is the diary's: a foreign child is not there.
async fn child(state: &web::Data<State>, bearer: Bearer, child: i64) -> Result<ChildAccess, Problem> {
    Ok(state.db.read(move |conn| access::child(conn, &bearer, ChildId(child))).await?)
}

/// What is decided for a child, and what is bought, is a guardian's.
fn guardian(viewer: &Viewer) -> Result<(), Problem> {
    if viewer.role() == Role::Guardian { Ok(()) } else { Err(Problem::new(Code::WrongRole)) }
}

/// A view with its strong tag, or 304. It is computed each time: nothing of it is kept.
fn respond(headers: &HeaderMap, view: &impl Serialize) -> Result<HttpResponse, Problem> {
    let (body, coding) = (json(view)?, Coding::accepted(headers));
    let tag = Tag::of(&body);
    let fresh = (!tag.known(headers, coding)).then(|| Body::new(body.into_bytes()));
    Ok(tag.respond(fresh.as_ref(), coding))
}
