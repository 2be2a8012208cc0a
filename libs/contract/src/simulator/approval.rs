//! What becomes of a version of a scenario: asked for, approved or returned, overtaken or closed; and the record of that.

mod forecast;
mod gate;
mod policy;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::scenario::ScenarioReference;

pub use forecast::{ForecastFigure, ForecastName, ForecastPoint, ScenarioForecast};
pub use gate::{GateCode, GateException, GateFinding};
pub use policy::{ApprovalPolicy, ApprovalPolicyInput, LossLimit};

/// Where a version of a scenario stands.
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
pub enum ApprovalState {
    /// Nobody has asked for its approval.
    Draft,
    /// Somebody has asked, and somebody else is to decide.
    Submitted,
    /// It was approved, and its forecast is frozen.
    Approved,
    /// It was sent back with a reason; it can be submitted again.
    Returned,
    /// A later version of the scenario was approved.
    Superseded,
    /// It is over.
    Closed,
}

/// Somebody, as services recognise them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Actor {
    /// Who vouched for them: an identity provider, or `local` for the machine.
    pub issuer: String,
    /// Who they are, by the issuer's name.
    pub subject: String,
    /// On one machine, whose user is the only one there is: by which token of theirs, if by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub token: Option<Uuid>,
}

/// Asks for the approval of a version.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SubmissionInput {
    /// Which version.
    #[schema(minimum = 1)]
    pub version: u32,
    /// The run of exactly this version whose figures are to be decided on.
    pub run_id: Uuid,
    /// Findings of the gate for which an exception is asked, each with its reason. Who approves has to override them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<GateException>,
}

/// Approves a version, on the figures of a run.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ApprovalInput {
    /// Which version.
    #[schema(minimum = 1)]
    pub version: u32,
    /// The run that was looked at: refused where another was submitted meanwhile.
    pub run_id: Uuid,
    /// Findings of the gate that are overridden, each with its reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<GateException>,
}

/// Returns or closes a version.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DecisionInput {
    /// Which version.
    #[schema(minimum = 1)]
    pub version: u32,
}

/// A step of a version: who, when, why, and on what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ApprovalTransition {
    /// Identifier; steps are in the order of their ids.
    pub id: Uuid,
    /// Where it stood.
    pub from: ApprovalState,
    /// Where it stands since.
    pub to: ApprovalState,
    /// Who did it.
    pub by: Actor,
    /// When.
    pub at: DateTime<Utc>,
    /// Why, where somebody said so.
    pub reason: Option<String>,
    /// The run that it was about.
    pub run_id: Uuid,
    /// The version of the policy that was applied; 0 is what holds until somebody writes one. Null where none was.
    pub policy_version: Option<u32>,
    /// What the gate found then.
    pub findings: Vec<GateFinding>,
    /// For which findings an exception was asked, or which were overridden, and why.
    pub exceptions: Vec<GateException>,
}

/// Where a version of a scenario stands, and how it came there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScenarioApproval {
    /// Which version.
    pub scenario: ScenarioReference,
    /// SHA-256 of its text.
    pub scenario_hash: String,
    /// The baseline that it stands on.
    pub baseline_hash: String,
    /// The scenario's newest version: of a draft beside what is decided on.
    #[schema(minimum = 1)]
    pub newest_version: u32,
    /// Where it stands.
    pub state: ApprovalState,
    /// The run that it was submitted with; null of a draft.
    pub run_id: Option<Uuid>,
    /// Who wrote versions of the scenario up to this one, or submitted it: none of them can approve it.
    pub authors: Vec<Actor>,
    /// What the gate finds of it today; empty unless it is submitted.
    pub findings: Vec<GateFinding>,
    /// Every step, the first one first.
    pub transitions: Vec<ApprovalTransition>,
}
