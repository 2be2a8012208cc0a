//! Cox proportional hazards, the check on the discrete-time regression.
//!
//! The partial likelihood leaves the baseline free, with Efron's treatment of ties, delayed entry
//! and strata that each have their own baseline. One sweep in descending time keeps the sums over
//! the risk set, so an iteration costs `O(n·p²)` with ties and delayed entry alike.
//!
//! ```
//! use keepworth_retention::covariate::Covariates;
//! use keepworth_retention::cox::CoxModel;
//! use keepworth_retention::survival::Observation;
//!
//! let observations = [
//!     Observation::new(0.0, 5.0, true)?, Observation::new(0.0, 9.0, true)?,
//!     Observation::new(2.0, 7.0, true)?, Observation::new(1.0, 12.0, false)?,
//! ];
//! let mut covariates = Covariates::new(observations.len());
//! covariates.push_number("contacts", vec![3.0, 1.0, 0.0, 2.0])?;
//! let fit = CoxModel::new(&observations, &covariates)?.fit()?;
//! assert!(fit.find_estimate("contacts").is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod concordance;
mod fitted;
mod model;
mod newton;
mod proportionality;
mod residual;
mod sweep;

pub use fitted::CoxFit;
pub use model::{CoxModel, Ties};
pub use proportionality::{Proportionality, ProportionalityTest};

use crate::covariate::CovariateError;
use crate::fit::FitError;
use crate::survival::SurvivalError;

/// Why a Cox model cannot be fitted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CoxError {
    /// A covariate that cannot enter the model.
    #[error(transparent)]
    Covariate(#[from] CovariateError),
    /// An observation without time at risk.
    #[error(transparent)]
    Survival(#[from] SurvivalError),
    /// No covariate at all.
    #[error("no covariate given: a Cox model compares customers by their covariates")]
    NoCovariates,
    /// Observations, covariates, strata or clusters of different length.
    #[error("{field} has {found} rows where the observations have {expected}")]
    Length {
        /// What differs.
        field: &'static str,
        /// Its rows.
        found: usize,
        /// Number of observations.
        expected: usize,
    },
    /// No observation carries weight.
    #[error("no observation has a weight above 0: give at least one")]
    Empty,
    /// Nobody left while somebody else was at risk.
    #[error("nobody left while others were at risk: there is nothing to compare")]
    NoEvents,
    /// The likelihood rises without end.
    #[error(
        "{} tells who leaves before whom without error, so its estimate grows without end: leave it \
         out, merge it with a neighbour, or look whether it became known only by the leaving",
        names.join(", ")
    )]
    Separated {
        /// The covariates.
        names: Vec<String>,
    },
    /// Covariates that say nothing apart from each other where somebody left.
    #[error(
        "the effect of {} cannot be told among those at risk when somebody left: leave it out",
        names.join(", ")
    )]
    Unidentified {
        /// The covariates.
        names: Vec<String>,
    },
    /// Robust errors that overflow.
    #[error(
        "the robust errors are no numbers: some rows lie too far from all others; look for wrong \
         values among the covariates and weights, or leave the clusters out"
    )]
    Overflow,
    /// Malformed covariance.
    #[error(transparent)]
    Fit(#[from] FitError),
}
