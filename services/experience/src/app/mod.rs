//! Use cases: one file each, which owns its transaction and can be called from a handler, a job or a test.

#![expect(
    clippy::missing_errors_doc,
    reason = "every use case fails with a `Failure`, which says what its caller is told"
)]

pub mod feedback;
pub(crate) mod import;
pub mod interaction;

pub mod feed;
pub mod metric;
pub(crate) mod subject;
