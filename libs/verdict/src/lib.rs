//! From a baseline to the engine, and from the engine's result to the contract and to words.
//!
//! **For:** what a scenario on a baseline is to the engine, running it, and saying what came of it:
//! which chance is called what, and when a figure is too uncertain for a word. The page, the memo, the
//! README and the terminal use the same functions.
//! **Must not know:** how records are read, HTTP, SQL, how anything is laid out.

mod assumption;
pub mod backtest;
pub mod break_even;
mod budget;
pub mod figure;
mod finding;
pub mod interval;
pub mod lint;
pub mod number;
pub mod place;
pub mod question;
mod reasons;
mod refer;
mod retold;
mod simulation;
pub mod template;
mod told;
pub mod tracking;
pub mod words;
mod world;

pub use assumption::{AssumptionError, assumptions, weighing};
pub use finding::{Finding, finding, unit_of};
pub use reasons::{Condition, Pilot, Reasons};
pub use refer::{
    Files, FoundBacktest, FoundEvidence, FoundLink, FoundRate, Library, LinkUse, NoLinks,
    ReferError, Referred, backtests_known_to, currencies_to_ask, refer,
};
pub use retold::{RetoldError, explained, first_futures, middle_case, swings};
pub use simulation::{
    SimulationError, compare, prepare, prepare_on, simulate, simulate_with_ledger, what_if,
};
pub use told::{
    options_of, sampling, told, told_case, told_estimate, told_options, told_statistics,
    told_swings,
};
pub use world::{SealedBaseline, WorldError, world};

/// A small company's baseline; a test of the simulator holds that it builds this one.
#[cfg(test)]
fn sample() -> keepworth_contract::simulator::baseline::Baseline {
    let sample = serde_json::from_str(include_str!("sample.json"));
    sample.unwrap()
}
