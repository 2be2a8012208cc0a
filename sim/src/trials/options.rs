//! How a model is run.

use serde::{Deserialize, Serialize};

use crate::model::Model;
use crate::sampling::{Plan, Sampling};

/// Trials in a block, the unit of work that is shared between machines.
pub const BLOCK_TRIALS: u64 = 65_536;

/// Trials, from the first, whose months are kept for the bands of [`RunResult::monthly`](crate::RunResult::monthly). A band's
/// percentile of so many has a standard error of 0.3 (p5) to 0.8 (p50) percentiles.
pub const MONTHLY_TRIALS: u64 = 4_096;

/// Trials of which every outcome is kept, 128 bytes a trial, so that all quantiles are exact: 134 MB, which a service has.
pub const MOST_KEPT: u64 = 1 << 20;

/// How a model is run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RunOptions {
    /// Number of trials.
    pub trials: u64,
    /// Seed: the same seed gives the same bytes.
    pub seed: u64,
    /// Threads; as many as there are cores when absent. Never changes a result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threads: Option<usize>,
    /// How trials are spread over the inputs.
    pub sampling: Sampling,
    /// Independent randomisations of `latin_hypercube` and `sobol`, whose scatter gives the error.
    /// Fewer make a mean by `sobol` more exact and its stated error less so: on the reference problem
    /// the interval of mean NPV is as narrow with 4 as with 8, and the mean with 4 is the nearer.
    /// Intervals of percentiles, which gain nothing by evenness, are narrower with 8 or 16.
    pub randomisations: u32,
    /// A run of at most so many trials keeps every outcome of each. A longer one counts them instead:
    /// quantiles are then within 0.025%, and memory does not grow with trials.
    pub most_kept: u64,
}

impl Default for RunOptions {
    /// 10,000 independent trials, seed 1.
    fn default() -> Self {
        let sampling = Sampling::Random;
        Self {
            trials: 10_000,
            seed: 1,
            threads: None,
            sampling,
            randomisations: 4,
            most_kept: MOST_KEPT,
        }
    }
}

impl RunOptions {
    /// The uniforms of a run of `model`.
    pub fn plan(&self, model: &Model) -> Plan {
        Plan {
            method: self.sampling,
            seed: self.seed,
            trials: self.trials,
            inputs: model.inputs.iter().map(|i| i.stream + 1).max().unwrap_or(0),
            randomisations: self.randomisations,
        }
    }

    /// Number of blocks of the run.
    pub fn blocks(&self) -> u64 {
        self.trials.div_ceil(BLOCK_TRIALS)
    }
}
