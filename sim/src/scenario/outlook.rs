//! What is foreseen of leaving whatever is done.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Quantity;

/// What is foreseen of leaving whatever is done: it holds in both worlds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outlook {
    /// Factor on every hazard, common to all segments: a shock. 1 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hazard_factor: Option<Quantity>,
    /// Growth of every hazard a year, compounding from month 0. 0 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hazard_trend: Option<Quantity>,
    /// Factor on every hazard of month 1, 2, … 12, then from the first again: a season. Their mean is 1, so that
    /// hazards are those of a year. None when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hazard_season: Option<Vec<f64>>,
    /// How leaving goes on from the baseline's records; as the record's mean when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaving: Option<FromRecords>,
    /// Share of a month's growth that is left in the next, 0 to 1: trends flatten out. When absent 1 for a trend
    /// that is written, which holds as it is written, and 0.95 for one from records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trend_damping: Option<Quantity>,
}

/// Where a course over the calendar comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FromRecords {
    /// Trend and season as the records of the baseline tell them, from the level of its last month on.
    Records,
}
