//! Who was reached by which campaign.

use crate::finance::CampaignTouchInput;
use chrono::{DateTime, NaiveDate, Utc};

/// A campaign touched somebody.
pub type CampaignTouch = crate::Recorded<CampaignTouchInput>;

crate::page::list_query! {
    /// Which touches of campaigns.
    CampaignTouchQuery {
        /// Only of the customer whom this system knows by `customer_external_id`.
        customer_source: Option<String>,
        /// Only of the customer whom `customer_source` knows by this id.
        customer_external_id: Option<String>,
        /// Only touches of this campaign.
        campaign: Option<String>,
        /// Only who was reached on this day or later.
        touched_from: Option<NaiveDate>,
        /// Only who was reached on this day or earlier.
        touched_to: Option<NaiveDate>,
        /// Only what was recorded, new or corrected, at or after this time (RFC 3339): what a reader who has
        /// the rest must read.
        #[param(value_type = Option<String>, format = DateTime, example = "2025-10-15T00:00:00Z")]
        recorded_since: Option<DateTime<Utc>>,
    }
}
