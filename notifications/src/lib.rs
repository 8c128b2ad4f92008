//! From event to phone or mailbox.

pub mod mail;
