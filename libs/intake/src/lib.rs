//! How records are taken in, and why something cannot be done, without a word of HTTP.
//!
//! **For:** what use cases, rules and stores share: batches and where their records are kept, faults
//! of fields, pages, versions of what is replaced, and [`Failure`], why a use case could not do what was asked.
//! **Must not know:** HTTP servers, any table, any service.

pub mod batch;
pub mod erased;
mod failure;
pub mod fault;
pub mod feed;
pub mod json;
pub mod page;
mod rows;
mod table;
pub mod version;

pub use failure::{Failure, Kind, seconds};
pub use rows::Rows;
pub use table::{RecordTable, lock_sources, upsert};
pub use version::Precondition;
