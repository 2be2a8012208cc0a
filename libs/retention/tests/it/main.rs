//! Published figures on real data, and recovery of known truths.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its data or fit must fail"
)]

mod data;
mod level;
mod pilots;
mod pooling;
mod recovery;
mod rossi;
mod telco;
