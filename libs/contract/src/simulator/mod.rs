//! The simulator service: baselines, and runs of scenarios on them.

pub mod baseline;
mod run;
mod stored;

pub use run::{
    AtHorizon, Bands, Beside, Estimate, GateValue, IdleInitiative, Level, MoneyOverFutures,
    MonteCarloError, MonthlyBands, NoLevel, OutcomeName, Probabilities, Run, RunInput, RunOptions,
    RunResult, RunStatus, RunSummary, Sampling, Shares, Statistics, Unconfirmed,
};
pub use stored::{BaselineInput, BaselineSummary};

/// A page of a list.
pub type RunSummaryPage = crate::Page<RunSummary>;
/// A page of a list.
pub type BaselineSummaryPage = crate::Page<BaselineSummary>;
