//! Figures with what is needed to judge them.

use crate::Flag;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A figure with what is needed to judge it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Statistic {
    /// The figure; null when there is nothing to compute it from.
    pub value: Option<f64>,
    /// Observations behind it.
    pub n: u64,
    /// Where the truth probably lies.
    pub interval: Option<Interval>,
    /// Which definition was used.
    pub definition: Definition,
    /// What a reader must know before using it.
    pub quality_flags: Vec<Flag>,
}

/// An interval of stated level and method.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Level, such as 0.95.
    pub level: f64,
    /// Method, such as `wilson` or `adjusted_wald`.
    pub method: String,
    /// Degrees of freedom where it is Student's: how its probability lies between the ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub freedom: Option<f64>,
}

/// A definition and its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Definition {
    /// Its name.
    pub id: String,
    /// Its version; a change of formula is a new one.
    pub version: u32,
}
