//! Programmes: who carries them, what they are made of, how they stand, and what finance says of their money.

mod gate;
mod initiative;
mod money;
mod risk;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Actor;
use crate::ProgrammeKey;

pub use gate::{GateOutcome, ProgrammeGate, ProgrammeGateDecisionInput, ProgrammeGateInput};
pub use initiative::{InitiativeReadiness, ProgrammeInitiative, ReadinessScore};
pub use money::{InitiativeMoney, ProgrammeMoneyReport, UnassignedMoney};
pub use risk::{ProgrammeRisk, RiskLikelihood};

/// What a programme is: who carries it, what is done in it, when it is judged, and what may go wrong.
///
/// It says nothing of money: that is in finance's budgets and entries, under the keys of the programme and of its
/// initiatives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProgrammeInput {
    /// Names it in ledger entries, budgets and scenarios. No other programme and no initiative has the same.
    pub key: ProgrammeKey,
    /// Names it for people.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Who stands for it where money is given. It cannot start without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    pub sponsor: Option<String>,
    /// Who carries it out. It cannot start without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    pub owner: Option<String>,
    /// What is done in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 200)]
    pub initiatives: Vec<ProgrammeInitiative>,
    /// When it is judged, and by what.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub gates: Vec<ProgrammeGateInput>,
    /// What may go wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub risks: Vec<ProgrammeRisk>,
    /// What else is to be known of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 4000)]
    pub note: Option<String>,
}

/// Where a programme stands.
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
pub enum ProgrammeState {
    /// It is thought of.
    Proposed,
    /// It is carried out.
    Running,
    /// It came to its end, and every gate was decided.
    Closed,
    /// It was given up.
    Stopped,
}

/// What made a version of a programme.
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
pub enum ProgrammeStep {
    /// Somebody wrote what it is.
    Written,
    /// It was started.
    Started,
    /// A gate was decided.
    GateDecided,
    /// It was closed.
    Closed,
    /// It was stopped.
    Stopped,
}

/// A version of a programme. Nothing of it is ever changed: what is done to the programme is its next version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Programme {
    /// Identifier of this version.
    pub id: Uuid,
    /// Which version this is, from 1.
    #[schema(minimum = 1)]
    pub version: u32,
    /// Where it stands.
    pub state: ProgrammeState,
    /// What it is.
    pub statement: ProgrammeInput,
    /// Its gates, each with what was decided.
    pub gates: Vec<ProgrammeGate>,
    /// What made this version.
    pub step: ProgrammeStep,
    /// Who did that.
    pub by: Actor,
    /// Why, where somebody said so.
    pub reason: Option<String>,
    /// When.
    pub recorded_at: DateTime<Utc>,
}

/// Takes a programme a step further.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProgrammeStepInput {
    /// The version that was looked at: refused where there is a newer one.
    #[schema(minimum = 1)]
    pub version: u32,
}

crate::page::list_query! {
    /// Which programmes.
    ProgrammeQuery {
        /// Only those that stand there.
        state: Option<ProgrammeState>,
    }
}

crate::page::list_query! {
    /// Which versions of a programme.
    ProgrammeVersionQuery {}
}
