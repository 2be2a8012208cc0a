//! What is foreseen whatever is done: of leaving, of contacts, and of money.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Quantity;

/// What is foreseen whatever is done: it holds in both worlds.
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
    /// Growth a year of the contacts that a customer makes, compounding from month 0. 0 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contacts_trend: Option<Quantity>,
    /// How contacts go on from the baseline's records; as the record's mean when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contacts: Option<FromRecords>,
    /// Factor on the contacts of month 1, 2, … 12, then from the first again; their mean is 1. None when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contacts_season: Option<Vec<f64>>,
    /// How revenue goes on from the baseline's records, past price changes among them; as the record's mean when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revenue: Option<FromRecords>,
    /// Growth a year of what a customer buys, at the prices of the date: revenue and its cost grow alike. 0 when
    /// absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revenue_trend: Option<Quantity>,
    /// Factor on what customers buy in month 1, 2, … 12, then from the first again; their mean is 1. None when
    /// absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revenue_season: Option<Vec<f64>>,
    /// Price changes that are announced.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub price_changes: Vec<PriceChange>,
    /// Growth a year of wages: of the costs of contacts, seats, overhead, the training of new staff and `people` lines
    /// of initiatives. 0 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wage_inflation: Option<Quantity>,
    /// Growth a year of the prices that the company pays: of every other cost. 0 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_inflation: Option<Quantity>,
    /// Whether results are in the money of each month or in that of month 0.
    #[serde(default)]
    pub money: MoneyOf,
}

/// A change of the company's own prices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceChange {
    /// First month with the new prices, counted from the decision date.
    pub month: u32,
    /// Change as a fraction: 0.05 is 5% dearer. Revenue changes by it, and what it costs does not.
    pub change: f64,
    /// How leaving answers: hazards are multiplied by `(1 + change)^elasticity`. 0 says that nobody leaves over it.
    pub elasticity: Quantity,
    /// Names of the segments whose prices change; all when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<String>,
}

/// The money of results.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MoneyOf {
    /// Money of the month in which it flows; the discount rate is a nominal one.
    #[default]
    Nominal,
    /// Money of month 0: everything is deflated by the prices that the company pays, and the discount rate is a real
    /// one.
    Real,
}

/// Where a course over the calendar comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FromRecords {
    /// Trend and season as the records of the baseline tell them, from the level of its last month on.
    Records,
}
