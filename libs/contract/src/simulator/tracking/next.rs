//! The next cycle's scenario, which begins with what months have told of the last one's.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Belief;
use crate::simulator::scenario::{ScenarioChange, ScenarioDocument, ScenarioReference};

/// Where to write what was learnt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NextScenarioInput {
    /// The key of the next scenario, which is free.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = "^[a-z0-9]+(-[a-z0-9]+)*$",
        example = "call-backs-2027"
    )]
    pub key: String,
    /// Why it is written, for who reads its versions; the tracking that it comes from when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 1000)]
    pub reason: Option<String>,
}

/// A scenario that says what is believed after months were counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NextScenario {
    /// The version that was written, on the baseline of the one that was approved.
    pub scenario: ScenarioDocument,
    /// The approved version that it begins with.
    pub from: ScenarioReference,
    /// What it says otherwise than that.
    pub carried: Vec<CarriedInput>,
    /// What it says as that did, and why.
    pub left: Vec<LeftInput>,
}

/// An input that was replaced by what is believed of it now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CarriedInput {
    /// As it is called among the inputs of a result.
    #[schema(example = "initiatives.Call back.hazard")]
    pub input: String,
    /// What is said otherwise, by its places in the text.
    pub changes: Vec<ScenarioChange>,
    /// What was believed before, of size and causal share together. Null of the chance that an initiative works, which the
    /// change says.
    pub prior: Option<Belief>,
    /// What is believed now. The next scenario's futures are drawn with its quantiles.
    pub posterior: Option<Belief>,
}

/// An input that was left as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeftInput {
    /// The input, or what else was left.
    #[schema(example = "initiatives.Call back.people cost")]
    pub input: String,
    /// Why.
    pub why: String,
}
