//! Two scenarios held against each other.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::reference::RunReference;
use super::result::{Estimate, RunResult, Statistics};
use super::run::Sampling;
use super::scenario::ScenarioReference;

/// Two scenarios, to be held against each other.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ComparisonInput {
    /// The one that the other is held against.
    pub from: ComparedInput,
    /// The other.
    pub to: ComparedInput,
    /// How many futures to draw.
    #[serde(default = "usual_trials")]
    #[schema(minimum = 160, maximum = 20_000, default = 10_000)]
    pub trials: u64,
    /// The same seed gives the same figures.
    #[serde(default = "usual_seed")]
    #[schema(default = 1)]
    pub seed: u64,
    /// How futures are drawn.
    #[serde(default)]
    #[schema(default = "random")]
    pub sampling: Sampling,
}

fn usual_trials() -> u64 {
    10_000
}

fn usual_seed() -> u64 {
    1
}

/// One of two scenarios: a text on a baseline, or one that is kept.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct ComparedInput {
    /// The scenario, as the text of its TOML file; needed unless `scenario_key` names one that is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub scenario: Option<String>,
    /// The baseline it stands on: needed with a text.
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
}

/// How two scenarios fare on the same draws: inputs of the same name have the same values in the same future.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Comparison {
    /// Which is better in how many futures, in words.
    #[schema(
        example = "\u{201c}B\u{201d} is worth more than \u{201c}A\u{201d} in 71 in 100 futures"
    )]
    pub answer: String,
    /// Share of futures in which `to` is worth more.
    pub better: Estimate,
    /// NPV of `to` less that of `from`, future by future.
    pub npv_difference: Statistics,
    /// The one that the other is held against.
    pub from: ComparedScenario,
    /// The other.
    pub to: ComparedScenario,
    /// From the median NPV of the one to that of the other, one change after the other.
    pub bridge: Vec<BridgeStep>,
}

/// One of two scenarios, and what it comes to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ComparedScenario {
    /// The kept scenario, in which version; null where its text came with the question.
    pub scenario_version: Option<ScenarioReference>,
    /// Whether it pays, in words.
    #[schema(example = "Likely")]
    pub verdict: String,
    /// What it refers to, as it is now.
    pub references: Vec<RunReference>,
    /// What it comes to. `from` comes to what its own run says; `to` draws what both have as `from` does.
    pub result: RunResult,
}

/// A change on the way from one scenario to another, on top of those before it.
///
/// What a change moves depends on what was changed before it: the order is that of the keys, and the steps add up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BridgeStep {
    /// What is changed, by place: an initiative, a segment or a key; several where one alone cannot be simulated.
    #[schema(example = json!(["initiatives[Call back]"]))]
    pub changed: Vec<String>,
    /// Median NPV before it.
    pub npv_before: f64,
    /// Median NPV after it.
    pub npv_after: f64,
    /// Monte Carlo standard error of the median after it; what the change moves is of the same draws, and known better.
    pub mc_error: f64,
}
