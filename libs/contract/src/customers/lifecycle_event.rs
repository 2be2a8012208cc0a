//! Lifecycle events, as they are listed.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{LeavingCause, LifecycleKind};

/// Something that happened in a customer's life with the company.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LifecycleEvent {
    /// Identifier.
    pub id: Uuid,
    /// The system that the record comes from.
    pub source: String,
    /// The event's id in that system.
    pub external_id: String,
    /// What happened.
    pub kind: LifecycleKind,
    /// The day it happened.
    pub occurred_on: NaiveDate,
    /// Why, for leaving.
    pub cause: Option<LeavingCause>,
    /// The segment in which the customer is from this day on, for a move.
    pub segment: Option<String>,
    /// The segment that they moved from, where it is known.
    pub from_segment: Option<String>,
    /// In the source's own words.
    pub detail: Option<String>,
    /// When this version was written.
    pub recorded_at: DateTime<Utc>,
}

crate::page::list_query! {
    /// Which lifecycle events of a customer.
    LifecycleEventQuery {
        /// Only events of this kind.
        kind: Option<LifecycleKind>,
        /// Only what happened on this day or later.
        occurred_from: Option<NaiveDate>,
        /// Only what happened on this day or earlier.
        occurred_to: Option<NaiveDate>,
        /// Only what was recorded, new or corrected, at or after this time (RFC 3339): what a reader who has
        /// the rest must read.
        #[param(value_type = Option<String>, format = DateTime, example = "2025-10-15T00:00:00Z")]
        recorded_since: Option<DateTime<Utc>>,
    }
}
