//! What stores and phones bring. What a phone brings is proved and written down before the answer; what a store sends is proved
//! and kept before the answer, and worked on after it.

mod apple;
mod google;

use ::rating::proof::Refused;
use domain::error::Flaw;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::problem::{Code, Problem};

/// Whoever sent it learns that it is not believed, and the log why.
fn refused(pointer: &'static str, why: Refused) -> Problem {
    tracing::warn!(reason = %why, "a text in the name of a store was refused");
    let flaw = Flaw::new(pointer, "not-believed", "The store does not vouch for this, or not for this app.");
    Problem { errors: vec![flaw], ..Problem::new(Code::ValidationFailed) }
}

/// Nothing is sold over this store.
fn closed(store: &str) -> Problem {
    Problem::new(Code::NotFound).detail(format!("This server sells nothing over {store}."))
}

pub fn routes(config: &mut ServiceConfig) {
    config.configure(apple::routes).configure(google::routes);
}
