//! What contacts cost: contacts × minutes × rate, by channel and segment.

use super::*;
use crate::{Currency, Money, Month};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which period, and how it is reported.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PeriodQuery {
    /// The last month, YYYY-MM.
    pub month: Month,
    /// How many months, 1 to 60 (default 1).
    #[param(minimum = 1, maximum = 60)]
    pub months: Option<i32>,
    /// ISO 4217 code to report in; the only one there is when left out.
    pub currency: Option<Currency>,
    /// As it was known at this time (RFC 3339), before later corrections; now when left out.
    #[param(value_type = Option<String>, format = DateTime, example = "2025-10-15T00:00:00Z")]
    pub known_at: Option<DateTime<Utc>>,
}

/// What contacts cost, by channel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ConsumptionReport {
    /// The first month.
    pub first_month: Month,
    /// The last one.
    pub last_month: Month,
    /// As it was known at this time; null is now.
    pub known_at: Option<DateTime<Utc>>,
    /// ISO 4217 code of all amounts.
    pub currency: Currency,
    /// The rates by which amounts were converted, each month at its average.
    pub rates: Vec<ConversionRate>,
    /// In the order of the channels.
    pub items: Vec<ChannelConsumption>,
    /// Service cost that names no channel and that no handling explains: it is part of overhead as
    /// far as contacts go. Where there was handling, cost without a channel is in the items.
    pub without_channel: Money,
}

/// What contacts through one channel cost.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ChannelConsumption {
    /// The channel.
    pub channel: String,
    /// Contacts handled.
    pub contacts: i64,
    /// Seconds of handling.
    pub handle_seconds: i64,
    /// Service cost that names the channel, and the channel's part of what names none, by seconds.
    pub cost: Money,
    /// The part of it that would not be spent otherwise.
    pub avoidable: Money,
    /// Cost of a minute and of a contact.
    pub figures: Vec<Metric>,
    /// Each segment's part: what names it, and of the rest by its seconds. The parts sum to the
    /// cost; there is none when nobody had a contact.
    pub segments: Vec<SegmentConsumption>,
}

/// What contacts of one segment through one channel cost.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SegmentConsumption {
    /// The segment's key.
    pub segment: String,
    /// Contacts handled.
    pub contacts: i64,
    /// Seconds of handling.
    pub handle_seconds: i64,
    /// What they cost.
    pub cost: Money,
    /// The part of it that would not be spent otherwise, by the shares confirmed until the last
    /// month.
    pub avoidable: Money,
}
