//! Pilots: who is treated and who is left alone, and what came of it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::evidence::GradeReason;
use crate::Flag;
use crate::feed::CustomerKey;
use crate::finance::Grade;
use crate::statistic::Interval;

/// A pilot to be started: lots decided which customers are treated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PilotInput {
    /// Names it, and the evidence that comes of it: small letters, digits and hyphens.
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
    /// What it is to change.
    pub outcome: PilotOutcome,
    /// The first day of treatment; for `CONTACTS` the first of a month, since contacts are counted by months.
    pub starts_on: NaiveDate,
    /// The planned last day; for `CONTACTS` the last of a month.
    pub ends_on: NaiveDate,
    /// The smallest relative fall that would be worth finding, between 0 and 1.
    #[schema(exclusive_minimum = 0, exclusive_maximum = 1, example = 0.1)]
    pub smallest_effect: f64,
    /// How many leave, or contacts there are, per customer-month without treatment, as far as it is known now.
    #[schema(exclusive_minimum = 0, example = 0.02)]
    pub expected_per_month: f64,
    /// For `CONTACTS`: the standard deviation over customers of contacts per month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, exclusive_minimum = 0)]
    pub expected_sd: Option<f64>,
    /// How often it will be looked at, the end included.
    #[serde(default = "weekly")]
    #[schema(minimum = 1, maximum = 366, default = 26)]
    pub looks: u32,
    /// The share of customers for whom lots were to say "treated".
    #[serde(default = "half")]
    #[schema(exclusive_minimum = 0, exclusive_maximum = 1, default = 0.5)]
    pub planned_treated_share: f64,
    /// Who is left alone.
    #[schema(min_items = 2, max_items = 200_000)]
    pub control: Vec<CustomerKey>,
    /// Who is treated.
    #[schema(min_items = 2, max_items = 200_000)]
    pub treated: Vec<CustomerKey>,
}

fn weekly() -> u32 {
    26
}

fn half() -> f64 {
    0.5
}

/// What a pilot is to change.
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
pub enum PilotOutcome {
    /// Leaving, per month under observation: evidence of the lever `HAZARD`.
    Leaving,
    /// Contacts per customer-month: evidence of the lever `CONTACTS`.
    Contacts,
}

/// A pilot. Its arms name customers, and are shown to nobody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Pilot {
    /// Identifier.
    pub id: Uuid,
    /// Names it, and the evidence that comes of it.
    pub key: String,
    /// Names it for people.
    pub title: String,
    /// What it is to change.
    pub outcome: PilotOutcome,
    /// The first day of treatment.
    pub starts_on: NaiveDate,
    /// The planned last day.
    pub ends_on: NaiveDate,
    /// The smallest relative fall that would be worth finding.
    pub smallest_effect: f64,
    /// The share of customers for whom lots were to say "treated".
    pub planned_treated_share: f64,
    /// How many are left alone.
    pub control: u64,
    /// How many are treated.
    pub treated: u64,
    /// What it can find.
    pub power: PilotPower,
    /// What a reader must know, such as that its arms were named after it had begun.
    pub quality_flags: Vec<Flag>,
    /// When its arms were named.
    pub recorded_at: DateTime<Utc>,
}

/// How often a pilot finds the smallest effect worth finding by its planned end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PilotPower {
    /// By one look, at the end.
    pub single_look: f64,
    /// By the interval that may be looked at at any time, at one of the looks.
    pub always_valid: f64,
    /// How often the interval for one look would exclude no effect at one of the looks where there is none: why
    /// it must not be looked at twice.
    pub false_alarms_of_single_look: f64,
    /// The smallest relative fall that is found in 80 of 100 cases by the always-valid interval; null where even
    /// 85% would not be found.
    pub findable_effect: Option<f64>,
}

/// Until when a pilot is read.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PilotReadingInput {
    /// The last day whose facts count; not after today. For `CONTACTS` the last of a month.
    pub as_of: NaiveDate,
}

/// A pilot as it stood on a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PilotReading {
    /// Identifier.
    pub id: Uuid,
    /// The pilot.
    pub pilot_key: String,
    /// The last day whose facts count: that of the order, or the pilot's planned end.
    pub as_of: NaiveDate,
    /// Who was left alone.
    pub control: PilotArm,
    /// Who was treated.
    pub treated: PilotArm,
    /// Whether the arms have the sizes planned: to be looked at before the effect.
    pub sample_ratio: SampleRatioCheck,
    /// Whether the arms were alike before the start.
    pub balances: Vec<BalanceCheck>,
    /// The effect, treated less control: `LEAVING` a log rate ratio, `CONTACTS` contacts per customer-month.
    pub effect: f64,
    /// The interval that may be looked at at any time; null while too little is in.
    pub always_valid: Option<Interval>,
    /// Share of the planned information that is in; null while too little is in.
    pub information: Option<f64>,
    /// The interval for one look, right at the planned end only.
    pub single_look: Interval,
    /// The same effect as scenarios have it: a relative fall, with its standard error.
    pub relative_fall: RelativeFall,
    /// The grade that its evidence would earn.
    pub grade: Grade,
    /// Why.
    pub reasons: Vec<GradeReason>,
    /// When it was read.
    pub recorded_at: DateTime<Utc>,
}

/// One arm of a pilot on a day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PilotArm {
    /// Customers who were named for it.
    pub named: u64,
    /// Of these, who were under observation since the start.
    pub observed: u64,
    /// Months that they were under observation.
    pub months: f64,
    /// Who left, or contacts there were.
    pub outcomes: u64,
    /// Outcomes per customer-month.
    pub per_month: f64,
}

/// Whether the arms have the sizes planned.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SampleRatioCheck {
    /// Probability of such sizes or stranger ones, if lots are drawn as planned.
    pub p: f64,
    /// What follows.
    pub verdict: SampleRatioWord,
}

/// What the sizes of the arms say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SampleRatioWord {
    /// As planned, `p ≥ 0.01`.
    Held,
    /// `0.001 ≤ p < 0.01`: find out how customers came into the arms before the effect is read.
    Doubtful,
    /// `p < 0.001`: the effect must not be read.
    Mismatch,
}

/// Whether the arms were alike in one thing known before the start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BalanceCheck {
    /// Which thing.
    pub thing: BalancedThing,
    /// Treated less control, in standard deviations; alike up to 0.1.
    pub difference: f64,
    /// Probability of such a difference or a larger one by chance.
    pub p: f64,
    /// Whether they were apart, and not by chance.
    pub apart: bool,
}

/// What was known of customers before the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BalancedThing {
    /// Days since they became customers.
    Tenure,
    /// Contacts in the three calendar months before the month of the start.
    ContactsBefore,
}

/// An effect as scenarios have it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RelativeFall {
    /// The estimate: 0.09 is 9% fewer.
    pub mean: f64,
    /// Its standard error.
    pub sd: f64,
}

/// How a pilot becomes evidence.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PilotConclusionInput {
    /// Who answers for the evidence.
    #[schema(min_length = 1, max_length = 200)]
    pub owner: String,
    /// The day by which it must be looked at again.
    pub review_on: NaiveDate,
    /// What else a reader must know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 2000)]
    pub note: Option<String>,
}

crate::page::list_query! {
    /// Which pilots.
    PilotQuery {
        /// Only pilots of this outcome.
        outcome: Option<PilotOutcome>,
    }
}

crate::page::list_query! {
    /// Which readings of a pilot.
    PilotReadingQuery {}
}
