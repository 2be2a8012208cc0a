//! The simulator service: baselines, how well they forecast, runs of scenarios on them, and the jobs that make
//! all three.

mod backtest;
pub mod baseline;
mod beside;
mod client;
mod figure;
pub mod fit;
mod result;
mod run;
mod stored;

pub use backtest::{
    Backtest, BacktestCell, BacktestInput, BacktestQuery, BacktestReport, BacktestSummary,
    CountedFigure, Coverage, FigureScore, ForecastBand, KnownBy, ModelError, SegmentBias, ShockOn,
    ShockSize,
};
pub use beside::{AtHorizon, Beside, GateValue, MoneyOverFutures, Unconfirmed};
pub use client::SimulatorClient;
pub use figure::{FigureKey, FigureName, UnknownFigure};
pub use result::{
    Bands, Estimate, IdleInitiative, Level, MonteCarloError, MonthlyBands, NoLevel, OutcomeName,
    Probabilities, RunResult, Shares, Statistics,
};
pub use run::{EngineChange, Run, RunInput, RunOptions, RunQuery, RunStatus, RunSummary, Sampling};
pub use stored::{BaselineInput, BaselineQuery, BaselineSummary};

/// A page of a list.
pub type RunSummaryPage = crate::Page<RunSummary>;
/// A page of a list.
pub type BaselineSummaryPage = crate::Page<BaselineSummary>;
/// A page of a list.
pub type BacktestSummaryPage = crate::Page<BacktestSummary>;
