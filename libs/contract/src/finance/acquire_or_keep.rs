//! Acquire or keep: what the next unit of money should be spent on, per segment.

use super::*;
use crate::{Currency, InvalidParam, Month};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which records, which figures in their place, and how many draws.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AcquireOrKeepQuery {
    /// The last month of the records, YYYY-MM.
    pub month: Month,
    /// How many months of records, 1 to 60 (default 12).
    #[param(minimum = 1, maximum = 60)]
    pub months: Option<i32>,
    /// Discount rate a year, a decimal fraction above 0 and at most 10: 0.10 is ten percent.
    #[param(value_type = String, example = "0.10")]
    pub annual_rate: Decimal,
    /// ISO 4217 code to report in; the histories' own when left out.
    pub currency: Option<Currency>,
    /// Only this segment; every one that has a response history when left out.
    pub segment: Option<String>,
    /// Margin per customer and period before retention spend, in place of the records'; with
    /// `segment` only, like the next three.
    #[param(value_type = Option<String>, example = "240.00")]
    pub margin: Option<Decimal>,
    /// What winning a customer costs on average, in place of the records'.
    #[param(value_type = Option<String>, example = "1000.00")]
    pub acquisition_cost: Option<Decimal>,
    /// What is spent per prospect now, in place of what the curve makes of the average cost.
    #[param(value_type = Option<String>, example = "20.00")]
    pub acquisition_spend: Option<Decimal>,
    /// What is spent per customer and period now, in place of the records'.
    #[param(value_type = Option<String>, example = "30.00")]
    pub retention_spend: Option<Decimal>,
    /// Draws of the uncertain curves, 1 to 100000 (default 10000).
    #[param(minimum = 1, maximum = 100_000)]
    pub draws: Option<usize>,
    /// Where the draws start (default 1): the same seed on the same records gives the same answer.
    pub seed: Option<u32>,
}

/// What the next unit of money should be spent on, by segment.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AcquireOrKeepReport {
    /// The first month of the records.
    pub first_month: Month,
    /// The last one.
    pub last_month: Month,
    /// Discount rate a year, a fraction.
    #[schema(example = "0.10")]
    pub annual_rate: String,
    /// ISO 4217 code of all amounts.
    pub currency: Currency,
    /// The rates by which records were converted, each month at its average.
    pub rates: Vec<ConversionRate>,
    /// Draws behind each probability.
    pub draws: u32,
    /// Where they start. Every segment has the same draws.
    pub seed: u32,
    /// By segment.
    pub items: Vec<AcquireOrKeep>,
}

/// The answer for one segment, or what it lacks.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AcquireOrKeep {
    /// The segment's key.
    pub segment: String,
    /// What has to be given before there is an answer.
    pub missing: Vec<InvalidParam>,
    /// The answer; null while something is missing.
    pub answer: Option<AcquireOrKeepAnswer>,
}
