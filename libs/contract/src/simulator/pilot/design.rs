//! How the treated of a pilot are held against others.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::feed::CustomerKey;

/// How the treated are held against others.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
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
pub enum PilotDesign {
    /// Lots decided who is treated: both arms are held against each other since the start.
    #[default]
    Randomised,
    /// No lots: `control` are customers who can be compared with the treated. Each is held against their own months
    /// before the start (difference-in-differences), and the ways of both sides before it against each other. Not of
    /// `LEAVING`: nobody who is named has left before the start, so that there is no change.
    Compared,
    /// Waves of customers who are treated one after the other, by lots or not: each wave is held against who is not yet
    /// treated in the same month, and each customer against their own months before the first start. Not of `LEAVING`.
    Staggered,
}

/// Customers who are treated from the same month on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PilotWave {
    /// The first day of their treatment, the first of a month; left out, by the last wave only, they are never treated
    /// in the time of the pilot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub starts_on: Option<NaiveDate>,
    /// Who they are.
    #[schema(min_items = 2, max_items = 200_000)]
    pub customers: Vec<CustomerKey>,
}

/// A wave of a pilot, without the names of its customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PilotWaveSize {
    /// The first day of treatment; null where they are never treated in the time of the pilot.
    pub starts_on: Option<NaiveDate>,
    /// How many customers are in it.
    pub customers: u64,
}
