//! What the services tell the simulator: aggregates, or rows in key order for a merge join.
//!
//! A feed is newline-delimited JSON: one [`FeedHeader`], rows, one [`FeedTrailer`]. The trailer
//! carries the number of rows and a digest of their bytes, so that a feed that was cut short is
//! noticed, and a baseline can say from what it was made.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::avoidable::ConfirmedShare;
use crate::record::LeavingCause;

/// As of which day a feed is asked for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct FeedQuery {
    /// The last day whose facts count.
    #[serde(deserialize_with = "recorded_day")]
    pub as_of: NaiveDate,
}

/// Reads a day that records can have: from 1900 to 9999, which both databases order alike.
///
/// # Errors
/// Another day, or what is none.
pub fn recorded_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    let day = NaiveDate::deserialize(deserializer)?;
    if (1900..=9999).contains(&day.year()) {
        Ok(day)
    } else {
        Err(serde::de::Error::custom(format!(
            "as_of {day} is outside 1900 to 9999"
        )))
    }
}

/// First line of a feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FeedHeader {
    /// The feed's name, such as `cohorts`.
    pub feed: String,
    /// Version of the row's form.
    pub version: u32,
    /// The last day whose facts count.
    pub as_of: NaiveDate,
}

/// Last line of a feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedTrailer {
    /// Rows between header and trailer.
    pub rows: u64,
    /// SHA-256 of the rows' bytes, line ends included, in hexadecimal.
    pub sha256: String,
}

/// Who a row is about; feeds that are joined come in the order of this key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
pub struct CustomerKey {
    /// The system that knows the customer.
    pub source: String,
    /// The customer's id there.
    pub external_id: String,
}

/// customers/`cohorts`: one row per segment, completed month of tenure and year of the calendar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CohortRow {
    /// The segment's key.
    pub segment: String,
    /// Completed months since acquisition: 0 is the first month.
    pub tenure_month: u32,
    /// The twelve calendar months in which it was, counted back from the feed's: 0 are the last
    /// twelve, the feed's own included, 1 the twelve before.
    #[serde(default)]
    pub years_ago: u32,
    /// Customers under observation at some time in this month of tenure, in this year.
    pub at_risk: u64,
    /// Of these, who came under observation in it (late, when the window opened later than they
    /// became customers).
    pub entered: u64,
    /// Customer-months under observation in it.
    pub exposure_months: f64,
    /// Who left in it, by cause, where the cause is known.
    pub left: BTreeMap<LeavingCause, u64>,
    /// Who left in it for a cause that nobody recorded.
    #[serde(default)]
    pub left_unknown: u64,
    /// Customers of this tenure on the day of the feed.
    pub active: u64,
}

impl CohortRow {
    /// Who left, for whatever cause.
    #[must_use]
    pub fn departures(&self) -> u64 {
        self.left.values().sum::<u64>() + self.left_unknown
    }
}

/// customers/`episodes`: one row per customer, in key order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EpisodeRow {
    /// The customer.
    pub customer: CustomerKey,
    /// The segment's key.
    pub segment: String,
    /// The day they became a customer.
    pub acquired_on: NaiveDate,
    /// How they were won, when it is recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acquisition_channel: Option<String>,
    /// First day under observation.
    pub observed_from: NaiveDate,
    /// Last day under observation, not after the feed's.
    pub observed_to: NaiveDate,
    /// Whether they left on `observed_to`.
    pub left: bool,
    /// Why.
    pub cause: Option<LeavingCause>,
}

/// experience/`exposures`: one row per customer and calendar month with any record, in key order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ExposureRow {
    /// The customer.
    pub customer: CustomerKey,
    /// Calendar month, `YYYY-MM`.
    pub month: String,
    /// Contacts by channel: how many, and seconds of an employee's time. Abandoned ones are not
    /// among them.
    pub contacts: BTreeMap<String, ContactSum>,
    /// Contacts that did not settle the matter.
    pub unresolved: u64,
    /// Contacts that the customer gave up.
    pub abandoned: u64,
    /// The last score of each kind (NPS, CSAT, CES, RATING) given in the month.
    pub scores: BTreeMap<String, i32>,
}

/// Contacts of one channel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactSum {
    /// How many.
    pub count: u64,
    /// Seconds of an employee's time.
    pub handle_seconds: i64,
}

/// experience/`metrics`: one row per kind of question and month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MetricRow {
    /// NPS, CSAT, CES or RATING.
    pub kind: String,
    /// Calendar month, `YYYY-MM`.
    pub month: String,
    /// The journey's phase, when the answers name one.
    pub phase: Option<String>,
    /// The figure.
    pub statistic: Statistic,
}

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
    pub minor_by_month: Vec<i64>,
    /// The first month, `YYYY-MM`, that any charge covers, be it long before the twelve; null when
    /// all that is recorded are refunds.
    #[serde(default)]
    pub billed_from: Option<String>,
    /// Minor units, among those above, of recurring charges that repeat another one: the same
    /// months and the same amount under a second id.
    #[serde(default)]
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

/// A figure with what is needed to judge it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Statistic {
    /// The figure; null when there is nothing to compute it from.
    pub value: Option<f64>,
    /// Observations behind it.
    pub n: u64,
    /// Where the truth probably lies.
    pub interval: Option<Interval>,
    /// Which definition was used.
    pub definition: Definition,
    /// What a reader must know before using it.
    pub quality_flags: Vec<String>,
}

/// An interval of stated level and method.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Level, such as 0.95.
    pub level: f64,
    /// Method, such as `wilson` or `adjusted_wald`.
    pub method: String,
    /// Degrees of freedom where it is Student's: how its probability lies between the ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freedom: Option<f64>,
}

/// A definition and its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Definition {
    /// Its name.
    pub id: String,
    /// Its version; a change of formula is a new one.
    pub version: u32,
}
