//! Scenarios that are kept: documents in versions, each on a baseline that never changes.

mod assumption;
mod diff;
mod lint;
mod template;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use assumption::{
    Assumption, AssumptionCheck, AssumptionCheckInput, AssumptionOrigin, AssumptionQuery,
    AssumptionRegister,
};
pub use diff::{ScenarioChange, ScenarioDiff, ScenarioDiffQuery};
pub use lint::{LintCode, LintFinding, LintSeverity, ScenarioLint};
pub use template::{ScenarioTemplate, ScenarioTemplateList};

/// A scenario, to be kept under a new key.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ScenarioInput {
    /// Names it, for runs and commands: small letters, digits and hyphens.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = "^[a-z0-9]+(-[a-z0-9]+)*$",
        example = "call-backs-2026"
    )]
    pub key: String,
    /// The text of its TOML file, as `keepworth simulate` reads it.
    pub scenario: String,
    /// The baseline that it stands on.
    pub baseline_hash: String,
    /// Why it is written, for who reads its versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 1000)]
    pub reason: Option<String>,
}

/// What a scenario says from now on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ScenarioVersionInput {
    /// The text of its TOML file.
    pub scenario: String,
    /// The baseline that it stands on.
    pub baseline_hash: String,
    /// Why it is changed, for who reads its versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 1000)]
    pub reason: Option<String>,
}

/// A scenario that begins with what another says.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ScenarioForkInput {
    /// The new scenario's key.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = "^[a-z0-9]+(-[a-z0-9]+)*$",
        example = "call-backs-cautious"
    )]
    pub key: String,
    /// Which version of the other; its newest when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1)]
    pub version: Option<u32>,
    /// Why, for who reads its versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 1000)]
    pub reason: Option<String>,
}

/// Why a scenario is archived.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ScenarioArchiveInput {
    /// For who finds it.
    #[schema(min_length = 1, max_length = 1000)]
    pub reason: String,
}

/// A version of a scenario that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScenarioReference {
    /// Its key.
    pub key: String,
    /// Which version, from 1.
    #[schema(minimum = 1)]
    pub version: u32,
}

/// A version of a scenario without its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScenarioSummary {
    /// Identifier of this version.
    pub id: Uuid,
    /// The scenario's key.
    pub key: String,
    /// Which version this is, from 1.
    #[schema(minimum = 1)]
    pub version: u32,
    /// The name that its text gives it.
    pub name: String,
    /// SHA-256 of its text, in hexadecimal.
    pub hash: String,
    /// The baseline that it stands on.
    pub baseline_hash: String,
    /// What it began as; null unless it was forked from another.
    pub forked_from: Option<ScenarioReference>,
    /// Why this version was written, where somebody said so.
    pub reason: Option<String>,
    /// Why the scenario was archived; null while it is in use.
    pub archived: Option<String>,
    /// When this version was written.
    pub recorded_at: DateTime<Utc>,
}

/// A version of a scenario. Nothing of it is ever changed, except that the scenario can be archived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScenarioDocument {
    /// Which version, of what.
    pub summary: ScenarioSummary,
    /// The text of its TOML file, to the byte.
    pub scenario: String,
}

crate::page::list_query! {
    /// Which scenarios.
    ScenarioQuery {
        /// Only scenarios whose newest version stands on the baseline of this hash.
        baseline_hash: Option<String>,
        /// Also what was archived (default false).
        #[param(default = false)]
        include_archived: Option<bool>,
    }
}

crate::page::list_query! {
    /// Which versions of a scenario.
    ScenarioVersionQuery {}
}

/// Which version of a scenario.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct WhichVersion {
    /// The version; the newest when left out.
    #[param(minimum = 1, example = 1)]
    pub version: Option<u32>,
}
