//! Ledger entries.

use crate::Month;
use crate::finance::{CostCategory, LedgerEntryInput};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A cost in the general ledger, as it was last recorded.
pub type LedgerEntry = crate::Recorded<LedgerEntryInput>;

/// Which ledger entries.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct LedgerEntryQuery {
    /// Items per page, 1 or more (default 50; more than 1,000 is cut to 1,000).
    #[param(minimum = 1)]
    pub page_size: Option<i64>,
    /// `next_cursor` of the page before; leave out for the first page.
    pub cursor: Option<String>,
    /// Only entries of this category.
    pub category: Option<CostCategory>,
    /// Only entries spent on this segment.
    pub segment: Option<String>,
    /// Only entries posted in this month.
    pub month: Option<Month>,
    /// As it was known at this time (RFC 3339), before later corrections; now when left out.
    #[param(value_type = Option<String>, format = DateTime, example = "2025-10-15T00:00:00Z")]
    pub known_at: Option<DateTime<Utc>>,
}

/// What an entry said before it was corrected.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LedgerEntryVersion {
    /// What it said.
    pub entry: LedgerEntry,
    /// When it was corrected: until when this was held for true.
    pub superseded_at: DateTime<Utc>,
}

/// Every earlier version of one entry.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LedgerEntryVersionList {
    /// Oldest first; the present version is not among them.
    pub items: Vec<LedgerEntryVersion>,
}
