//! From event to phone or mailbox.

pub mod channel;
pub mod mail;
