//! The school side: any journal writes here over OAuth 2 client credentials, and staff of a school without one.

mod closings;
pub mod codes;
mod collections;
mod delivery;
mod fields;
mod files;
mod imports;
mod journal;
mod news;
pub mod oauth;
mod reconcile;
mod roster;
mod schemes;
mod upload;
mod windows;

use actix_web::web::PayloadConfig;
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

/// The largest delivery that is read, in bytes: a batch of a thousand grades with comments.
pub const DELIVERY_LIMIT: usize = 2 * 1024 * 1024;

/// The routes of one school.
pub fn routes(config: &mut ServiceConfig) {
    config.service(
        scope::scope("/schools/{id}")
            .map(|scope| scope.app_data(PayloadConfig::new(DELIVERY_LIMIT)))
            .configure(codes::routes)
            .configure(imports::routes)
            .configure(files::routes)
            .configure(closings::routes)
            .configure(schemes::routes)
            .configure(windows::routes)
            .configure(collections::routes),
    );
}
