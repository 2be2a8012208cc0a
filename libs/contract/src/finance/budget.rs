//! What programmes may cost, in versions.

use crate::finance::ProgrammeLine;
use crate::{Currency, Money, Month, ProgrammeKey};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A version of a programme's budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Budget {
    /// Identifier.
    pub id: Uuid,
    /// The programme.
    pub programme: ProgrammeKey,
    /// 1 for the programme's first budget.
    pub version: u32,
    /// The day from which it holds, until a later version does.
    pub effective_on: NaiveDate,
    /// Why it was made.
    pub reason: String,
    /// ISO 4217 code of its lines.
    pub currency: Currency,
    /// What is planned, by month and kind of money.
    pub lines: Vec<BudgetLine>,
    /// When it was written.
    pub recorded_at: DateTime<Utc>,
}

/// What is planned for one month and kind of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BudgetLine {
    /// The month.
    pub month: Month,
    /// The kind of money.
    pub line: ProgrammeLine,
    /// How much, in the currency of the other lines.
    pub amount: Money,
}

/// Every version of a programme's budget.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BudgetList {
    /// Oldest first.
    pub items: Vec<Budget>,
}

/// The next version of a programme's budget.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BudgetInput {
    /// The day from which it holds; not before the last version's.
    pub effective_on: NaiveDate,
    /// Why it is made.
    #[schema(min_length = 1, max_length = 1000)]
    pub reason: String,
    /// What is planned: each month and kind of money once, all in one currency.
    #[schema(min_items = 1, max_items = 1000)]
    pub lines: Vec<BudgetLine>,
}
