//! The sample company: records drawn from a documented truth, so that the product can be tried
//! without data, and its estimates tested against what is known to be true.
//!
//! [`truth`] says what is true, [`customer`] draws one customer's life from it, [`ledger`] books
//! what that costs, [`files`] writes what the company's systems would export.

pub(crate) mod customer;
pub(crate) mod files;
mod ledger;
pub(crate) mod truth;
