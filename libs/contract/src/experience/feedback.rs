//! Feedback.

use crate::experience::{FeedbackInput, FeedbackKind};
use chrono::{DateTime, NaiveDate, Utc};

/// What a customer answered when asked.
pub type Feedback = crate::Recorded<FeedbackInput>;

crate::page::list_query! {
    /// Which feedback.
    FeedbackQuery {
        /// Only of the customer whom this system knows by `customer_external_id`.
        customer_source: Option<String>,
        /// Only of the customer whom `customer_source` knows by this id.
        customer_external_id: Option<String>,
        /// Only answers to this kind of question.
        kind: Option<FeedbackKind>,
        /// Only what was answered on this day (UTC) or later.
        responded_from: Option<NaiveDate>,
        /// Only what was answered on this day (UTC) or earlier.
        responded_to: Option<NaiveDate>,
        /// Only what was recorded, new or corrected, at or after this time (RFC 3339): what a reader who has
        /// the rest must read.
        #[param(value_type = Option<String>, format = DateTime, example = "2025-10-15T00:00:00Z")]
        recorded_since: Option<DateTime<Utc>>,
    }
}
