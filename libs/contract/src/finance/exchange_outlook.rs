//! What a currency is worth on a day, and how far that moves.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::ConversionRate;
use crate::feed::recorded_day;
use crate::statistic::Interval;
use crate::{Currency, Flag};

/// Which rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExchangeOutlookQuery {
    /// Of what one unit is told, ISO 4217.
    #[param(value_type = String, example = "USD")]
    pub base: Currency,
    /// In what, ISO 4217.
    #[param(value_type = String, example = "EUR")]
    pub quote: Currency,
    /// The day; not after today.
    #[serde(deserialize_with = "recorded_day")]
    pub as_of: NaiveDate,
}

/// What one unit of a currency is worth on a day, and how far that moves in a year.
///
/// The best forecast of a rate is the rate of today: `volatility` says how far off that may be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ExchangeOutlook {
    /// The day.
    pub as_of: NaiveDate,
    /// The closing rate of the last month until then that has one, at most three months before.
    pub rate: ConversionRate,
    /// Standard deviation of the logarithm of a year's change: √12 of the root mean square of the changes from one month's
    /// closing rate to the next, drift taken as none, of months that are over. Null of fewer than twelve changes.
    #[schema(minimum = 0, example = 0.08)]
    pub volatility: Option<f64>,
    /// Its interval, by the chi-square law of as many changes.
    pub interval: Option<Interval>,
    /// Changes from month to month that it is from, of the last five years.
    pub changes: u64,
    /// What a reader must know.
    pub quality_flags: Vec<Flag>,
}

impl ExchangeOutlook {
    /// SHA-256 of what it says, in hexadecimal.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn compute_hash(&self) -> Result<String, serde_json::Error> {
        crate::digest::of_json(self)
    }
}
