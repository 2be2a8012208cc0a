//! Customers who are forgotten by a service, or told what it holds of them.
//!
//! **For:** the one transaction in which a service erases a customer, leaves a [tombstone](keepworth_intake::erased)
//! and keeps its [signed](sign) receipt; the same taken back, which counts; the list of tombstones outside of the
//! database, from which a restored backup forgets again; what is held of a customer, as it is kept. A service says
//! [where](Holds) it holds customers. **Must not know:** HTTP, any table of records, who decides on an erasure.
//!
//! The service's migrations make the tables, beside those of [tombstones](keepworth_intake::erased):
//!
//! ```sql
//! CREATE TABLE subject_receipts (
//!     erasure_id TEXT NOT NULL PRIMARY KEY,
//!     receipt TEXT NOT NULL,
//!     recorded_at TIMESTAMP NOT NULL
//! );
//! ```

mod kept;
mod mention;
mod replay;
pub mod sign;
mod subjects;
mod tally;
mod text;

pub use mention::Mention;
pub use replay::of_the_service;
pub use subjects::{Holds, Subjects, exported};
pub use tally::Tally;
pub use text::TextColumn;
