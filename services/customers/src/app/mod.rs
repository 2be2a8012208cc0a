//! Use cases: one file each, which owns its transaction and can be called from a handler, a job or a test.

pub(crate) mod customer;
pub(crate) mod feed;
pub(crate) mod lifecycle_event;
pub(crate) mod segment;
