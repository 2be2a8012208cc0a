//! What came of a pilot by a day.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Currency;
use crate::finance::{ConversionRate, Grade};
use crate::simulator::{EvidenceLever, GradeReason};
use crate::statistic::Interval;

/// Until when a pilot is read.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PilotReadingInput {
    /// The last day whose facts count; not after today. For all but `LEAVING` the last of a month.
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
    /// Who was left alone; of `STAGGERED` the last wave.
    pub control: PilotArm,
    /// Who was treated; of `STAGGERED` the waves before the last, from the first start on.
    pub treated: PilotArm,
    /// Whether the arms have the sizes planned: to be looked at before the effect. Null where no lots were drawn.
    pub sample_ratio: Option<SampleRatioCheck>,
    /// Of `COMPARED` and `STAGGERED`, whether both sides went the same way before the start: to be looked at before the effect. Null
    /// of `RANDOMISED`.
    pub pre_trend: Option<PreTrendCheck>,
    /// Whether the arms were alike before the start.
    pub balances: Vec<BalanceCheck>,
    /// Of `SCORE` and `COMPARED`, where the treated were picked for bad scores: what they rose by beyond others who had scored
    /// the same. Left out where they were not picked, and where too few of either side have a score in common.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub regression: Option<RegressionCheck>,
    /// The effect, treated less control: `LEAVING` a log rate ratio; `CONTACTS` contacts and `REVENUE` amounts per
    /// customer-month; `MINUTES` minutes per contact; `SCORE` points of the mean score. Of `COMPARED` the difference of
    /// customers' own changes from the months before, each counted by what is in of the customer since the start; of
    /// `STAGGERED` its mean over all customer-months of treatment, each beside who is not yet treated in that month.
    pub effect: f64,
    /// The interval that may be looked at at any time; null while too little is in.
    pub always_valid: Option<Interval>,
    /// Share of the planned information that is in; null while too little is in.
    pub information: Option<f64>,
    /// The interval for one look, right at the planned end only.
    pub single_look: Interval,
    /// The same effect as a share of what is without treatment, with its standard error: above 0 is a fall.
    pub relative_fall: RelativeFall,
    /// The same effect as scenarios and evidence have it, with the sign of its lever; null of `SCORE`, which is no
    /// lever, since a score pays nothing by itself.
    pub lever_effect: Option<LeverEffect>,
    /// Of `REVENUE`: the currency of the amounts; null of others.
    pub currency: Option<Currency>,
    /// The rates by which revenue in other currencies was converted; left out where none was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub rates: Vec<ConversionRate>,
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
    /// Who left (`LEAVING`), contacts there were (`CONTACTS`, `MINUTES`), who was charged anything (`REVENUE`), scores
    /// that were given (`SCORE`).
    pub outcomes: u64,
    /// Outcomes per customer-month.
    pub per_month: f64,
    /// What the arms are compared in: who leave, contacts or revenue per customer-month, minutes per contact, the mean
    /// score; null in looks that were kept by versions before it was told.
    pub mean: Option<f64>,
    /// Of `COMPARED` and `STAGGERED`: the same in the months before the start; null of others, and where nothing was in then.
    pub before: Option<f64>,
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

/// Whether treated and comparison went the same way before the start: the difference of the mean slopes of customers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PreTrendCheck {
    /// Difference of slopes by month, treated less comparison, in the outcome's unit; null with too little before.
    pub slope: Option<f64>,
    /// Probability of such ways or more different ones, if they are the same; null with too little before.
    pub p: Option<f64>,
    /// How far off the effect would be, had a difference of ways gone on that the test finds in 80 of 100 cases: hold
    /// it against the effect. Null with too little before.
    pub undetected_bias: Option<f64>,
    /// What follows.
    pub verdict: PreTrendWord,
}

/// What the months before say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PreTrendWord {
    /// Nothing speaks against the same way, `p ≥ 0.05`.
    Held,
    /// They went different ways: the difference since is not the treatment's.
    Broken,
    /// With one month before nobody can tell.
    Untestable,
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

/// What customers picked for bad scores rose by, beside others who had scored the same, to the nearest whole point, and were
/// left alone: such get better by themselves (Davis, American Journal of Epidemiology 104, 1976). A customer's rise is the mean
/// score of the first month since the start in which one was given, less that of the last month before; rises of each score count
/// by how many of the treated have it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RegressionCheck {
    /// Customers left alone whom they are compared with.
    pub control: u64,
    /// Customers treated who are compared: with a score before and one since.
    pub treated: u64,
    /// Others of them, for whom fewer than two left alone had scored the same.
    pub unmatched: u64,
    /// What those left alone rose by, in points of the score.
    pub rise_of_control: f64,
    /// What the treated rose by, in points of the score.
    pub rise_of_treated: f64,
    /// The difference, which is all that the treatment may claim.
    pub effect: f64,
    /// Its interval, for one look.
    pub interval: Interval,
}

/// An effect as a share of what is without treatment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RelativeFall {
    /// The estimate: 0.09 is 9% less, −0.02 is 2% more.
    pub mean: f64,
    /// Its standard error.
    pub sd: f64,
}

/// An effect as scenarios and evidence have it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LeverEffect {
    /// What it moves.
    pub lever: EvidenceLever,
    /// The estimate, with the lever's sign: of `CONTACTS` 0.09 is 9% fewer, of `ARPU` 0.02 is 2% more.
    pub mean: f64,
    /// Its standard error.
    pub sd: f64,
}
