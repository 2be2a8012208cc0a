//! Runs: a scenario simulated on a baseline.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::reference::RunReference;
use super::result::RunResult;
use super::scenario::ScenarioReference;

/// What to simulate: a scenario's text on a baseline, or a scenario that is kept.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RunInput {
    /// The scenario, as the text of its TOML file; needed unless `scenario_key` names one that is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub scenario: Option<String>,
    /// The baseline it stands on: needed with a text. A kept scenario has its own, and is refused where this is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub baseline_hash: Option<String>,
    /// The key of a scenario that is kept, in place of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "call-backs-2026")]
    pub scenario_key: Option<String>,
    /// Which version of it; the newest when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1)]
    pub scenario_version: Option<u32>,
    /// How many futures to draw.
    #[serde(default = "usual_trials")]
    #[schema(minimum = 1, maximum = 10_000_000, default = 10_000)]
    pub trials: u64,
    /// The same seed gives the same figures.
    #[serde(default = "usual_seed")]
    #[schema(default = 1)]
    pub seed: u64,
    /// Threads, one per core when left out; never changes a figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, maximum = 256)]
    pub threads: Option<usize>,
    /// How futures are drawn.
    #[serde(default)]
    #[schema(default = "random")]
    pub sampling: Sampling,
    /// Whether the result has a ledger by line and month.
    #[serde(default)]
    #[schema(default = false)]
    pub ledger: bool,
}

fn usual_trials() -> u64 {
    10_000
}

fn usual_seed() -> u64 {
    1
}

/// How futures are drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sampling {
    /// Independently.
    #[default]
    Random,
    /// Spread evenly over each input.
    LatinHypercube,
    /// Spread evenly over all inputs (scrambled Sobol).
    Sobol,
}

/// How a run was computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunOptions {
    /// Futures that were drawn.
    pub trials: u64,
    /// Seed: the same seed gives the same figures.
    pub seed: u64,
    /// Threads, where they were given; never changes a figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub threads: Option<usize>,
    /// How futures were drawn.
    pub sampling: Sampling,
    /// Independent randomisations of `latin_hypercube` and `sobol`, whose scatter gives the error.
    pub randomisations: u32,
    /// A run of at most so many trials kept every outcome of each; quantiles of a longer one are within
    /// 0.025%.
    pub most_kept: u64,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RunStatus {
    /// It is done, and its result is there.
    Succeeded,
}

/// A run without its result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunSummary {
    /// Identifier.
    pub id: Uuid,
    /// The scenario's name.
    pub scenario_name: String,
    /// The kept scenario that it is of, in which version; null where its text came with the order.
    #[serde(default)]
    #[schema(required = true)]
    pub scenario_version: Option<ScenarioReference>,
    /// The baseline it stands on.
    pub baseline_hash: String,
    /// Trials, seed and sampling.
    pub options: RunOptions,
    /// Hash of scenario, baseline and engine: the same inputs give the same figures.
    pub input_hash: String,
    /// How it stands.
    pub status: RunStatus,
    /// When it was finished.
    pub created_at: DateTime<Utc>,
}

/// A version of the engine whose figures are not those of the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EngineChange {
    /// The version.
    #[schema(example = "0.9.0")]
    pub version: String,
    /// What it changed of what a run comes to.
    pub changes: String,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Run {
    /// Which run.
    pub summary: RunSummary,
    /// The scenario, as the text of its TOML file.
    pub scenario: String,
    /// What the scenario referred to, and what stood there when the run was ordered.
    #[serde(default)]
    #[schema(required = true)]
    pub references: Vec<RunReference>,
    /// What came of it.
    pub result: RunResult,
    /// What has changed in the engine since: run again, the same scenario may come to other figures for these
    /// reasons, and for no others.
    #[serde(default)]
    pub engine_changes: Vec<EngineChange>,
}

/// What a run's futures are taken away as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FuturesForm {
    /// Comma-separated values.
    Csv,
    /// Columns for data frames.
    Parquet,
}

impl FuturesForm {
    /// What `Accept` says for it.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }
}

crate::page::list_query! {
    /// Which runs.
    RunQuery {
        /// Only runs on the baseline of this hash.
        baseline_hash: Option<String>,
        /// Only runs of the kept scenario of this key, in whatever version.
        scenario_key: Option<String>,
        /// Only runs whose scenario refers to the evidence of this key, in whatever version.
        evidence_key: Option<String>,
        /// Only what was made at or after this time (RFC 3339).
        #[param(value_type = Option<String>, format = DateTime, example = "2025-10-15T00:00:00Z")]
        created_since: Option<DateTime<Utc>>,
    }
}
