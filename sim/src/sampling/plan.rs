//! Which uniforms a run draws.

use super::{owen, permutation, random};
use serde::{Deserialize, Serialize};

/// Most inputs that `sobol` can drive: the dimensions of the direction numbers it is built with.
pub const MAX_SOBOL_INPUTS: usize = 1000;

/// How trials are spread over the unit cube.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sampling {
    /// Independent draws.
    #[default]
    Random,
    /// Each input stratified into as many equal parts as there are trials in a randomisation.
    LatinHypercube,
    /// Sobol points, Owen-scrambled.
    Sobol,
}

/// The uniforms of a run: one for every trial and input, strictly inside (0, 1).
///
/// `latin_hypercube` and `sobol` split the trials into `randomisations` that are independent of
/// each other: trial `t` is point `t / randomisations` of randomisation `t % randomisations`. The
/// mean of a figure within each randomisation is one independent estimate, and their scatter gives
/// its Monte Carlo error. A number of trials per randomisation that is a power of two serves
/// `sobol` best.
///
/// Two sets of points that are to be paired trial by trial, as for sensitivity indices, are two
/// sets of **inputs** of one plan, never one set under two seeds: scrambles of the same Sobol input
/// keep its order, so paired they correlate.
///
/// A longer run contains a shorter one with `random` and `sobol`. With `latin_hypercube` it does
/// not, because strata are as many as trials: there `trials` is part of the address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// How trials are spread.
    pub method: Sampling,
    /// The run's seed.
    pub seed: u64,
    /// Number of trials.
    pub trials: u64,
    /// Number of inputs, the dimension of the unit cube.
    pub inputs: usize,
    /// Number of independent randomisations; `random` ignores it.
    pub randomisations: u32,
}

/// A plan that cannot be sampled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// No trial.
    #[error("trials is 0; ask for at least 1")]
    NoTrials,
    /// No randomisation.
    #[error("randomisations is 0; ask for at least 1, and at least 2 for a Monte Carlo error")]
    NoRandomisations,
    /// More inputs than Sobol dimensions.
    #[error(
        "sobol drives at most {MAX_SOBOL_INPUTS} inputs and the scenario has {inputs}; use random or latin_hypercube"
    )]
    TooManyInputs {
        /// Number of inputs asked for.
        inputs: usize,
    },
    /// More points than the method addresses.
    #[error(
        "{trials} trials in {randomisations} randomisations exceed the 2^32 points of one; use more randomisations"
    )]
    TooManyTrials {
        /// Number of trials asked for.
        trials: u64,
        /// Number of randomisations asked for.
        randomisations: u32,
    },
}

impl Plan {
    /// Checks that the plan can be sampled.
    ///
    /// # Errors
    /// The first [`PlanError`] found.
    pub fn validate(&self) -> Result<(), PlanError> {
        if self.trials == 0 {
            return Err(PlanError::NoTrials);
        }
        if self.randomisations == 0 {
            return Err(PlanError::NoRandomisations);
        }
        if self.method == Sampling::Sobol && self.inputs > MAX_SOBOL_INPUTS {
            return Err(PlanError::TooManyInputs {
                inputs: self.inputs,
            });
        }
        let points = self.trials.div_ceil(u64::from(self.randomisations));
        if self.method != Sampling::Random && points > 1 << 32 {
            let (trials, randomisations) = (self.trials, self.randomisations);
            return Err(PlanError::TooManyTrials {
                trials,
                randomisations,
            });
        }
        Ok(())
    }

    /// Fills `out` with the uniforms of `input` in trials `first_trial`, `first_trial + 1`, …
    ///
    /// # Panics
    /// If the plan is not [valid](Plan::validate), or a trial or the input is outside it.
    pub fn fill(&self, first_trial: u64, input: usize, out: &mut [f64]) {
        match self.method {
            Sampling::Random => random::fill(self.seed, first_trial, input, out),
            Sampling::LatinHypercube => permutation::fill(self, first_trial, input, out),
            Sampling::Sobol => owen::fill(self, first_trial, input, out),
        }
    }
}
