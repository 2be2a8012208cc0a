//! Programme money: planned against spent.

use super::*;
use crate::finance::ProgrammeLine;
use crate::{Currency, Money, Month, ProgrammeKey};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Against which version.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ComparisonQuery {
    /// The budget's version; the one in force today when left out.
    #[param(minimum = 1)]
    pub version: Option<u32>,
}

/// What a programme was to cost and what it did, month by month.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProgrammeReport {
    /// The budget it is held against.
    pub budget: Budget,
    /// The rates by which spending was converted, each month at its average.
    pub rates: Vec<ConversionRate>,
    /// Every month and kind of money that was planned or spent.
    pub items: Vec<PlannedAgainstSpent>,
    /// Spent by entries that name the programme, but no kind of money; in no item.
    pub without_line: Money,
}

/// One month and kind of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlannedAgainstSpent {
    /// The month.
    pub month: Month,
    /// The kind of money.
    pub line: ProgrammeLine,
    /// What was planned.
    pub planned: Money,
    /// What was spent, what bought assets included.
    pub spent: Money,
    /// Spent less planned over all months so far; positive is over budget.
    pub cumulative_over: Money,
}

/// In which currency.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ProgrammeMoneyQuery {
    /// The currency to report in (ISO 4217) where there is no budget, whose currency it is otherwise; that of the entries
    /// when left out, if it is one.
    pub currency: Option<Currency>,
    /// Whether to tell the newest budget alone (default false): what was spent is then null, and no rate is needed.
    #[param(default = false)]
    pub budget_only: Option<bool>,
}

/// What a programme may cost by its newest budget, if it has one, and what it did cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProgrammeMoney {
    /// The programme.
    pub programme: ProgrammeKey,
    /// Its newest budget, whether it is in force today or will be; null where none was ever written.
    pub budget: Option<Budget>,
    /// The currency of every amount: the budget's, else the one asked for, else that of the entries; null where there
    /// is neither budget nor entry.
    pub currency: Option<Currency>,
    /// The rates by which spending was converted, each month at its average.
    pub rates: Vec<ConversionRate>,
    /// Every month and kind of money that is planned or was spent; empty where the budget alone was asked for.
    pub items: Vec<PlannedAgainstSpent>,
    /// Planned in all; null where there is no budget.
    pub planned: Option<Money>,
    /// Spent in all, `without_line` included; null where there is neither budget nor entry, and where the budget alone was
    /// asked for.
    pub spent: Option<Money>,
    /// Spent by entries that name the programme, but no kind of money; in no item.
    pub without_line: Option<Money>,
}

/// Every programme that has a budget or costs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProgrammeList {
    /// By their names.
    pub items: Vec<ProgrammeSummary>,
}

/// A programme by its name.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProgrammeSummary {
    /// Names it in ledger entries and budgets.
    pub programme: ProgrammeKey,
}
