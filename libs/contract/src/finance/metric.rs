//! Revenue metrics: one ledger, and what each vendor's definition makes of it.

use super::*;
use crate::Flag;
use crate::statistic::Statistic;
use crate::{Currency, Month};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What a metric means.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MetricDefinition {
    /// Names it.
    pub id: String,
    /// Rises with each change of the formula.
    pub version: u32,
    /// What people call it.
    pub name: String,
    /// The formula.
    pub formula: String,
    /// Whose figure it reproduces.
    pub matches: String,
    /// How its value reads.
    pub unit: MetricUnit,
}

/// How a value reads.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MetricUnit {
    /// A fraction over the month; 0.92 is 92 percent.
    Share,
    /// Minor units of the reporting currency per new customer.
    MinorPerNewCustomer,
    /// Minor units of the reporting currency per average customer and year.
    MinorPerCustomerYear,
    /// Minor units of the reporting currency per customer.
    MinorPerCustomer,
    /// Per unit of the currency that is spent per head.
    PerUnitOfSpend,
    /// Minor units of the reporting currency per minute of handling.
    MinorPerMinute,
    /// Minor units of the reporting currency per contact.
    MinorPerContact,
}

/// Every definition.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MetricDefinitionList {
    /// Grouped by what they measure.
    pub items: Vec<MetricDefinition>,
}

/// A metric's value by one definition.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Metric {
    /// The figure. It counts everybody in the ledger, so no interval is given.
    pub statistic: Statistic,
    /// What it means.
    pub definition: MetricDefinition,
}

/// Which month, and how it is reported.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct MetricQuery {
    /// The month, YYYY-MM; it is held against the month before.
    pub month: Month,
    /// ISO 4217 code to report in; the only one there is when left out.
    pub currency: Option<Currency>,
    /// A customer who returns later than this many months is new again; never when left out.
    #[param(minimum = 1)]
    pub reactivation_window_months: Option<u32>,
    /// When a customer who cancels is gone; EFFECTIVE when left out.
    #[serde(default)]
    #[param(default = "EFFECTIVE")]
    pub cancellation: CancellationRule,
}

/// When a customer who cancels is gone.
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
pub enum CancellationRule {
    /// When it takes effect: in the month on whose last day nothing that was charged runs any more.
    #[default]
    Effective,
    /// When it is decided: in the month of `cancelled_on`, though what was charged still runs.
    Decided,
}

/// How recurring revenue moved over a month, and the metrics that follow.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MetricReport {
    /// The month.
    pub month: Month,
    /// ISO 4217 code of all amounts.
    pub currency: Currency,
    /// When a customer who cancels is gone.
    pub cancellation: CancellationRule,
    /// The rates by which amounts were converted: each month at the last of its quotes.
    pub rates: Vec<ConversionRate>,
    /// What must be known before any of it is used: `converted`, by the rates above;
    /// `nothing_begins`, no charge begins in the month or later, so that the records may end before
    /// it, and who left may only not be billed yet.
    pub quality_flags: Vec<Flag>,
    /// Where the month's recurring revenue came from and went.
    pub movements: RevenueMovements,
    /// The same in customers.
    pub customers: CustomerMovements,
    /// Every retention metric by every definition.
    pub items: Vec<Metric>,
}

/// Recurring revenue: closing = opening + new + reactivation + expansion − contraction − churn +
/// fx, to the last decimal. Decimal strings in units of the currency.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RevenueMovements {
    /// In the month before, at its rates.
    pub opening: String,
    /// From customers who never paid before.
    pub new: String,
    /// From customers who came back.
    pub reactivation: String,
    /// More from customers who stayed.
    pub expansion: String,
    /// Less from customers who stayed.
    pub contraction: String,
    /// From customers who left.
    pub churn: String,
    /// From exchange rates alone; either sign.
    pub fx: String,
    /// In the month.
    pub closing: String,
}

/// Paying customers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CustomerMovements {
    /// In the month before.
    pub opening: u64,
    /// New or back.
    pub won: u64,
    /// Gone.
    pub lost: u64,
}
