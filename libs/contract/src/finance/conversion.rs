//! How amounts come into one currency: by which rates, and by which rule.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Currency, Month};

/// The rule by which amounts are converted, for readers.
pub const CONVERSION_RULE: &str = "what flows in a month (revenue, cost) is converted at the month's \
    average rate, the mean of its quoted days; what stands at a month's end (recurring revenue) at the \
    last rate quoted in that month; a pair that nobody quotes is converted at the inverse of the opposite \
    pair, else through a third currency; each month's sum is rounded once, half to even, to the minor unit";

/// Which rate of a month.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum RateKind {
    /// The mean of the days of the month that have a quote: for what flows in it.
    Average,
    /// The last rate quoted in the month: for what stands at its end.
    Closing,
}

/// How a rate follows from what was quoted.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum RateDerivation {
    /// The pair itself was quoted.
    Direct,
    /// One over the rate of the opposite pair.
    Inverse,
    /// The product of two rates, into a third currency and out of it.
    Cross,
}

/// A rate of a month, as amounts were converted at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConversionRate {
    /// What was converted, ISO 4217.
    pub base: Currency,
    /// What into, ISO 4217.
    pub quote: Currency,
    /// The month of the amounts.
    pub month: Month,
    /// Which rate of it.
    pub kind: RateKind,
    /// Units of quote per unit of base: a decimal number with at most 12 decimals, to which it is
    /// rounded half to even before anything is converted.
    #[schema(example = "0.921733333333")]
    pub value: String,
    /// How it follows from what was quoted.
    pub derivation: RateDerivation,
    /// The third currency of a cross rate; left out of others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub via: Option<Currency>,
    /// Days of the month whose quotes it was made of; of a cross rate, those of the pair with fewer.
    #[schema(minimum = 1, maximum = 31)]
    pub days: u32,
    /// The first of the quotes.
    pub quoted_from: NaiveDate,
    /// The last of the quotes.
    pub quoted_to: NaiveDate,
    /// Who quoted.
    pub sources: BTreeSet<String>,
    /// The quotes, in the order of their days: `GET /v1/fx-rates/{id}` shows each.
    pub rate_ids: Vec<Uuid>,
}
