//! Why a result is what it is, and what to do next.
//!
//! Everything stands on [`Trials`], the draws of a run, kept: an explanation is of the figures that
//! it stands beside, and whatever is asked again is asked on the same draws.
//!
//! | question | answer |
//! |---|---|
//! | what moves with it? | [`rank_correlations`] |
//! | how far does it swing? | [`tornado`] |

mod rank;
mod scatter;
mod tornado;
mod trials;

use crate::sampling::PlanError;

pub use rank::{RankCorrelation, rank_correlation, rank_correlations};
pub use tornado::{Swing, tornado};
pub use trials::Trials;

/// Why a result cannot be explained.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ExplainError {
    /// The trials cannot be sampled.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Too few trials to tell the error of any figure.
    #[error("{trials} trials are too few to explain a result; give at least {fewest}")]
    TooFewTrials {
        /// Trials asked for.
        trials: u64,
        /// Fewest trials.
        fewest: u64,
    },
    /// Trials that depend on each other, without another set to tell the error by.
    #[error("randomisations is 1; give at least 2, whose scatter tells the error")]
    OneRandomisation,
}

#[cfg(test)]
pub(crate) mod tests;
