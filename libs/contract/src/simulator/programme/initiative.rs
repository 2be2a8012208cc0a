//! What is done in a programme.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ProgrammeKey;

/// Something that is done in a programme.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProgrammeInitiative {
    /// What finance's budgets and entries name it by, and scenarios.
    pub key: ProgrammeKey,
    /// Names it for people.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Who stands for it; the programme's sponsor when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    pub sponsor: Option<String>,
    /// Who owns the process that it changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    pub process_owner: Option<String>,
    /// The phases of the journey that it touches, as answers and contacts name them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50)]
    pub phases: Vec<String>,
    /// The segments that it touches, by their keys; all of them when left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 200)]
    pub segments: Vec<String>,
    /// How ready the organisation is for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub readiness: Option<InitiativeReadiness>,
    /// What else is to be known of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 4000)]
    pub note: Option<String>,
}

/// Readiness of the organisation in three Ps, as scenarios have it, each with what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct InitiativeReadiness {
    /// Skills and capacity: sets how much of the effect is realised.
    pub people: ReadinessScore,
    /// Ways of working: sets how late it comes.
    pub process: ReadinessScore,
    /// Sponsorship and incentives: sets how probably it works at all.
    pub politics: ReadinessScore,
}

/// How ready, and how that is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReadinessScore {
    /// 0 (nothing) to 5 (all in place).
    #[schema(minimum = 0, maximum = 5)]
    pub score: f64,
    /// What it rests on.
    #[schema(min_length = 1, max_length = 1000)]
    pub evidence: String,
    /// The day on which it was seen.
    pub seen_on: NaiveDate,
}
