//! The register of a scenario's assumptions: what is taken to be so, by whom, since when, and how much hangs on it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::ScenarioReference;
use crate::finance::Grade;
use crate::simulator::Estimate;

/// Which assumptions of which version.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AssumptionQuery {
    /// The version; the newest when left out.
    #[param(minimum = 1, example = 1)]
    pub version: Option<u32>,
    /// Only assumptions of this grade; `D` has those without any, too: what nobody backs is stated.
    pub grade: Option<Grade>,
    /// Only so many that decide most.
    #[param(minimum = 1, maximum = 1000, example = 5)]
    pub deciding: Option<u32>,
}

/// What a scenario takes to be so, what decides most first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AssumptionRegister {
    /// Of which version.
    pub scenario: ScenarioReference,
    /// The baseline that it stands on.
    pub baseline_hash: String,
    /// Hash of scenario, baseline and engine: that of a run of this version.
    pub input_hash: String,
    /// Version of the engine.
    pub engine_version: String,
    /// Futures of each evaluation of the shares.
    pub trials: u64,
    /// Seed.
    pub seed: u64,
    /// How many assumptions there are, whatever the filter.
    #[schema(minimum = 0)]
    pub total: u32,
    /// Those asked for.
    pub items: Vec<Assumption>,
}

/// Something that is taken to be so, and is drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Assumption {
    /// Its name in results.
    #[schema(example = "initiatives.Call back.hazard")]
    pub input: String,
    /// Its place among all by how much of the variance of NPV it has a part in, from 1.
    #[schema(minimum = 1)]
    pub rank: u32,
    /// Share of the variance of NPV that it has a part in (total Sobol index, M. Jansen, 1999): shares of several can be
    /// more than 1 in sum. Of one that is drawn together with others it is theirs, too.
    pub variance_share: Estimate,
    /// What is drawn together with it, and has its rank and share.
    pub together_with: Vec<String>,
    /// Unit, for the reader; empty where it has none.
    pub unit: String,
    /// The family of its distribution.
    #[schema(example = "lognormal")]
    pub shape: String,
    /// 10 in 100 futures are below.
    pub p10: f64,
    /// Half of the futures are below.
    pub p50: f64,
    /// 90 in 100 futures are below.
    pub p90: f64,
    /// The grade of what it stands on; null where nobody gave one.
    pub grade: Option<Grade>,
    /// Whether records or people say it.
    pub origin: AssumptionOrigin,
    /// Where it comes from; empty where nobody says.
    pub source: String,
    /// The places of the scenario's text that have it; none of what comes with the baseline.
    pub used_at: Vec<String>,
    /// Who last looked whether it is still so; null where nobody has.
    pub check: Option<AssumptionCheck>,
}

/// Who says what is assumed.
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
pub enum AssumptionOrigin {
    /// The records, through the baseline.
    Records,
    /// Whoever wrote the scenario.
    Scenario,
}

/// That somebody looked whether an assumption is still so.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AssumptionCheckInput {
    /// The assumption, by its name in the register.
    #[schema(example = "initiatives.Call back.hazard")]
    pub input: String,
    /// Who answers for it.
    #[schema(min_length = 1, max_length = 200, example = "Ada Lovelace, service")]
    pub owner: String,
    /// When it was looked at.
    pub checked_on: NaiveDate,
    /// What was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 1000)]
    pub note: Option<String>,
}

/// The last time that somebody looked whether an assumption is still so. It stays with the scenario's key, whatever
/// version is written after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AssumptionCheck {
    /// Identifier.
    pub id: Uuid,
    /// The assumption.
    pub input: String,
    /// Who answers for it.
    pub owner: String,
    /// When it was looked at.
    pub checked_on: NaiveDate,
    /// What was found; null where nobody wrote it down.
    pub note: Option<String>,
    /// When that was written.
    pub recorded_at: DateTime<Utc>,
}
