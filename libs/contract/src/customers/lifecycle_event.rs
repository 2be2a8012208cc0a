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
    /// In the source's own words.
    pub detail: Option<String>,
    /// When this version was written.
    pub recorded_at: DateTime<Utc>,
}
