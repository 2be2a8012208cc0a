//! What a service covers, where it only helps, and what it leaves to others: so that whoever plans an
//! ecosystem of tools sees where this one fits.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a service fits among others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Capabilities {
    /// The service.
    #[schema(example = "finance")]
    pub service: String,
    /// Its release.
    #[schema(example = "0.1.0")]
    pub version: String,
    /// What it does from end to end.
    pub covers: Vec<String>,
    /// What it helps with, and does not do alone.
    pub assists: Vec<String>,
    /// What other tools do.
    pub leaves: Vec<LeftToOthers>,
}

/// What is left to other tools.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeftToOthers {
    /// What.
    #[schema(example = "posting and paying invoices")]
    pub what: String,
    /// To which kind of tool.
    #[schema(example = "an accounting system")]
    pub to: String,
}
