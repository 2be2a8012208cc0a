//! What if: the answer to a slider, at once and kept nowhere.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::case::InputSwing;
use super::reference::RunReference;
use super::result::RunResult;
use super::run::Sampling;
use super::scenario::{ScenarioChange, ScenarioReference};

/// A scenario, and what would be otherwise.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WhatIfInput {
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
    /// What would be otherwise than the scenario says; nothing where it is empty.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub changes: Vec<WhatIfChange>,
    /// How many futures to draw.
    #[serde(default = "usual_trials")]
    #[schema(minimum = 160, maximum = 20_000, default = 10_000)]
    pub trials: u64,
    /// The same seed gives the same figures, and those of a run with the same seed and number of futures.
    #[serde(default = "usual_seed")]
    #[schema(default = 1)]
    pub seed: u64,
    /// How futures are drawn.
    #[serde(default)]
    #[schema(default = "random")]
    pub sampling: Sampling,
    /// What is dragged, in the caller's own word: whoever asks again with the same word needs the answer before no more,
    /// and that is answered 409 with the code `superseded`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        nullable = false,
        min_length = 1,
        max_length = 64,
        example = "reach of call backs"
    )]
    pub slider: Option<String>,
}

fn usual_trials() -> u64 {
    10_000
}

fn usual_seed() -> u64 {
    1
}

/// What a scenario would say at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WhatIfChange {
    /// The place, as `GET /v1/scenarios/{key}/diff` has it: what has a name is found by it.
    #[schema(example = "initiatives[Call back].reach.home")]
    pub path: String,
    /// What it would say there, as TOML, a text in quotes; left out, it says nothing there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "0.5")]
    pub value: Option<String>,
}

/// What it would come to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WhatIf {
    /// The kept scenario that it began with, in which version; null where its text came with the question.
    pub scenario_version: Option<ScenarioReference>,
    /// The text of the scenario's TOML file with the changes in it: a next version, if it is to be kept.
    pub scenario: String,
    /// What is otherwise, with what was there.
    pub changes: Vec<ScenarioChange>,
    /// Whether it pays, in words, by the chance of a loss: `Likely`, `A coin toss`; or why nobody can say.
    #[schema(example = "Likely")]
    pub verdict: String,
    /// What the scenario refers to, as it is now.
    pub references: Vec<RunReference>,
    /// That of a run of the same text, number of futures and seed, but for what a run is asked beside: `beside` is of 0
    /// futures.
    pub result: RunResult,
    /// How far the mean NPV swings with each input, widest first.
    pub tornado: Vec<InputSwing>,
}
