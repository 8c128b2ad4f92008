//! The school side: any journal writes here over OAuth 2 client credentials, and staff of a school without one.

pub mod oauth;
