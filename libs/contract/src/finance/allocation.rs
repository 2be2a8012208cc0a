//! Who bears the costs of a month.

use super::*;
use crate::finance::{CostCategory, CostComponent};
use crate::{Currency, Money, Month};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which month.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct MonthQuery {
    /// The month, YYYY-MM.
    pub month: Month,
}

/// Which month, in which currency, and as it was known when.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct KnownMonthQuery {
    /// The month, YYYY-MM.
    pub month: Month,
    /// Convert into this currency: its ISO 4217 code; left out, each amount stays in its own.
    #[param(value_type = Option<String>, example = "EUR")]
    pub currency: Option<Currency>,
    /// As it was known at this time (RFC 3339), before later corrections; now when left out.
    #[param(value_type = Option<String>, format = DateTime, example = "2025-10-15T00:00:00Z")]
    pub known_at: Option<DateTime<Utc>>,
}

/// The costs of one month by who bears them.
///
/// Over segments and what is unallocated, the amounts sum to the ledger: nothing is lost and
/// nothing counted twice. What was capitalised is none of them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Allocation {
    /// The month.
    pub month: Month,
    /// What each segment bears.
    pub items: Vec<AllocatedCost>,
    /// Shared costs that nobody bears.
    pub unallocated: Vec<UnallocatedCost>,
    /// The rules in force.
    pub rules: Vec<AllocationRule>,
    /// The rates by which amounts were converted, the month's average.
    pub rates: Vec<ConversionRate>,
}

/// What a segment bears of one kind of cost, in one currency.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AllocatedCost {
    /// The segment's key.
    pub segment: String,
    /// What was spent on.
    pub category: CostCategory,
    /// What exactly; null is the category's usual component.
    pub component: Option<CostComponent>,
    /// From entries that name the segment.
    pub direct: Money,
    /// Its part of shared entries.
    pub shared: Money,
}

/// Shared costs that nobody bears.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UnallocatedCost {
    /// What was spent on.
    pub category: CostCategory,
    /// What exactly; null is the category's usual component.
    pub component: Option<CostComponent>,
    /// How much.
    pub amount: Money,
    /// Why, and the fix.
    pub reason: String,
}

/// A part of one ledger entry.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AllocationLine {
    /// The entry.
    pub entry: Uuid,
    /// Who bears the part.
    pub segment: String,
    /// What was spent on.
    pub category: CostCategory,
    /// The part in minor units.
    pub minor: i64,
    /// ISO 4217 code.
    pub currency: String,
}
