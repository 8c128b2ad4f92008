//! The student rating: where a child stands against the middle of its class, without anyone learning of another child.

pub mod entitlement;
pub mod line;
mod position;
pub mod unit;

pub use position::Position;
