//! Import: rows of any CSV, mapped to records, sent in batches through a service's API.
//!
//! Data flows one way: [`table`](crate::reading::table) (bytes to rows) → [`mapping`] (rows to records by their `rule`s,
//! checked against [`kind`]) → [`pipeline`] (batches to the service, rows that fail to the error file
//! of [`source`]).

pub(crate) mod bundle;
mod discount;
pub(crate) mod join;
pub(crate) mod kind;
pub(crate) mod ledger;
pub(crate) mod mapping;
mod money;
pub(crate) mod pipeline;
mod rule;
pub(crate) mod source;
mod template;
pub(crate) mod told;
