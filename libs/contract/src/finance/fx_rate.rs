//! Exchange rates.

use crate::Currency;
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// An exchange rate. It never changes: amounts that were converted with it name it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FxRate {
    /// Identifier.
    pub id: Uuid,
    /// What is converted, ISO 4217.
    pub base: Currency,
    /// What into, ISO 4217.
    pub quote: Currency,
    /// Units of quote per unit of base, a decimal number with at most 9 decimals.
    #[schema(example = "0.9217")]
    pub value: String,
    /// The day it was quoted.
    pub quoted_on: NaiveDate,
    /// Who quoted it.
    pub source: String,
    /// When it was written.
    pub recorded_at: DateTime<Utc>,
}

/// An exchange rate as it was quoted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FxRateInput {
    /// What is converted, ISO 4217.
    pub base: Currency,
    /// What into, ISO 4217.
    pub quote: Currency,
    /// Units of quote per unit of base: a decimal string above zero with at most 9 decimals.
    #[serde(with = "rust_decimal::serde::str")]
    #[schema(value_type = String, pattern = r"^\d{1,10}(\.\d{1,9})?$", example = "0.9217")]
    pub value: Decimal,
    /// The day it was quoted.
    pub quoted_on: NaiveDate,
    /// Who quoted it.
    #[schema(min_length = 1, max_length = 64, example = "ecb")]
    pub source: String,
}

crate::page::list_query! {
    /// Which exchange rates.
    FxRateQuery {
        /// Only rates of what one of this currency is worth: its ISO 4217 code.
        base: Option<Currency>,
        /// Only rates into this currency: its ISO 4217 code.
        quote: Option<Currency>,
        /// Only what was quoted on this day or later.
        quoted_from: Option<NaiveDate>,
        /// Only what was quoted on this day or earlier.
        quoted_to: Option<NaiveDate>,
        /// Only what was recorded, new or corrected, at or after this time (RFC 3339): what a reader who has
        /// the rest must read.
        #[param(value_type = Option<String>, format = DateTime, example = "2025-10-15T00:00:00Z")]
        recorded_since: Option<DateTime<Utc>>,
    }
}
