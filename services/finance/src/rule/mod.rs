//! What is decided, without a database, a clock or the web.

pub mod cost;
pub mod ledger;
pub mod metric;
pub mod response;
pub mod revenue;
