//! Closing of the books.

use crate::Month;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A month whose books are closed, with every month before it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PeriodClose {
    /// The month.
    #[schema(value_type = String, example = "2025-09")]
    pub month: Month,
    /// Who or what asked for it.
    pub reason: String,
    /// When it was closed.
    pub recorded_at: DateTime<Utc>,
}

/// Every closing.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PeriodCloseList {
    /// In the order of the months.
    pub items: Vec<PeriodClose>,
}

/// A month to close.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PeriodCloseInput {
    /// The month; every earlier one is closed with it.
    #[schema(value_type = String, pattern = r"^\d{4}-\d{2}$", example = "2025-09")]
    pub month: Month,
    /// Who or what asks for it.
    #[schema(min_length = 1, max_length = 1000)]
    pub reason: String,
}
