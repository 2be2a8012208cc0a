//! Which model of leaving by tenure a segment of a baseline is simulated with, and why.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fit::HazardFit;

/// A model of leaving by tenure.
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
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum HazardModel {
    /// One hazard for each band of tenure, small segments drawn towards the company.
    Bands,
    /// Shifted beta-geometric: customers differ, each one's chance to leave is constant.
    Sbg,
    /// Beta-discrete-Weibull: customers differ, and each one's chance changes with tenure.
    Bdw,
    /// Weibull: customers do not differ, and their chance changes with tenure.
    Weibull,
}

/// Who chose a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ChosenBy {
    /// The rule: bands, unless a curve foretold the last twelve months better than chance would have it.
    Rule,
    /// Whoever ordered the baseline.
    Request,
}

/// The model of leaving that is used, and those it was chosen from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HazardChoice {
    /// The model that is used.
    pub model: HazardModel,
    /// Who chose it.
    pub by: ChosenBy,
    /// Why, in a sentence with the figures behind it.
    pub reason: String,
    /// The longest tenure, in completed months, at which anybody was observed; what is older is extrapolated.
    #[schema(minimum = 0, example = 83)]
    pub longest_tenure_months: u32,
    /// The models that were compared; bands first.
    pub candidates: Vec<HazardCandidate>,
}

/// A model of leaving, held against the last twelve months.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HazardCandidate {
    /// The model.
    pub model: HazardModel,
    /// How it foretold the last twelve months from the record before; none where that was not compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub last_year: Option<Foretold>,
    /// Its fit to the whole record; bands have theirs beside their hazards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub fit: Option<HazardFit>,
    /// Why there is no fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub refused: Option<String>,
}

/// How a model that was fitted to the record before the last twelve months foretold who left in them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Foretold {
    /// Leavers it expected of those who were there.
    #[schema(minimum = 0, example = 212.4)]
    pub expected: f64,
    /// Leavers there were.
    #[schema(minimum = 0, example = 205)]
    pub left: u64,
    /// Log-likelihood by which it foretold them better than bands: above 0 is better, 0 for bands.
    #[schema(example = 6.1)]
    pub ahead: f64,
    /// Its standard error.
    #[schema(minimum = 0, example = 2.4)]
    pub ahead_se: f64,
    /// Probability of leavers as far from what it expected by tenure, where it is true (Pearson's chi-square of groups
    /// with ten expected in each); none where no group has as many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 1, example = 0.31)]
    pub calibration_p: Option<f64>,
}
