//! A fit as it is kept beside the figures that came of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Flag;

/// A fit of a retention model, ready to be drawn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HazardFit {
    /// Name of the model, such as `bands`.
    #[schema(example = "bands")]
    pub model: String,
    /// Customers.
    pub n: f64,
    /// Departures among them.
    pub events: f64,
    /// Estimates on the natural scale, by parameter.
    pub estimates: BTreeMap<String, FitEstimate>,
    /// What is drawn from.
    pub covariance: Option<FitCovariance>,
    /// Log-likelihood at the estimates, without what is assumed beforehand.
    pub loglik: Option<f64>,
    /// Whether the optimiser came to its end; where not, a flag says how far.
    pub converged: bool,
    /// Findings to read beside the estimates.
    pub flags: Vec<Flag>,
    /// What may be concluded.
    pub verdict: FitVerdict,
    /// Why, in one sentence; empty only where the verdict is `estimated` without remarks.
    pub reason: String,
    /// Named figures that describe the data: counts or times.
    pub data: BTreeMap<String, f64>,
    /// SHA-256 of the data as the model saw them, `sha256:` and hexadecimal.
    pub input_hash: String,
}

/// An estimate on its natural scale, with its 95% interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FitEstimate {
    /// The estimate.
    pub value: f64,
    /// Its standard error.
    pub se: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

/// Means and covariance of the parameters on the scale on which they were fitted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FitCovariance {
    /// The scale, the same for all parameters.
    pub scale: FitScale,
    /// Parameters in the order of `mean` and of the matrix.
    pub names: Vec<String>,
    /// Estimates on that scale.
    pub mean: Vec<f64>,
    /// The matrix, row by row.
    pub matrix: Vec<Vec<f64>>,
}

/// How a parameter is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FitScale {
    /// As it is.
    Identity,
    /// By its natural logarithm.
    Log,
}

/// What the records allow to be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FitVerdict {
    /// The data tell.
    Estimated,
    /// The data tell nothing beyond no effect.
    Null,
    /// A flag must be read before the estimate is used.
    Warned,
    /// No estimate can be given.
    Refused,
}
