//! What may go wrong in a programme.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Something that may go wrong.
///
/// How likely it is, is said in a word: it enters no figure. What a risk does to the worth of a programme, its scenario
/// says as a readiness, a success probability or a range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProgrammeRisk {
    /// What may happen.
    #[schema(min_length = 1, max_length = 1000)]
    pub text: String,
    /// How likely it is.
    pub likelihood: RiskLikelihood,
    /// What is done about it.
    #[schema(min_length = 1, max_length = 1000)]
    pub response: String,
    /// Who does that.
    #[schema(min_length = 1, max_length = 200)]
    pub owner: String,
}

/// How likely something is, in a word.
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
pub enum RiskLikelihood {
    /// Would surprise.
    Low,
    /// May well happen.
    Medium,
    /// Is expected unless something is done.
    High,
}
