//! Use cases: one file each, which owns its transaction and can be called from a handler, a job or a test alike.

#![expect(
    clippy::missing_errors_doc,
    reason = "every use case fails with a `Failure`, which says what its caller is told"
)]

pub(crate) mod actor;
pub mod approval;
pub mod assumption;
pub mod backtest;
pub mod baseline;
pub(crate) mod build;
pub mod compare;
pub(crate) mod document;
pub mod evidence;
pub mod job;
pub mod link;
mod lives;
pub mod pilot;
pub mod policy;
pub mod programme;
pub mod purchase_outlook;
pub mod question;
pub mod run;
pub mod scenario;
pub(crate) mod subject;
pub mod tracking;
pub mod what_if;
