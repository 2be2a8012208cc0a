//! Feeds of the finance service.

use std::collections::BTreeMap;

use std::num::NonZeroUsize;

use chrono::NaiveDate;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::avoidable::ConfirmedShare;
use crate::Currency;
use crate::feed::{CustomerKey, FeedPageQuery, recorded_day};

/// As of which day a feed of amounts is asked for, and in which currency.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct FinanceFeedQuery {
    /// The last day whose facts count.
    #[serde(deserialize_with = "recorded_day")]
    pub as_of: NaiveDate,
    /// Convert into this currency, by the rates of `GET /v1/feed/rates`; then only the twelve months up
    /// to the day's are answered. Left out, amounts stay as they were booked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
}

/// Which page of a feed of amounts: as of a day, continue after `cursor`, `page_size` rows.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct FinanceFeedPageQuery {
    /// The last day whose facts count.
    #[serde(deserialize_with = "recorded_day")]
    pub as_of: NaiveDate,
    /// Convert into this currency, by the rates of `GET /v1/feed/rates`; then only the twelve months up
    /// to the day's are answered. Left out, amounts stay as they were booked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Rows per page, 1 or more (default 1,000; more than 10,000 is cut to 10,000).
    #[param(value_type = Option<usize>, minimum = 1, example = 1000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_size: Option<NonZeroUsize>,
    /// `next_cursor` of the page before; leave out for the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

impl From<FinanceFeedPageQuery> for FeedPageQuery {
    fn from(query: FinanceFeedPageQuery) -> Self {
        Self {
            as_of: query.as_of,
            page_size: query.page_size,
            cursor: query.cursor,
        }
    }
}

/// Most months before the twelve that a feed of revenues tells of: four years.
const MOST_EARLIER_MONTHS: u16 = 48;

/// As of which day revenues are asked for, in which currency, and how far back.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RevenueFeedQuery {
    /// The last day whose facts count.
    #[serde(deserialize_with = "recorded_day")]
    pub as_of: NaiveDate,
    /// Convert into this currency, by the rates of `GET /v1/feed/rates`; then only the twelve months up
    /// to the day's are answered. Left out, amounts stay as they were booked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// How many months before the twelve are told as well, up to 48 (default 0).
    #[serde(
        default,
        deserialize_with = "earlier_months",
        skip_serializing_if = "is_zero"
    )]
    #[param(default = 0, maximum = 48)]
    pub earlier_months: u16,
}

/// Which page of the revenues: as of a day, in which currency, how far back, continue after `cursor`, `page_size` rows.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RevenueFeedPageQuery {
    /// The last day whose facts count.
    #[serde(deserialize_with = "recorded_day")]
    pub as_of: NaiveDate,
    /// Convert into this currency, by the rates of `GET /v1/feed/rates`; then only the twelve months up
    /// to the day's are answered. Left out, amounts stay as they were booked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// How many months before the twelve are told as well, up to 48 (default 0).
    #[serde(
        default,
        deserialize_with = "earlier_months",
        skip_serializing_if = "is_zero"
    )]
    #[param(default = 0, maximum = 48)]
    pub earlier_months: u16,
    /// Rows per page, 1 or more (default 1,000; more than 10,000 is cut to 10,000).
    #[param(value_type = Option<usize>, minimum = 1, example = 1000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_size: Option<NonZeroUsize>,
    /// `next_cursor` of the page before; leave out for the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

impl From<RevenueFeedPageQuery> for FeedPageQuery {
    fn from(query: RevenueFeedPageQuery) -> Self {
        Self {
            as_of: query.as_of,
            page_size: query.page_size,
            cursor: query.cursor,
        }
    }
}

fn earlier_months<'de, D: Deserializer<'de>>(value: D) -> Result<u16, D::Error> {
    let months = u16::deserialize(value)?;
    if months > MOST_EARLIER_MONTHS {
        return Err(D::Error::custom(format!(
            "earlier_months is {months}; give 0 to {MOST_EARLIER_MONTHS}"
        )));
    }
    Ok(months)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands a reference to the field"
)]
fn is_zero(months: &u16) -> bool {
    *months == 0
}

fn with_costs() -> bool {
    true
}

/// As of which day, and into which currency, rates are asked for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RateFeedQuery {
    /// The last day whose facts count.
    #[serde(deserialize_with = "recorded_day")]
    pub as_of: NaiveDate,
    /// The currency that amounts are converted into.
    pub currency: Currency,
    /// Whether purchases are converted too: then rates of every month in which anything was bought (default false).
    #[serde(default)]
    #[param(default = false)]
    pub purchases: bool,
    /// Whether costs are converted too (default true); without them rates are those of months in which anything was
    /// charged.
    #[serde(default = "with_costs")]
    #[param(default = true)]
    pub costs: bool,
}

/// Which page of the rates: as of a day, into a currency, continue after `cursor`, `page_size` rows.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RateFeedPageQuery {
    /// The last day whose facts count.
    #[serde(deserialize_with = "recorded_day")]
    pub as_of: NaiveDate,
    /// The currency that amounts are converted into.
    pub currency: Currency,
    /// Whether purchases are converted too: then rates of every month in which anything was bought (default false).
    #[serde(default)]
    #[param(default = false)]
    pub purchases: bool,
    /// Whether costs are converted too (default true); without them rates are those of months in which anything was
    /// charged.
    #[serde(default = "with_costs")]
    #[param(default = true)]
    pub costs: bool,
    /// Rows per page, 1 or more (default 1,000; more than 10,000 is cut to 10,000).
    #[param(value_type = Option<usize>, minimum = 1, example = 1000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_size: Option<NonZeroUsize>,
    /// `next_cursor` of the page before; leave out for the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

impl From<RateFeedPageQuery> for FeedPageQuery {
    fn from(query: RateFeedPageQuery) -> Self {
        Self {
            as_of: query.as_of,
            page_size: query.page_size,
            cursor: query.cursor,
        }
    }
}

/// finance/`revenues`: one row per customer who was ever charged, in key order.
///
/// A charge for several months is spread over them, of equal size to the minor unit; what lies
/// outside the twelve months up to the feed's, and those before that were asked for, is left out.
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
    /// The same of the months before the twelve that were asked for, the oldest first. None where revenue of all these months
    /// is not in one currency, that which is asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub earlier_minor_by_month: Vec<i64>,
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

/// finance/`purchases`: one row per customer who was ever charged for something that is no subscription, in key
/// order.
///
/// A charge of kind `ONE_OFF` or `USAGE` that names its first day (`from`) is a purchase of that day; those of one
/// day are one purchase. What was given back is taken off the purchases of its day (that in `from`, else the last
/// of its month), then off those before it, the latest first; a purchase that was given back whole is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PurchaseRow {
    /// The customer.
    pub customer: CustomerKey,
    /// ISO 4217 code of all amounts.
    pub currency: String,
    /// What was bought until the feed's day, the oldest first.
    pub purchases: Vec<PurchaseDay>,
    /// Charges of these kinds that name no day, which no purchase was made of.
    pub undated: u64,
    /// Minor units that were given back beyond all that had been bought until then, and are taken off nothing.
    pub excess_refund_minor: i64,
}

/// What a customer bought on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PurchaseDay {
    /// The day.
    pub on: NaiveDate,
    /// Minor units, what was given back taken off.
    pub minor: i64,
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
