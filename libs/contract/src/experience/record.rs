//! Answers and contacts.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a customer answered when asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FeedbackInput {
    /// The system that the record comes from.
    #[schema(min_length = 1, max_length = 64)]
    pub source: String,
    /// The answer's id in that system.
    #[schema(min_length = 1, max_length = 128)]
    pub external_id: String,
    /// The system that knows the customer; `source` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub customer_source: Option<String>,
    /// The customer's id there.
    #[schema(min_length = 1, max_length = 128)]
    pub customer_external_id: String,
    /// What was asked.
    pub kind: FeedbackKind,
    /// The answer, on the kind's scale.
    pub score: i32,
    /// When it was answered.
    pub responded_at: DateTime<Utc>,
    /// Where in the journey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub phase: Option<String>,
    /// By which channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub channel: Option<String>,
}

/// Questions with a fixed scale.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum FeedbackKind {
    /// Likelihood to recommend, 0 to 10.
    Nps,
    /// Satisfaction, 1 to 5.
    Csat,
    /// "Made it easy", 1 (disagree) to 7 (agree).
    Ces,
    /// Stars, 1 to 5.
    Rating,
}

impl FeedbackKind {
    /// Lowest and highest score.
    #[must_use]
    pub fn scale(self) -> (i32, i32) {
        match self {
            Self::Nps => (0, 10),
            Self::Csat | Self::Rating => (1, 5),
            Self::Ces => (1, 7),
        }
    }
}

/// A contact between a customer and the company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InteractionInput {
    /// The system that the record comes from.
    #[schema(min_length = 1, max_length = 64)]
    pub source: String,
    /// The contact's id in that system.
    #[schema(min_length = 1, max_length = 128)]
    pub external_id: String,
    /// The system that knows the customer; `source` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub customer_source: Option<String>,
    /// The customer's id there.
    #[schema(min_length = 1, max_length = 128)]
    pub customer_external_id: String,
    /// By which channel.
    #[schema(min_length = 1, max_length = 64, example = "phone")]
    pub channel: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// Seconds of an employee's time: talk, hold and wrap-up.
    #[schema(minimum = 0)]
    pub handle_seconds: i64,
    /// What came of it.
    pub outcome: Outcome,
    /// Where in the journey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub phase: Option<String>,
    /// What it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub issue: Option<String>,
}

/// What came of a contact.
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
pub enum Outcome {
    /// The customer's matter was settled.
    Resolved,
    /// It was not.
    Unresolved,
    /// The customer gave up before an employee answered.
    Abandoned,
}
