//! How much of the cost of keeping customers falls on the costliest of them.

use super::*;
use crate::Flag;
use crate::{Currency, Money, Month};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which period, and how it is reported. Contacts by customer are known as they are now.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ConcentrationQuery {
    /// The last month, YYYY-MM.
    pub month: Month,
    /// How many months, 1 to 60 (default 1).
    #[param(minimum = 1, maximum = 60)]
    pub months: Option<i32>,
    /// ISO 4217 code to report in; the only one there is when left out.
    pub currency: Option<Currency>,
}

/// How the cost of keeping customers is spread over them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ConcentrationReport {
    /// The first month.
    pub first_month: Month,
    /// The last one.
    pub last_month: Month,
    /// The last day of what the other services were asked for.
    pub as_of: NaiveDate,
    /// ISO 4217 code of all amounts.
    pub currency: Currency,
    /// The rates by which amounts were converted, each month at its average.
    pub rates: Vec<ConversionRate>,
    /// The whole company first, then each segment.
    pub items: Vec<CustomerConcentration>,
    /// The cost of contacts alone, by channel, over all customers of the company.
    pub channels: Vec<CustomerConcentration>,
    /// What a reader must know before using it.
    pub quality_flags: Vec<Flag>,
}

/// How one cost is spread over customers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CustomerConcentration {
    /// The segment's key; null is the whole company.
    pub segment: Option<String>,
    /// The channel; null is every cost.
    pub channel: Option<String>,
    /// Customers who were under observation on any day, those without cost too.
    pub customers: usize,
    /// What they cost.
    pub cost: Money,
    /// The costliest 1, 5 and 20 percent of customers, and their share of the cost; empty without
    /// cost.
    pub costliest: Vec<CostliestCustomers>,
}

/// The costliest part of customers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CostliestCustomers {
    /// Which part of the customers, as a fraction.
    pub costliest: f64,
    /// How many customers that is, rounded up.
    pub customers: usize,
    /// Their share of the cost, as a fraction.
    pub cost_share: f64,
}
