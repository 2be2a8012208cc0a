//! What stands between a scenario and its approval.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a finding of the gate is, for programs. New ones may come.
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
pub enum GateCode {
    /// Nobody carries an initiative.
    NoSponsor,
    /// Nobody owns the process that an initiative changes.
    NoProcessOwner,
    /// The baseline is older than the policy allows.
    BaselineOld,
    /// Evidence was to be looked at again by a day that has passed.
    EvidenceOverdue,
    /// The verdict is of something else than the scenario says, or of nothing.
    LintError,
    /// Of no initiative can anything come.
    NoVerdict,
    /// The run has fewer futures than the policy asks for.
    FewFutures,
    /// A loss is more likely than the policy allows for a programme of that cost.
    LossLikely,
    /// The discount rate can be lower than the policy allows.
    DiscountRateLow,
}

/// Something that stands between a scenario and its approval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GateFinding {
    /// By which it is overridden: its code, and its place in the scenario where it has one.
    #[schema(example = "no_sponsor@initiatives[0]")]
    pub name: String,
    /// What it is.
    pub code: GateCode,
    /// What is there, with its figures.
    pub what: String,
    /// What to do about it.
    pub way_out: String,
    /// The figure that crosses a threshold of the policy: months, futures or a fraction; null where none does.
    pub figure: Option<f64>,
    /// The threshold.
    pub threshold: Option<f64>,
}

/// A finding that shall not stand in the way, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GateException {
    /// The finding's name.
    #[schema(
        min_length = 1,
        max_length = 300,
        example = "no_sponsor@initiatives[0]"
    )]
    pub finding: String,
    /// Why: it stays in the record.
    #[schema(min_length = 1, max_length = 1000)]
    pub reason: String,
}
