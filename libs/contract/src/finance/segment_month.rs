//! What each segment did in a month: weights of allocation, denominators of costs per customer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a segment did in a month, as the customers and experience services count it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SegmentMonth {
    /// The segment's key.
    #[schema(min_length = 1, max_length = 128)]
    pub segment: String,
    /// Active customers.
    #[schema(minimum = 0)]
    pub customers: i64,
    /// Customers who paid for the first time.
    #[serde(default)]
    #[schema(minimum = 0, default = 0)]
    pub new_customers: i64,
    /// Those of them from paid channels.
    #[serde(default)]
    #[schema(minimum = 0, default = 0)]
    pub new_from_paid: i64,
    /// Contacts handled.
    #[serde(default)]
    #[schema(minimum = 0, default = 0)]
    pub contacts: i64,
    /// Minutes of handling.
    #[serde(default)]
    #[schema(minimum = 0, default = 0)]
    pub minutes: i64,
    /// Revenue in minor units, of one currency over all segments.
    #[serde(default)]
    #[schema(minimum = 0, default = 0)]
    pub revenue_minor: i64,
    /// People working for it.
    #[serde(default)]
    #[schema(minimum = 0, default = 0)]
    pub headcount: i64,
    /// The same by channel, as far as it is known.
    #[serde(default)]
    pub channels: Vec<ChannelMonth>,
}

/// What a segment did in a month by one channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChannelMonth {
    /// The channel, of service or of acquisition.
    #[schema(min_length = 1, max_length = 64)]
    pub channel: String,
    /// Contacts handled.
    #[serde(default)]
    #[schema(minimum = 0, default = 0)]
    pub contacts: i64,
    /// Seconds of handling.
    #[serde(default)]
    #[schema(minimum = 0, default = 0)]
    pub handle_seconds: i64,
    /// Customers won who paid for the first time.
    #[serde(default)]
    #[schema(minimum = 0, default = 0)]
    pub new_customers: i64,
}

/// What every segment did in one month.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SegmentMonthList {
    /// In the order of the segments' keys.
    pub items: Vec<SegmentMonth>,
}
