//! Segments: groups of customers that are modelled together.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A group of customers that are modelled together.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Segment {
    /// Names it everywhere.
    pub key: String,
    /// Names it for people.
    pub name: String,
    /// When it was registered.
    pub recorded_at: DateTime<Utc>,
}

/// Every segment.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SegmentList {
    /// In key order.
    pub items: Vec<Segment>,
}

/// A segment's own fields.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SegmentInput {
    /// Names it for people.
    #[schema(min_length = 1, max_length = 128)]
    pub name: String,
}
