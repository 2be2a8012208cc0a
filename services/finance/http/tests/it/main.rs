//! The finance service through its contract, on both databases, and its rules on real data.

#![expect(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

mod acquire_or_keep;
mod allocation;
mod api;
mod books;
mod campaign;
mod consumption;
mod contract;
mod earned_growth;
mod exactness;
mod feed;
mod history;
mod ledger;
mod metric;
mod programme;
mod repeated;
mod revenue;
mod segment_month;
mod smcrm;
mod unit_cost;
mod upstream;
mod version;
