//! What is decided, without a database, a clock or the web.

pub(crate) mod exposure;
pub(crate) mod feedback;
pub(crate) mod interaction;
pub mod metric;
pub(crate) mod moment;
