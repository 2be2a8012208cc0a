//! Use cases: one file each, which owns its transaction and can be called from a handler, a job or a test.

#![expect(
    clippy::missing_errors_doc,
    reason = "every use case fails with a `Failure`, which says what its caller is told"
)]

pub mod customer;
pub mod erasure;
pub mod feed;
pub(crate) mod import;
pub mod lifecycle_event;
pub mod segment;
pub(crate) mod segment_move;
pub(crate) mod subject;
pub mod subject_export;
