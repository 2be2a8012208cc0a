//! Ledger entries.

use crate::Month;
use crate::finance::{CostCategory, LedgerEntryInput};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A cost in the general ledger, as it was last recorded.
pub type LedgerEntry = crate::Recorded<LedgerEntryInput>;

crate::page::list_query! {
    /// Which ledger entries.
    LedgerEntryQuery {
        /// Only entries of this category.
        category: Option<CostCategory>,
        /// Only entries spent on this segment.
        segment: Option<String>,
        /// Only entries of this account.
        account: Option<String>,
        /// Only entries posted in this month.
        month: Option<Month>,
        /// Only what was posted on this day or later.
        posted_from: Option<NaiveDate>,
        /// Only what was posted on this day or earlier.
        posted_to: Option<NaiveDate>,
        /// Only what was recorded, new or corrected, at or after this time (RFC 3339): what a reader who has
        /// the rest must read.
        #[param(value_type = Option<String>, format = DateTime, example = "2025-10-15T00:00:00Z")]
        recorded_since: Option<DateTime<Utc>>,
        /// As it was known at this time (RFC 3339), before later corrections; now when left out.
        #[param(value_type = Option<String>, format = DateTime, example = "2025-10-15T00:00:00Z")]
        known_at: Option<DateTime<Utc>>,
    }
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
