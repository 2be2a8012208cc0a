//! Customers.

use crate::customers::LeavingCause;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A customer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Customer {
    /// Identifier.
    pub id: Uuid,
    /// The system that the record comes from.
    pub source: String,
    /// The customer's id in that system.
    pub external_id: String,
    /// The segment's key.
    pub segment: String,
    /// Whether they are a customer still.
    pub status: CustomerStatus,
    /// The day they became a customer.
    pub acquired_on: NaiveDate,
    /// How they were won.
    pub acquisition_channel: Option<String>,
    /// First day on which leaving would have been recorded.
    pub observed_from: NaiveDate,
    /// Last day on which leaving would have been recorded; null is open.
    pub observed_to: Option<NaiveDate>,
    /// The last day as a customer, when they left.
    pub left_on: Option<NaiveDate>,
    /// Why they left.
    pub leaving_cause: Option<LeavingCause>,
    /// When this version was written.
    pub recorded_at: DateTime<Utc>,
}

/// Whether somebody is a customer still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CustomerStatus {
    /// A customer.
    Active,
    /// Not any more.
    Left,
}

crate::page::list_query! {
    /// Which customers.
    CustomerQuery {
        /// Only customers of this segment.
        segment: Option<String>,
        /// Only who is a customer, or who left.
        status: Option<CustomerStatus>,
        /// Only who became a customer on this day or later.
        acquired_from: Option<NaiveDate>,
        /// Only who became a customer on this day or earlier.
        acquired_to: Option<NaiveDate>,
        /// Only what was recorded, new or corrected, at or after this time (RFC 3339): what a reader who has
        /// the rest must read.
        #[param(value_type = Option<String>, format = DateTime, example = "2025-10-15T00:00:00Z")]
        recorded_since: Option<DateTime<Utc>>,
    }
}
