//! Files from strangers: looked at before they are believed, read without ever filling the memory.

pub(crate) mod guard;
pub(crate) mod records;
pub(crate) mod source;
pub(crate) mod zips;
