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
    /// Whether leaving is seen.
    #[serde(default)]
    #[schema(required = true)]
    pub kind: SegmentKind,
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
    /// Whether leaving is seen. Left out, it stays as it is; a new segment is `CONTRACT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub kind: Option<SegmentKind>,
}

/// Whether anybody sees that a customer leaves.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum SegmentKind {
    /// Customers are bound until they or the company end it: leaving has a day.
    #[default]
    Contract,
    /// Customers buy when they like, and stop without a word: leaving is estimated from the days on which they
    /// bought. A day of leaving that is on record all the same, such as that of a closed account, ends what is
    /// known of the customer.
    Purchases,
}
