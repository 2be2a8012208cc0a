//! Companies of a known truth: records drawn from documented figures, so that the product can be
//! tried without data, and its estimates tested against what is known to be true.
//!
//! [`truth`] says what can be true of a company and [`population`] which companies there are;
//! [`calendar`] what happens to everybody at once, [`customer`] draws one customer's life,
//! [`ledger`] books what that costs, [`files`] writes what the company's systems would export,
//! [`future`] tells what becomes of those who are left, and [`document`] writes the truth down.

mod calendar;
pub(crate) mod customer;
mod document;
pub(crate) mod files;
mod future;
mod ledger;
pub(crate) mod population;
pub(crate) mod truth;
