//! What in a scenario can be run and is probably not meant.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ScenarioReference;

/// What was found in a scenario.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScenarioLint {
    /// Which version.
    pub scenario: ScenarioReference,
    /// What was found; empty where nothing was.
    pub findings: Vec<LintFinding>,
}

/// Something in a scenario that is probably not meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LintFinding {
    /// What programs tell it by.
    pub code: LintCode,
    /// How bad it is.
    pub severity: LintSeverity,
    /// Its place in the scenario, such as `initiatives[0].effects[1].size`; empty for the baseline.
    pub path: String,
    /// What is there, with its figures.
    pub what: String,
    /// What to do about it.
    pub way_out: String,
}

/// How bad a finding is.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum LintSeverity {
    /// The verdict is of something else than the scenario says, or of nothing.
    Error,
    /// Somebody has to look at it.
    Warning,
}

/// What a finding is, for programs. New ones may come.
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
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum LintCode {
    /// Two initiatives claim the same effect on the same customers.
    EffectClaimedTwice,
    /// No customer can feel the effect.
    NobodyFeelsIt,
    /// Nobody carries the initiative.
    NoSponsor,
    /// Nobody owns the process that it changes.
    NoProcessOwner,
    /// A size that looks like points, or like percent, where a fraction is meant.
    PointsForPercent,
    /// All of revenue is taken for contribution.
    RevenueForMargin,
    /// The same risk is taken off twice.
    RiskTakenTwice,
    /// The evidence of an effect is not there, was withdrawn, or speaks of something else.
    EvidenceRefused,
    /// The evidence of an effect was to be looked at again by a day that has passed.
    EvidenceOverdue,
    /// No month of the baseline's window lies in the last twelve months.
    BaselineOld,
    /// A baseline of a later day is kept.
    BaselineSuperseded,
    /// No programme names the key of the initiative.
    KeyOfNoProgramme,
    /// What the initiative costs is more than a twentieth off what finance's newest budget under its key has.
    CostOffBudget,
}
