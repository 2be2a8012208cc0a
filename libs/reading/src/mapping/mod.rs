//! Rows of any file become records: by a mapping file, or by what is known of a vendor's export.
//!
//! A [`MappingFile`] is tied to a table's columns and to a [`Kind`] of record, and becomes a [`Mapping`],
//! which makes a record of each row or says what is wrong with it.

mod batch;
mod bundle;
mod discount;
mod file;
mod guess;
mod join;
mod kind;
mod money;
mod ready;
mod rule;
mod template;
mod told;

pub use batch::{Batch, FailedRow};
pub use bundle::{BUNDLES, Bundle};
pub use file::MappingFile;
pub use guess::{Guess, guess};
pub use join::{JoinRule, Joined};
pub use kind::{Field, Form, KINDS, Kind};
pub use ready::{Made, Mapping};
pub use rule::RowFault;
pub use told::{Notice, Told};

#[cfg(test)]
mod tests;
