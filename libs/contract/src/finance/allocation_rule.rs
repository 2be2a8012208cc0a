//! How shared costs are split between segments.

use crate::Month;
use crate::finance::CostCategory;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// How the shared costs of a category are split.
#[derive(
    Debug,
    Clone,
    Copy,
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
pub enum AllocationMethod {
    /// Not at all: only to the segment that an entry names.
    Direct,
    /// In proportion to contacts handled.
    ByContacts,
    /// In proportion to minutes of handling.
    ByMinutes,
    /// In proportion to revenue.
    ByRevenue,
    /// In proportion to headcount.
    ByHeadcount,
    /// In equal parts.
    Even,
    /// By the shares that the rule states.
    Stated,
}

/// A segment's share.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StatedShare {
    /// The segment's key.
    #[schema(min_length = 1, max_length = 128)]
    pub segment: String,
    /// A decimal string between 0 and 1; all shares sum to exactly 1.
    #[serde(with = "rust_decimal::serde::str")]
    #[schema(value_type = String, example = "0.30")]
    pub share: Decimal,
}

/// A version of a category's rule.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AllocationRule {
    /// Identifier.
    pub id: Uuid,
    /// Whose shared costs are split.
    pub category: CostCategory,
    /// 1 for the category's first rule.
    pub version: i32,
    /// The month from which it holds, until a later version does.
    pub effective_from: Month,
    /// How.
    pub method: AllocationMethod,
    /// The shares, for `STATED`.
    pub shares: Vec<StatedShare>,
    /// Why it was made.
    pub reason: String,
    /// When it was written.
    pub recorded_at: DateTime<Utc>,
}

/// Every version of every rule.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AllocationRuleList {
    /// By category and version.
    pub items: Vec<AllocationRule>,
}

/// The next version of a category's rule.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AllocationRuleInput {
    /// Whose shared costs are split.
    pub category: CostCategory,
    /// The month from which it holds; not before the last version's, nor closed.
    pub effective_from: Month,
    /// How.
    pub method: AllocationMethod,
    /// The shares, for `STATED`: they sum to exactly 1.
    #[serde(default)]
    pub shares: Vec<StatedShare>,
    /// Why it is made.
    #[schema(min_length = 1, max_length = 1000)]
    pub reason: String,
}
