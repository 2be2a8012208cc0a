//! The chart of accounts.

use crate::finance::{CostCategory, CostComponent};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An account of the general ledger, and what its lines are.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Account {
    /// Names it in the ledger.
    pub code: String,
    /// Names it for people.
    pub name: String,
    /// What is spent there; null for accounts that are no cost, such as cash.
    pub category: Option<CostCategory>,
    /// What exactly.
    pub component: Option<CostComponent>,
    /// When it was written.
    pub recorded_at: DateTime<Utc>,
}

/// Every account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AccountList {
    /// In the order of their codes.
    pub items: Vec<Account>,
}

/// An account's own fields.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AccountInput {
    /// Names it for people.
    #[schema(min_length = 1, max_length = 128)]
    pub name: String,
    /// What is spent there; leave it out for accounts that are no cost, such as cash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub category: Option<CostCategory>,
    /// What exactly; the category's usual component when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub component: Option<CostComponent>,
}

impl AccountInput {
    /// Whether it says what an account says already.
    #[must_use]
    pub fn describes(&self, account: &Account) -> bool {
        let own = (&self.name, self.category, self.component);
        own == (&account.name, account.category, account.component)
    }
}
