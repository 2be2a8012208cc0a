//! How much of growth customers earned the company.

use super::*;
use crate::Flag;
use crate::{Currency, Money, Month};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};

/// Which period, and what is earned.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct EarnedGrowthQuery {
    /// The last month, YYYY-MM.
    pub month: Month,
    /// How many months, 1 to 60 (default 12); they are held against as many before them.
    #[param(minimum = 1, maximum = 60)]
    pub months: Option<i32>,
    /// Acquisition channels of those who came by referral or reputation, with commas between them.
    #[param(min_length = 1, example = "referral,reputation")]
    pub earned_channels: String,
    /// ISO 4217 code to report in; the only one there is when left out.
    pub currency: Option<Currency>,
}

/// Revenue of two periods by where it came from, and the metrics that follow.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EarnedGrowthReport {
    /// The first month of the period.
    pub first_month: Month,
    /// The last one.
    pub last_month: Month,
    /// The last day of what the customers service was asked for.
    pub as_of: NaiveDate,
    /// What counts as earned.
    pub earned_channels: BTreeSet<String>,
    /// ISO 4217 code of all amounts.
    pub currency: Currency,
    /// The rates by which both periods were converted, those of the last month, so that exchange rates are no growth.
    pub rates: Vec<ConversionRate>,
    /// Revenue of the period before, of the same length.
    pub before: Money,
    /// Revenue from those who had some before.
    pub kept: Money,
    /// Revenue from new customers who came by an earned channel.
    pub earned: Money,
    /// Revenue from new customers who came by another channel.
    pub bought: Money,
    /// Revenue from new customers whose channel is not recorded; none of it counts as earned.
    pub unknown: Money,
    /// Retention, earned new share, earned growth rate and ratio.
    pub figures: Vec<Metric>,
    /// What a reader must know before using it.
    pub quality_flags: Vec<Flag>,
}
