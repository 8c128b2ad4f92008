//! The student rating: where a child stands against the middle of its class, without anyone learning of another child.

pub mod apple;
mod cohorts;
pub mod counting;
mod diary;
pub mod entitlement;
mod errands;
pub mod google;
pub mod inbox;
pub mod line;
mod position;
pub mod proof;
mod release;
mod schema;
pub mod standing;
mod store;
pub mod store_events;
pub mod subscriptions;
pub mod unit;
mod wire;

pub use errands::Brought;
pub use position::Position;
pub use store::{Rating, Settings, migrate};
pub use wire::Failed;
