//! From event to phone or mailbox.

pub mod channel;
pub mod email;
pub mod fcm;
pub mod mail;
pub mod texts;
