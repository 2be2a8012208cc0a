//! Closing of the books.

use crate::Month;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A month whose books are closed, with every month before it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PeriodClose {
    /// The month.
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
pub struct PeriodCloseInput {
    /// The month; every earlier one is closed with it.
    pub month: Month,
    /// Who or what asks for it.
    #[schema(min_length = 1, max_length = 1000)]
    pub reason: String,
}
