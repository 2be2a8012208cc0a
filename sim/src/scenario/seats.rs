//! Channels that are staffed in seats.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Quantity;

/// A pool of channels that is staffed in whole seats: what is saved are seats, after notice, not minutes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Seats {
    /// Name of the pool.
    pub name: String,
    /// Names of its channels, the same in every segment that has them; of none `avoidable` is written too.
    pub channels: Vec<String>,
    /// Minutes of handling that one seat comes to in a month.
    pub minutes_per_seat: Quantity,
    /// Cost of a seat a month. When absent the minutes of a seat at what a minute costs in the pool's channels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_per_seat: Option<Quantity>,
    /// Months from when a seat is no longer needed until it is no longer paid. 0 when absent.
    #[serde(default)]
    pub notice_months: u32,
    /// Seats that are paid whether they are needed or not, by month from the decision date. None when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub committed: Vec<CommittedSeats>,
    /// Share of freed seats that other work of the company takes, so that they are not saved. 0 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redeployed: Option<Quantity>,
}

/// From a month on so many seats are paid at least.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommittedSeats {
    /// First month, counted from the decision date.
    pub from: u32,
    /// Seats, whole.
    pub seats: u32,
}
