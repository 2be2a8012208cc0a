//! What a pilot of so many customers is worth.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Money;
use crate::simulator::{Estimate, PilotOutcome};

/// What a pilot of an effect is worth by its size, before deciding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PilotQuestion {
    /// The initiative whose effect is tried, by its name in the run.
    #[schema(example = "Call back", min_length = 1, max_length = 200)]
    pub initiative: String,
    /// What is counted: of leaving, contacts, minutes and revenue the effect on `hazard`, `contacts`, `minutes` and `arpu` is
    /// read. `SCORE` is refused: a score pays nothing by itself.
    pub outcome: PilotOutcome,
    /// What the outcome is without treatment, as a pilot is planned with: who leave, contacts or revenue per customer-month;
    /// minutes per contact.
    #[schema(exclusive_minimum = 0, example = 0.02)]
    pub expected_per_month: f64,
    /// For all but `LEAVING`: the standard deviation of the same over customers, over the time of the pilot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, exclusive_minimum = 0)]
    pub expected_sd: Option<f64>,
    /// How long it lasts.
    #[schema(minimum = 1, maximum = 36, example = 6)]
    pub months: u32,
    /// Customers who are treated, ascending; as many others are left alone. When left out, 100, 200, 500, 1,000 … as far as
    /// there are customers where the effect acts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20, example = json!([500, 1000, 2000]))]
    pub sizes: Vec<u64>,
    /// What treating one customer costs in the pilot, in the run's currency; nothing when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cost_per_customer: Option<Money>,
    /// What the pilot costs whatever its size, in the run's currency; nothing when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub fixed_cost: Option<Money>,
}

/// What a pilot of an effect is worth by its size. After its reading one goes with the programme, with the programme without
/// that initiative, or not at all. What waiting for it costs is not in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PilotWorth {
    /// The initiative.
    pub initiative: String,
    /// What is counted.
    pub outcome: PilotOutcome,
    /// The effect in the mean of futures, as a share of what is without it: size × causal share × realisation where it works,
    /// 0 where it does not.
    pub expected_effect: f64,
    /// Of a perfect pilot: the most that one of any size is worth.
    pub evppi: Estimate,
    /// By size, in the order that was asked in.
    pub sizes: Vec<PilotSizeWorth>,
    /// Customers treated in the pilot that leaves most after its cost; null where none leaves anything beyond the futures'
    /// own error.
    pub best: Option<u64>,
}

/// What a pilot of one size is worth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PilotSizeWorth {
    /// Customers who are treated; as many are left alone.
    pub treated: u64,
    /// Standard error of what it reads, as a share of what is without treatment: that with which pilots are planned.
    pub standard_error: f64,
    /// Expected value of sample information: what its reading is worth before its cost.
    pub evsi: Estimate,
    /// What it costs.
    pub cost: f64,
    /// What is left of its worth.
    pub net: Estimate,
}
