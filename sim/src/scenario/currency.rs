use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most that a year's change may scatter: beyond it nobody plans in a currency.
pub const MOST_VOLATILE: f64 = 2.0;

/// Another currency in which something is paid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExchangeRate {
    /// ISO 4217 code, as cost lines refer to it.
    pub code: String,
    /// What one unit is worth at the date, in the scenario's currency.
    pub rate: f64,
    /// Standard deviation of the logarithm of its change over a year; 0 is a rate that stays.
    pub volatility: f64,
}
