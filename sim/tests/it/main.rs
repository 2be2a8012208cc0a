//! Integration tests of the engine.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod agreement;
mod case;
mod cashflow;
mod company;
mod currency;
mod drawn;
mod engines;

mod exact;
mod flexibility;
mod issues;
mod joints;
mod matters;
mod metamorphic;
mod mixture;
mod model_error;
mod money;
mod plain;
mod raises;
mod records;
mod reference;
mod refusal;
mod refusal_parts;
mod reproducible;
mod schema;
mod win_back;
