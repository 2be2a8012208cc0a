//! Feeds of the customers service.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{EarlierSegment, LeavingCause};
use crate::feed::CustomerKey;

/// customers/`cohorts`: one row per segment, completed month of tenure and year of the calendar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CohortRow {
    /// The segment's key.
    pub segment: String,
    /// Completed months since acquisition: 0 is the first month.
    pub tenure_month: u32,
    /// The twelve calendar months in which it was, counted back from the feed's: 0 are the last
    /// twelve, the feed's own included, 1 the twelve before.
    #[serde(default)]
    #[schema(required = true)]
    pub years_ago: u32,
    /// Customers under observation at some time in this month of tenure, in this year.
    pub at_risk: u64,
    /// Of these, who came under observation in it (late, when the window opened later than they
    /// became customers), from other segments too.
    pub entered: u64,
    /// Customer-months under observation in it.
    pub exposure_months: f64,
    /// Who left in it, by cause, where the cause is known.
    pub left: BTreeMap<LeavingCause, u64>,
    /// Who left in it for a cause that nobody recorded.
    #[serde(default)]
    #[schema(required = true)]
    pub left_unknown: u64,
    /// Customers of this tenure on the day of the feed.
    pub active: u64,
}

impl CohortRow {
    /// Who left, for whatever cause.
    #[must_use]
    pub fn departures(&self) -> u64 {
        self.left.values().sum::<u64>() + self.left_unknown
    }
}

/// customers/`episodes`: one row per customer, in key order, with the segments that they were in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EpisodeRow {
    /// The customer.
    pub customer: CustomerKey,
    /// Key of the segment in which they were on `observed_to`.
    pub segment: String,
    /// The segments in which they were under observation before, in the order of time; empty for who never moved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub earlier_segments: Vec<EarlierSegment>,
    /// The day they became a customer.
    pub acquired_on: NaiveDate,
    /// How they were won, when it is recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub acquisition_channel: Option<String>,
    /// First day under observation.
    pub observed_from: NaiveDate,
    /// Last day under observation, not after the feed's.
    pub observed_to: NaiveDate,
    /// Whether they left on `observed_to`.
    pub left: bool,
    /// Why.
    pub cause: Option<LeavingCause>,
}
