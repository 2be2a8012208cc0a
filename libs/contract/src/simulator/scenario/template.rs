//! Scenarios to begin with.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A scenario to begin with: its figures are for its writer to fill in, unless somebody published them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScenarioTemplate {
    /// Names it: `keepworth scenario new --template KEY`.
    #[schema(example = "service-recovery")]
    pub key: String,
    /// Names it for people.
    pub title: String,
    /// What would be done, and through which levers it works.
    pub about: String,
    /// What is published of how large its effects are, with the source, and why it is no size as it stands; empty
    /// where nothing is.
    pub sources: Vec<String>,
}

/// All templates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScenarioTemplateList {
    /// In the order of their keys.
    pub items: Vec<ScenarioTemplate>,
}
