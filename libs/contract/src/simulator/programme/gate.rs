//! When a programme is judged, and what was decided.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::Actor;
use crate::Month;

/// When a programme is judged, and by what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProgrammeGateInput {
    /// Names it among the programme's gates.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// The month by whose end it is decided.
    pub due: Month,
    /// What must be so for it to be passed.
    #[schema(min_length = 1, max_length = 1000)]
    pub criterion: String,
}

/// Where a gate stands.
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
pub enum GateOutcome {
    /// Nobody has decided.
    Open,
    /// What must be so was so.
    Passed,
    /// It was not.
    Failed,
}

/// Decides a gate. It can be decided again, and opened again, while the programme goes on: its versions keep what was
/// decided before.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProgrammeGateDecisionInput {
    /// The version of the programme that was looked at: refused where there is a newer one.
    #[schema(minimum = 1)]
    pub version: u32,
    /// The gate's name.
    #[schema(min_length = 1, max_length = 100)]
    pub gate: String,
    /// What was decided.
    pub outcome: GateOutcome,
}

/// A gate, with what was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProgrammeGate {
    /// Its name.
    pub name: String,
    /// The month by whose end it is decided.
    pub due: Month,
    /// What must be so for it to be passed.
    pub criterion: String,
    /// What was decided.
    pub outcome: GateOutcome,
    /// Why; null while nobody has decided.
    pub reason: Option<String>,
    /// Who decided.
    pub decided_by: Option<Actor>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
}
