//! Readiness: people, process and politics, what they mean, and what raises them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Readiness of the organisation in three Ps, each 0 (nothing) to 5 (all in place).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Readiness {
    /// Skills and capacity: sets how much of the effect is realised.
    pub people: f64,
    /// Ways of working: sets how late it comes.
    pub process: f64,
    /// Sponsorship and incentives: sets how probably it works at all.
    pub politics: f64,
    /// What the scores rest on.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub evidence: String,
}

/// What readiness scores mean: each pair holds the value at score 0 and at score 5, straight
/// between them. The defaults are assumptions, not estimates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReadinessMapping {
    /// Probability of success by the score of politics.
    pub success_probability: [f64; 2],
    /// Months of extra delay by the score of process.
    pub delay_months: [f64; 2],
    /// Share of the effect that is realised by the score of people.
    pub realisation: [f64; 2],
}

impl Default for ReadinessMapping {
    fn default() -> Self {
        Self {
            success_probability: [0.40, 0.95],
            delay_months: [6.0, 0.0],
            realisation: [0.60, 1.0],
        }
    }
}

/// Raises the readiness of initiatives that start later.
///
/// Where it works, their scores are so many points higher, 5 at most, and success, delay and realisation are those of the
/// higher scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Raise {
    /// Points of people, 0 to 5.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub people: f64,
    /// Points of process, 0 to 5.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub process: f64,
    /// Points of politics, 0 to 5.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub politics: f64,
    /// Months from its start until it shows, at least 1: initiatives that start earlier are as ready as they are.
    pub after_months: u32,
    /// Names of the initiatives that it raises; all that have `readiness` and start late enough when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<String>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands a reference to the field"
)]
fn is_zero(points: &f64) -> bool {
    *points == 0.0
}
