//! Interactions.

use crate::experience::InteractionInput;
use chrono::{DateTime, NaiveDate, Utc};

/// A contact between a customer and the company.
pub type Interaction = crate::Recorded<InteractionInput>;

crate::page::list_query! {
    /// Which interactions.
    InteractionQuery {
        /// Only of the customer whom this system knows by `customer_external_id`.
        customer_source: Option<String>,
        /// Only of the customer whom `customer_source` knows by this id.
        customer_external_id: Option<String>,
        /// Only contacts by this channel.
        channel: Option<String>,
        /// Only what began on this day (UTC) or later.
        started_from: Option<NaiveDate>,
        /// Only what began on this day (UTC) or earlier.
        started_to: Option<NaiveDate>,
        /// Only what was recorded, new or corrected, at or after this time (RFC 3339): what a reader who has
        /// the rest must read.
        #[param(value_type = Option<String>, format = DateTime, example = "2025-10-15T00:00:00Z")]
        recorded_since: Option<DateTime<Utc>>,
    }
}
