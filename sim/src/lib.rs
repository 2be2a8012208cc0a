//! The Monte Carlo engine.

mod baseline;
mod flows;
pub mod inputs;
mod kernel;
pub mod math;
mod model;
mod outcome;
mod run;
pub mod sampling;
pub mod scenario;
mod summary;
mod world;

pub use baseline::{Baseline, BaselineSegment};
pub use model::{Draw, Input, Model};
pub use outcome::Outcome;
pub use run::{
    BLOCK_TRIALS, Columns, Control, Evaluator, MONTHLY_TRIALS, Partial, RunError, RunOptions, run,
    run_blocks, uniforms,
};
pub use sampling::Sampling;
pub use scenario::{Scenario, ScenarioError};
pub use summary::{
    Bands, Estimate, MonteCarloError, MonthlyBands, Probabilities, RunResult, Statistics,
};
