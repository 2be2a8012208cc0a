//! The library of evidence: what is known of what a change does, from where, and how far it may be believed.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Flag;
use crate::finance::Grade;

/// What somebody knows of what a change does, as it is put into the library.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EvidenceInput {
    /// Names it in scenarios, `evidence = "KEY"`: small letters, digits and hyphens.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = "^[a-z0-9]+(-[a-z0-9]+)*$",
        example = "call-backs-2025"
    )]
    pub key: String,
    /// Names it for people.
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// What it speaks of.
    pub lever: EvidenceLever,
    /// How it came to be known.
    pub study: EvidenceStudy,
    /// How large the effect is.
    pub size: EvidenceSize,
    /// How many customers (or contacts, or companies) it was learnt from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1)]
    pub n: Option<u64>,
    /// How the size was estimated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 500)]
    pub method: Option<String>,
    /// Where it can be looked up: a report, a run, a paper. Without one it is a statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 1000)]
    pub source: Option<String>,
    /// The date of the source; not after today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub source_on: Option<NaiveDate>,
    /// Who answers for it.
    #[schema(min_length = 1, max_length = 200)]
    pub owner: String,
    /// The day by which it must be looked at again.
    pub review_on: NaiveDate,
    /// What else a reader must know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 2000)]
    pub note: Option<String>,
}

impl EvidenceInput {
    /// SHA-256 of what it says, in hexadecimal.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn compute_hash(&self) -> Result<String, serde_json::Error> {
        crate::digest::of_json(self)
    }
}

/// What evidence speaks of: a lever of scenarios, with the sign that it has there.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
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
pub enum EvidenceLever {
    /// Each customer's monthly hazard of leaving: 0.09 is 9% fewer who leave.
    Hazard,
    /// Contacts per customer-month: 0.09 is 9% fewer.
    Contacts,
    /// Minutes per contact: 0.09 is 9% shorter.
    Minutes,
    /// Hours of training per person hired: 0.09 is 9% fewer.
    TrainingHours,
    /// Revenue per customer-month through more use: 0.02 is 2% more.
    Arpu,
    /// New customers per customer and month.
    Referrals,
    /// Cost of winning one customer: 0.09 is 9% less.
    Cac,
    /// Price paid for the same service: 0.02 is 2% more.
    PricePremium,
}

/// How evidence came to be known. The grade follows from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE", deny_unknown_fields)]
pub enum EvidenceStudy {
    /// Customers' own records of experience, joined to what they did later: an association.
    Link,
    /// Lots decided which of our customers were treated.
    Pilot(PilotChecks),
    /// Our customers before and after, beside others over the same time.
    DifferenceInDifferences(TrendChecks),
    /// A paper on other companies.
    PublishedStudy,
    /// Who sells something said so.
    VendorStatement,
    /// Who knows the field said so.
    ExpertStatement,
}

/// What says whether lots were drawn as planned, and the effect read as planned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PilotChecks {
    /// Sizes of both arms; without them nobody can test whether the lots were drawn as planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub arms: Option<ArmSizes>,
    /// How often the effect was looked at, by which interval.
    pub reading: EffectReading,
    /// Whether the arms were named after the start, when outcomes could be known.
    #[serde(default)]
    #[schema(default = false)]
    pub named_late: bool,
    /// In how many things known before the start the arms were apart, and not by chance.
    #[serde(default)]
    #[schema(default = 0)]
    pub things_apart: u32,
}

/// Sizes of the arms of a pilot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ArmSizes {
    /// Customers who were left alone.
    #[schema(minimum = 1)]
    pub control: u64,
    /// Customers who were treated.
    #[schema(minimum = 1)]
    pub treated: u64,
    /// The share of them that was to be treated, between 0 and 1.
    #[serde(default = "half")]
    #[schema(exclusive_minimum = 0, exclusive_maximum = 1, default = 0.5)]
    pub planned_treated_share: f64,
}

fn half() -> f64 {
    0.5
}

/// How an effect was read.
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
pub enum EffectReading {
    /// By an interval that may be looked at at any time.
    AlwaysValid,
    /// Once, at the planned end.
    PlannedEnd,
    /// Again and again, by an interval made for one look.
    ManyLooks,
}

