//! Customers.

use crate::customers::LeavingCause;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
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

/// Which customers.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CustomerQuery {
    /// Items per page, 1 or more (default 50; more than 1,000 is cut to 1,000).
    #[param(minimum = 1)]
    pub page_size: Option<i64>,
    /// `next_cursor` of the page before; leave out for the first page.
    pub cursor: Option<String>,
    /// Only customers of this segment.
    pub segment: Option<String>,
}
