//! What is decided, without a database, a clock or the web.

pub(crate) mod cohort;
pub(crate) mod customer;
pub(crate) mod history;
pub(crate) mod lifecycle_event;
