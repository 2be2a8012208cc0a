//! What a verdict stands on: per lever, which evidence, and what is spent now.

use super::*;
use crate::Money;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What one side of a verdict stands on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LeverBasis {
    /// Which kind of evidence.
    pub evidence: LeverEvidence,
    /// The same for people.
    pub in_words: String,
    /// How far a programme's effect is believed to be caused by it; null for curves and averages.
    pub grade: Option<Grade>,
    /// The version of the response history; null for an average cost.
    pub history_id: Option<Uuid>,
    /// Its number.
    pub history_version: Option<i32>,
    /// The curve; null for a programme and for an average cost.
    pub curve: Option<ResponseCurve>,
    /// What is spent now: per prospect, or per customer and period; null for an average cost.
    pub spend: Option<Money>,
    /// Where that figure, or the average cost, comes from.
    pub source: FigureSource,
    /// What should be spent, at the estimates, for the largest customer equity; null where no curve
    /// says so.
    pub best_spend: Option<Money>,
}

/// Which kind of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LeverEvidence {
    /// A curve fitted to what was spent and who answered.
    Observed,
    /// Two points that somebody judges to be true: no evidence.
    Elicited,
    /// What one programme cost and changed.
    Programme,
    /// What winning a customer cost on average, taken for what the next one costs.
    AverageCost,
}

/// Where a figure comes from.
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
pub enum FigureSource {
    /// The query.
    Stated,
    /// Ledger and segment months.
    Records,
    /// The response history.
    History,
}

/// A grade of evidence.
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
pub enum Grade {
    /// Randomised.
    A,
    /// Controlled.
    B,
    /// Without control.
    C,
    /// Stated.
    D,
}
