//! Use cases: one file each, which owns its transaction and can be called from a handler, a job or a test alike.

pub(crate) mod baseline;
pub(crate) mod build;
pub(crate) mod follow;
pub(crate) mod job;
pub(crate) mod run;
