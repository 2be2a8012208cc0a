//! The simulator service: baselines, runs of scenarios on them, and the jobs that make both.

pub mod baseline;
mod client;
pub mod fit;
mod job;
mod run;
mod stored;

pub use crate::{JobProgress, JobState};
pub use client::SimulatorClient;
pub use job::{Job, JobEvent, JobKind};
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
/// A page of a list.
pub type JobPage = crate::Page<Job>;
