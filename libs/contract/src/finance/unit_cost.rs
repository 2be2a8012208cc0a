//! What it costs to win a customer, and to keep one.

use super::*;
use crate::finance::{CostCategory, CostComponent};
use crate::{Currency, Money, Month};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which period, and how it is reported.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct UnitCostQuery {
    /// The last month, YYYY-MM.
    pub month: Month,
    /// How many months, 1 to 60 (default 1).
    #[param(minimum = 1, maximum = 60)]
    pub months: Option<i32>,
    /// ISO 4217 code to report in; the only one there is when left out.
    pub currency: Option<Currency>,
    /// Spend comes this many months before the customers it won, 0 to 24 (default 0).
    #[param(minimum = 0, maximum = 24)]
    pub lag_months: Option<i32>,
    /// As it was known at this time (RFC 3339), before later corrections; now when left out.
    #[param(value_type = Option<String>, format = DateTime, example = "2025-10-15T00:00:00Z")]
    pub known_at: Option<DateTime<Utc>>,
}

/// Which period of what customers cost to keep, and how it is reported.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct MaintenanceCostQuery {
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

/// A unit cost by segment, with what it is made of.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UnitCostReport {
    /// The first month whose customers count.
    pub first_month: Month,
    /// The last one.
    pub last_month: Month,
    /// Months between spend and customers.
    pub lag_months: i32,
    /// As it was known at this time; null is now.
    pub known_at: Option<DateTime<Utc>>,
    /// ISO 4217 code of all amounts.
    pub currency: Currency,
    /// The rates by which amounts were converted, each month at its average.
    pub rates: Vec<ConversionRate>,
    /// The whole company first, then each segment.
    pub items: Vec<UnitCost>,
}

/// The costs of one segment, or of the whole company.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UnitCost {
    /// The segment's key; null is the whole company, with costs that no segment bears.
    pub segment: Option<String>,
    /// What was spent.
    pub costs: Vec<CostLine>,
    /// The part of it that would not be spent otherwise, by the shares confirmed until the last
    /// month (`/v1/avoidable-shares`); null for acquisition costs.
    pub avoidable: Option<Money>,
    /// What follows, by every definition.
    pub figures: Vec<Metric>,
}

/// What was spent on one thing.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CostLine {
    /// What was spent on.
    pub category: CostCategory,
    /// What exactly; null is the category's usual component.
    pub component: Option<CostComponent>,
    /// How much.
    pub amount: Money,
}
