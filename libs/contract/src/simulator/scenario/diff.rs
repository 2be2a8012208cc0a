//! What two versions of a scenario say differently.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which two versions.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ScenarioDiffQuery {
    /// The version before.
    #[param(minimum = 1, example = 1)]
    pub from: u32,
    /// The version after.
    #[param(minimum = 1, example = 2)]
    pub to: u32,
}

/// What two versions of a scenario say differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScenarioDiff {
    /// The scenario's key.
    pub key: String,
    /// The version before.
    pub from: u32,
    /// The version after.
    pub to: u32,
    /// By path; empty where both say the same, however it is written.
    pub changes: Vec<ScenarioChange>,
}

/// A key that two versions of a scenario say something else of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScenarioChange {
    /// Its path. What has a name is found by it and not by its place: `initiatives[Call back].effects[hazard].size`;
    /// `baseline_hash` is the baseline.
    #[schema(example = "initiatives[Call back].effects[hazard].size")]
    pub path: String,
    /// What it was, as TOML; null where it was not there.
    pub old: Option<String>,
    /// What it is, as TOML; null where it is gone.
    pub new: Option<String>,
}
