//! Feeds of the experience service.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::feed::CustomerKey;
use crate::statistic::Statistic;

/// experience/`exposures`: one row per customer and calendar month with any record, in key order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ExposureRow {
    /// The customer.
    pub customer: CustomerKey,
    /// Calendar month, `YYYY-MM`.
    pub month: String,
    /// Contacts by channel: how many, and seconds of an employee's time. Abandoned ones are not
    /// among them.
    pub contacts: BTreeMap<String, ContactSum>,
    /// Of these contacts those of which it is known what they were about: by channel, then by issue.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    pub issues: BTreeMap<String, BTreeMap<String, ContactSum>>,
    /// Contacts that did not settle the matter.
    pub unresolved: u64,
    /// Contacts that the customer gave up.
    pub abandoned: u64,
    /// The last score of each kind (NPS, CSAT, CES, RATING) given in the month.
    pub scores: BTreeMap<String, i32>,
}

/// Contacts of one channel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactSum {
    /// How many.
    pub count: u64,
    /// Seconds of an employee's time.
    pub handle_seconds: i64,
}

/// experience/`metrics`: one row per kind of question and month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MetricRow {
    /// NPS, CSAT, CES or RATING.
    pub kind: String,
    /// Calendar month, `YYYY-MM`.
    pub month: String,
    /// The journey's phase, when the answers name one.
    pub phase: Option<String>,
    /// The figure.
    pub statistic: Statistic,
}
