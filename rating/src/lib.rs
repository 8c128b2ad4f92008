//! The student rating: where a child stands against the middle of its class, without anyone learning of another child.

pub mod apple;
mod cohorts;
pub mod counting;
mod diary;
pub mod entitlement;
pub mod line;
mod position;
mod release;
mod schema;
pub mod standing;
mod store;
pub mod store_events;
pub mod subscriptions;
pub mod unit;

pub use position::Position;
pub use store::{Rating, Settings, migrate};
