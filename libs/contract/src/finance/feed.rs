//! Feeds of the finance service.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::avoidable::ConfirmedShare;
use crate::feed::CustomerKey;

/// finance/`revenues`: one row per customer who was ever charged, in key order.
///
/// A charge for several months is spread over them, of equal size to the minor unit; what lies
/// outside the twelve months up to the feed's is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RevenueRow {
    /// The customer.
    pub customer: CustomerKey,
    /// ISO 4217 code of all amounts.
    pub currency: String,
    /// Minor units of the twelve months by kind; refunds are negative.
    pub minor_by_kind: BTreeMap<String, i64>,
    /// Months of the twelve that charges cover.
    pub months: i64,
    /// Minor units of all kinds in each of the twelve months, the oldest first.
    #[serde(default)]
    #[schema(required = true)]
    pub minor_by_month: Vec<i64>,
    /// The first month, `YYYY-MM`, that any charge covers, be it long before the twelve; null when
    /// all that is recorded are refunds.
    #[serde(default)]
    pub billed_from: Option<String>,
    /// Minor units, among those above, of recurring charges that repeat another one: the same
    /// months and the same amount under a second id.
    #[serde(default)]
    #[schema(required = true)]
    pub repeated_minor: i64,
}

/// finance/`economics`, version 2: what was spent, then what finance confirmed of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "row", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EconomicsRow {
    /// What was spent.
    Cost(CostRow),
    /// Which share of a cost would not be spent otherwise.
    AvoidableShare(ConfirmedShare),
}

/// One row per segment, category, component, channel and month of cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CostRow {
    /// The segment it was spent on; null is shared by all.
    pub segment: Option<String>,
    /// COST_OF_REVENUE, ACQUISITION, SERVICE, …
    pub category: String,
    /// Where it counts in the cost of keeping customers: CONSUMPTION, OVERHEAD, …; null where it
    /// does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub component: Option<String>,
    /// The channel it was spent on.
    pub channel: Option<String>,
    /// Calendar month, `YYYY-MM`.
    pub month: String,
    /// Sum in minor units; 0 says that nothing was spent, no row that nobody knows.
    pub minor: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// Entries in the sum.
    pub entries: u64,
    /// Of these, assumptions.
    pub assumed_entries: u64,
}
