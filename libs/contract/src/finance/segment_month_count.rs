//! Counts what every segment did from the feeds of the other services and from revenue, so that
//! nobody types it in.

use super::*;
use crate::Flag;
use crate::simulator::baseline::FeedReference;
use crate::{Currency, Month};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// Which months to count, and how.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SegmentMonthCount {
    /// The first month.
    pub from: Month,
    /// The last one; it must be over.
    pub to: Month,
    /// ISO 4217 code that revenue is counted in; the only one there is when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub currency: Option<Currency>,
    /// Acquisition channels whose customers count as won by paid media; when left out, those on
    /// which the ledger has spend of component `MEDIA` or `AGENCY` until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub paid_channels: Option<BTreeSet<String>>,
}

/// What was counted, and from what.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SegmentMonthCountReport {
    /// The last day whose facts count: the last of `to`.
    pub as_of: NaiveDate,
    /// What was read of the other services.
    pub feeds: Vec<FeedReference>,
    /// Customers read.
    pub customers: u64,
    /// ISO 4217 code of revenue; null when there is none.
    pub currency: Option<Currency>,
    /// The rates by which revenue was converted, each month at its average.
    pub rates: Vec<ConversionRate>,
    /// Acquisition channels that count as paid.
    pub paid_channels: BTreeSet<String>,
    /// What is stored now, month by month; `/v1/segment-months/{month}` lists the segments.
    pub months: Vec<CountedMonth>,
    /// What a reader must know before using it.
    pub quality_flags: Vec<Flag>,
}

/// One month, over all segments.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CountedMonth {
    /// The month.
    pub month: Month,
    /// Segments.
    pub segments: usize,
    /// Mean number of customers over its days.
    pub customers: i64,
    /// Customers who paid for the first time.
    pub new_customers: i64,
    /// Those of them from paid channels.
    pub new_from_paid: i64,
    /// Contacts handled.
    pub contacts: i64,
    /// Minutes of handling.
    pub minutes: i64,
    /// Revenue in minor units.
    pub revenue_minor: i64,
}
