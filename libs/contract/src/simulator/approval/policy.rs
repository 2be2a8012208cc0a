//! What may be approved without an exception.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Actor;

/// How likely a loss may be, by what a programme costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LossLimit {
    /// It holds for programmes of up to this cost: the mean present value of the programme's cost over futures, in whole
    /// units of the baseline's currency. Left out, it holds for whatever costs more than all others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, example = 250_000)]
    pub cost_up_to: Option<u64>,
    /// At most so many futures may lose money, as a fraction.
    #[schema(minimum = 0, maximum = 1, example = 0.3)]
    pub most_losses: f64,
}

/// What may be approved without an exception.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ApprovalPolicyInput {
    /// Whole months that may lie between the baseline's day and today.
    #[schema(minimum = 1, maximum = 120, example = 12)]
    pub oldest_baseline_months: u32,
    /// How likely a loss may be, from the least cost to the greatest.
    #[schema(min_items = 1, max_items = 20)]
    pub loss_limits: Vec<LossLimit>,
    /// A run must have at least so many futures.
    #[schema(minimum = 1, maximum = 1_000_000, example = 1_000)]
    pub fewest_futures: u64,
    /// A scenario must discount by at least this a year, as a fraction; any rate will do when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 1, example = 0.08)]
    pub least_discount_rate: Option<f64>,
}

/// What holds until somebody writes a policy: baselines of the last twelve months, at least 1,000 futures, any discount
/// rate, and at most 30 of 100 futures that lose money where a programme costs up to 250,000, at most 20 where it costs
/// more.
impl Default for ApprovalPolicyInput {
    fn default() -> Self {
        Self {
            oldest_baseline_months: 12,
            loss_limits: vec![
                LossLimit {
                    cost_up_to: Some(250_000),
                    most_losses: 0.3,
                },
                LossLimit {
                    cost_up_to: None,
                    most_losses: 0.2,
                },
            ],
            fewest_futures: 1_000,
            least_discount_rate: None,
        }
    }
}

/// A version of the policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ApprovalPolicy {
    /// Which version, from 1; 0 is what holds until somebody writes one.
    pub version: u32,
    /// What it says.
    pub policy: ApprovalPolicyInput,
    /// Why it was written; null of version 0.
    pub reason: Option<String>,
    /// Who wrote it.
    pub by: Option<Actor>,
    /// When.
    pub recorded_at: Option<DateTime<Utc>>,
}
