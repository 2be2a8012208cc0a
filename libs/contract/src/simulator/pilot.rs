//! Pilots: who is treated and who is left alone, and what came of it.

mod assignment;
mod design;
mod outcome;
mod reading;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::experience::FeedbackKind;
use crate::feed::CustomerKey;
use crate::{Currency, Flag};

pub use assignment::PilotAssignment;
pub use design::{PilotDesign, PilotWave, PilotWaveSize};
pub use outcome::PilotOutcome;
pub use reading::{
    BalanceCheck, BalancedThing, LeverEffect, PilotArm, PilotReading, PilotReadingInput,
    PreTrendCheck, PreTrendWord, RegressionCheck, RelativeFall, SampleRatioCheck, SampleRatioWord,
};

/// A pilot to be started: some customers are treated, and others are not.
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
    /// How the treated are held against others.
    #[serde(default)]
    #[schema(default = "RANDOMISED")]
    pub design: PilotDesign,
    /// For `COMPARED` and `STAGGERED`: in how many calendar months before the start each customer is looked at; 6 when left out. With
    /// one, nobody can test whether both sides went the same way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, maximum = 36)]
    pub months_before: Option<u32>,
    /// For `COMPARED` and `STAGGERED`: whether the treated were picked for bad scores, and the others were not; such get better by
    /// themselves, so that the grade is lower.
    #[serde(default)]
    #[schema(default = false)]
    pub picked_for_bad_scores: bool,
    /// For `SCORE`: which kind of score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub score: Option<FeedbackKind>,
    /// For `REVENUE`: the currency to convert into, at finance's rate of each month; left out, amounts are taken as
    /// they were booked, and must be of one currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub currency: Option<Currency>,
    /// The first day of treatment; for all but `LEAVING` the first of a month, since they are counted by months.
    pub starts_on: NaiveDate,
    /// The planned last day; for all but `LEAVING` the last of a month.
    pub ends_on: NaiveDate,
    /// The smallest relative change that would be worth finding, between 0 and 1: a fall, but of `REVENUE` and
    /// `SCORE` a rise.
    #[schema(exclusive_minimum = 0, exclusive_maximum = 1, example = 0.1)]
    pub smallest_effect: f64,
    /// What the outcome is without treatment, as far as it is known now: who leave, contacts or revenue per
    /// customer-month; minutes per contact; the mean score.
    #[schema(exclusive_minimum = 0, example = 0.02)]
    pub expected_per_month: f64,
    /// For all but `LEAVING`: the standard deviation of the same over customers; where each is held against their months before, that of their changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, exclusive_minimum = 0)]
    pub expected_sd: Option<f64>,
    /// How often it will be looked at, the end included.
    #[serde(default = "weekly")]
    #[schema(minimum = 1, maximum = 366, default = 26)]
    pub looks: u32,
    /// The share of customers for whom lots were to say "treated", or a wave before the last. Left out: half of them; of
    /// waves, those before the last if all are of one size; with `assign`, its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, exclusive_minimum = 0, exclusive_maximum = 1)]
    pub planned_treated_share: Option<f64>,
    /// A rule that draws the lots, in place of `control` and `treated`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub assign: Option<PilotAssignment>,
    /// For `STAGGERED`: the waves, in the order of their starts; the first starts on `starts_on`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(min_items = 2, max_items = 36)]
    pub waves: Vec<PilotWave>,
    /// For `STAGGERED`: whether lots decided who is in which wave.
    #[serde(default)]
    #[schema(default = false)]
    pub waves_by_lot: bool,
    /// Who is left alone; needed unless a rule draws the lots or there are waves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(min_items = 2, max_items = 200_000)]
    pub control: Vec<CustomerKey>,
    /// Who is treated; needed unless a rule draws the lots or there are waves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(min_items = 2, max_items = 200_000)]
    pub treated: Vec<CustomerKey>,
}

fn weekly() -> u32 {
    26
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
    /// How the treated are held against others.
    pub design: PilotDesign,
    /// Of `COMPARED` and `STAGGERED`: how many months before the start are looked at; null of others.
    pub months_before: Option<u32>,
    /// Whether the treated were picked for bad scores, and the others were not.
    pub picked_for_bad_scores: bool,
    /// Of `SCORE`: which kind of score; null of others.
    pub score: Option<FeedbackKind>,
    /// Of `REVENUE`: the currency that amounts are converted into; null where they are taken as booked.
    pub currency: Option<Currency>,
    /// The first day of treatment.
    pub starts_on: NaiveDate,
    /// The planned last day.
    pub ends_on: NaiveDate,
    /// The smallest relative change that would be worth finding: a fall, but of `REVENUE` and `SCORE` a rise.
    pub smallest_effect: f64,
    /// The share of customers for whom lots were to say "treated".
    pub planned_treated_share: f64,
    /// The rule that drew the lots; null where customers were named.
    pub assign: Option<PilotAssignment>,
    /// Of `STAGGERED`: the waves; empty for others.
    pub waves: Vec<PilotWaveSize>,
    /// Whether lots decided who is in which wave.
    pub waves_by_lot: bool,
    /// How many are left alone, or in the last wave.
    pub control: u64,
    /// How many are treated, or in the waves before the last.
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
    /// The smallest relative change that is found in 80 of 100 cases by the always-valid interval; null where even
    /// 85% would not be found.
    pub findable_effect: Option<f64>,
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