/// What says whether treated and others went the same way before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrendChecks {
    /// Probability of trends before the start that are as different or more, if they were the same; left out
    /// where nobody could test it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 1)]
    pub pre_trend_p: Option<f64>,
    /// Whether the treated were picked for bad scores, and the others were not.
    #[serde(default)]
    #[schema(default = false)]
    pub picked_for_bad_scores: bool,
    /// Whether both sides were named after the start, when outcomes could be known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false, default = false)]
    pub named_late: bool,
}

/// How large an effect is, as a fraction: at most 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "form", rename_all = "SCREAMING_SNAKE_CASE", deny_unknown_fields)]
pub enum EvidenceSize {
    /// An estimate and its error.
    MeanSd {
        /// The estimate.
        #[schema(maximum = 1, example = 0.08)]
        mean: f64,
        /// Its standard error, above 0.
        #[schema(exclusive_minimum = 0)]
        sd: f64,
    },
    /// An interval, read as a scenario reads "low to high": lognormal where both ends are above 0, else normal.
    Interval {
        /// Lower end.
        low: f64,
        /// Upper end.
        #[schema(maximum = 1)]
        high: f64,
        /// How often such intervals hold the effect.
        #[schema(minimum = 0.5, maximum = 0.999)]
        level: f64,
    },
    /// A number of which nobody says how uncertain it is.
    Number {
        /// The number.
        #[schema(maximum = 1, example = 0.08)]
        value: f64,
    },
}

/// Evidence in the library.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Evidence {
    /// Identifier.
    pub id: Uuid,
    /// Which version this is, from 1. `evidence = "KEY@VERSION"` in a scenario refers to it for ever.
    #[schema(minimum = 1)]
    pub version: u32,
    /// SHA-256 of what it says.
    pub hash: String,
    /// What it says.
    pub statement: EvidenceInput,
    /// How far it may be believed: by rule, from `study`, `source` and `size`. Nobody types it.
    pub grade: Grade,
    /// Why, in the order in which it was asked; the first is what the study is.
    pub reasons: Vec<GradeReason>,
    /// Why it was withdrawn; null where it holds. No new run may refer to what was withdrawn.
    pub withdrawn: Option<String>,
    /// The pilot whose records it was computed from; null where somebody stated it.
    pub pilot_id: Option<Uuid>,
    /// What a reader must know, such as that its review is overdue.
    pub quality_flags: Vec<Flag>,
    /// When this version was written.
    pub recorded_at: DateTime<Utc>,
}

/// Why evidence has its grade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GradeReason {
    /// What programs tell it by.
    pub code: GradeReasonCode,
    /// The sentence for people, with the figures behind it.
    pub detail: String,
}

/// Why evidence has its grade, for programs. New ones may come.
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
pub enum GradeReasonCode {
    /// Lots decided who was treated.
    Randomised,
    /// The arms have the sizes planned.
    SampleRatioHeld,
    /// The arms' sizes were not tested.
    SampleRatioUntested,
    /// The arms' sizes are strange for lots drawn as planned.
    SampleRatioDoubtful,
    /// The arms' sizes are no lots drawn as planned.
    SampleRatioMismatch,
    /// The arms were different before the start, and not by chance.
    ArmsApart,
    /// The arms were named when outcomes could be known.
    NamedLate,
    /// Looked at again and again by an interval that is made for one look.
    LookedTooOften,
    /// Others were compared over the same time.
    Compared,
    /// Nothing speaks against parallel trends before.
    TrendsHeld,
    /// The sides went different ways before.
    TrendsBroken,
    /// Nobody could test the trends before.
    TrendsUntestable,
    /// Picked for bad scores, which get better by themselves.
    RegressesToTheMean,
    /// What goes together on the company's own records need not be a cause.
    Association,
    /// Learnt from other companies.
    OtherCompany,
    /// Somebody said so.
    Stated,
    /// Nothing that it could be looked up in.
    NoSource,
    /// Nobody says how uncertain it is.
    NoError,
}

/// Why evidence is withdrawn.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WithdrawalInput {
    /// For who finds it in a scenario.
    #[schema(min_length = 1, max_length = 1000)]
    pub reason: String,
}

crate::page::list_query! {
    /// Which evidence.
    EvidenceQuery {
        /// Only evidence of this lever.
        lever: Option<EvidenceLever>,
        /// Also what was withdrawn (default false).
        #[param(default = false)]
        include_withdrawn: Option<bool>,
    }
}
