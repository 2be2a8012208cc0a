//! What customers are charged.

use crate::{Money, Month, Period, PeriodError};
use chrono::NaiveDate;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a customer was charged over one or more months.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RevenueInput {
    /// The system that the record comes from.
    #[schema(min_length = 1, max_length = 64)]
    pub source: String,
    /// The line's id in that system.
    #[schema(min_length = 1, max_length = 128)]
    pub external_id: String,
    /// The system that knows the customer; `source` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub customer_source: Option<String>,
    /// The customer's id there.
    #[schema(min_length = 1, max_length = 128)]
    pub customer_external_id: String,
    /// The last of the months it is for. A year from January 2025 is for 2025-12, or is given by
    /// `from`. One of both is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub month: Option<Month>,
    /// How many months it covers: those up to `month`, or from `from` on.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 1200, default = 1)]
    pub months: i32,
    /// The first day it is for, where days are known: recurring revenue is then counted by days,
    /// and a refund takes it back from these days on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub from: Option<NaiveDate>,
    /// The day after the last one it is for: January ends on the 1st of February. `months` after
    /// `from` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub until: Option<NaiveDate>,
    /// The day on which it was decided that it is not renewed, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cancelled_on: Option<NaiveDate>,
    /// What was charged; never negative.
    pub amount: Money,
    /// What for.
    #[serde(default)]
    #[schema(default = "RECURRING")]
    pub kind: RevenueKind,
}

fn one() -> i32 {
    1
}

impl RevenueInput {
    /// The days it is for, where it names them.
    ///
    /// # Errors
    /// [`PeriodError`].
    pub fn period(&self) -> Result<Option<Period>, PeriodError> {
        match (self.from, self.until) {
            (None, _) => Ok(None),
            (Some(from), Some(until)) => Period::new(from, until).map(Some),
            (Some(from), None) => Ok(Period::of_months(from, self.months)),
        }
    }
}

/// Kinds of revenue.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum RevenueKind {
    /// Charged every month.
    #[default]
    Recurring,
    /// Charged by use.
    Usage,
    /// Charged once.
    OneOff,
    /// Given back: counts against the others.
    Refund,
}

impl RevenueKind {
    /// +1 for what comes in, −1 for what is given back.
    #[must_use]
    pub fn sign(self) -> i64 {
        if self == Self::Refund { -1 } else { 1 }
    }
}

/// What a customer was charged.
pub type Revenue = crate::Recorded<RevenueInput>;

crate::page::list_query! {
    /// Which revenues.
    RevenueQuery {
        /// Only of the customer whom this system knows by `customer_external_id`.
        customer_source: Option<String>,
        /// Only of the customer whom `customer_source` knows by this id.
        customer_external_id: Option<String>,
        /// Only charges of this kind.
        kind: Option<RevenueKind>,
        /// Only charges whose last month is this one or a later one.
        month_from: Option<Month>,
        /// Only charges whose last month is this one or an earlier one.
        month_to: Option<Month>,
        /// Only what was recorded, new or corrected, at or after this time (RFC 3339): what a reader who has
        /// the rest must read.
        #[param(value_type = Option<String>, format = DateTime, example = "2025-10-15T00:00:00Z")]
        recorded_since: Option<DateTime<Utc>>,
        /// As it was known at this time (RFC 3339), before later corrections; now when left out.
        #[param(value_type = Option<String>, format = DateTime, example = "2025-10-15T00:00:00Z")]
        known_at: Option<DateTime<Utc>>,
    }
}
