//! From event to phone or mailbox.

pub mod channel;
pub mod email;
pub mod fcm;
pub mod log;
pub mod mail;
pub mod signal;
mod span;
pub mod texts;
mod window;
pub mod worker;
