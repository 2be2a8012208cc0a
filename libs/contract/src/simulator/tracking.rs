//! What was forecast when a version was approved, held against what records count since.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

mod next;

pub use next::{CarriedInput, LeftInput, NextScenario, NextScenarioInput};

use super::approval::{ForecastName, ForecastPoint};
use super::backtest::Coverage;
use super::baseline::FeedReference;
use super::scenario::ScenarioReference;
use crate::feed::recorded_day;
use crate::finance::Grade;
use crate::{Flag, Month, ProgrammeKey};

/// What to hold against a frozen forecast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrackingInput {
    /// Which version; the last one that was approved when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1)]
    pub version: Option<u32>,
    /// The last day that counts: the last day of a month that is over.
    #[serde(deserialize_with = "recorded_day")]
    pub until: NaiveDate,
    /// Under which keys finance books what the programme costs; those that the approved scenario's initiatives name when
    /// left out. Where there is none, what was spent is held against nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, max_items = 50, example = json!(["service-recovery"]))]
    pub programmes: Vec<ProgrammeKey>,
    /// The first month of a year, 1 to 12: 4 for years that begin in April. Years are named by the calendar year in which
    /// they begin.
    #[serde(default = "january", skip_serializing_if = "is_january")]
    #[schema(minimum = 1, maximum = 12, default = 1)]
    pub year_begins: u32,
}

fn january() -> u32 {
    1
}

fn is_january(month: &u32) -> bool {
    *month == 1
}

impl TrackingInput {
    /// The last approved version, in calendar years.
    #[must_use]
    pub fn new(until: NaiveDate) -> Self {
        Self {
            version: None,
            until,
            programmes: Vec::new(),
            year_begins: january(),
        }
    }
}

/// A month of a figure, and its forecast.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrackedMonth {
    /// What records count.
    pub actual: f64,
    /// What was forecast of the month.
    pub forecast: ForecastPoint,
    /// How far off the forecast was: the weighted interval score of its median and its bands of 50, 80 and 95%, in the
    /// figure's unit (Bracher and others, PLOS Computational Biology 17, 2021). It comes near to the continuous ranked
    /// probability score, and is the distance where the forecast is one number.
    pub score: f64,
}

/// A figure that records count, month by month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrackedFigure {
    /// Which.
    pub figure: ForecastName,
    /// Its unit: `customers`, `contacts`, or the currency.
    #[schema(example = "customers")]
    pub unit: String,
    /// How many months lay within bands of 50, 80 and 95%. Months of one company share its errors, so that an interval is
    /// not told.
    pub coverage: Vec<Coverage>,
    /// Mean of the months' scores.
    pub score: f64,
    /// Sum of the months over the sum of their expectations, minus 1; of customers at the month's end their mean.
    pub bias: Option<f64>,
    /// The first month that left the band that at most one future of twenty leaves at any time; null where none did, and
    /// of forecasts that were frozen without that band.
    pub drifted_since: Option<Month>,
    /// By month.
    pub months: Vec<TrackedMonth>,
}

/// What moves the result of a month off its forecast.
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
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum VarianceDriver {
    /// More or fewer customers than expected, each bringing and costing what was expected.
    Customers,
    /// Revenue per customer-month.
    Price,
    /// Contacts per customer-month.
    Rate,
    /// Cost per contact.
    ContactCost,
    /// All other costs per customer-month: of what is sold, of overhead, of winning customers.
    OtherCost,
    /// What the programme costs; only where it is told under which names finance books that.
    Programme,
}

/// What one driver moved.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VarianceStep {
    /// Which.
    pub driver: VarianceDriver,
    /// What it expected to be: customer-months, money per customer-month, contacts per customer-month, money per contact,
    /// or money.
    pub expected: f64,
    /// What it was.
    pub actual: f64,
    /// By how much the result is better for it; negative is worse. In the currency.
    pub moved: f64,
}

/// From the result that was expected of some months to the one that came: revenue less costs, before tax. The steps add up
/// to the difference; where figures multiply, what they moved together is shared evenly between them (Shapley 1953).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VarianceBridge {
    /// The year in which they begin; null of all months together.
    #[schema(example = 2025)]
    pub year: Option<i32>,
    /// Months with revenue and costs on record: others count on neither side.
    pub months: u32,
    /// Means of the forecast, added up.
    pub expected: f64,
    /// What came.
    pub actual: f64,
    /// By driver.
    pub steps: Vec<VarianceStep>,
}

/// What the programme cost, against its plan and its budget.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrackedSpending {
    /// Its key in finance's books.
    pub programme: ProgrammeKey,
    /// The newest version of its budget; null where there is no budget.
    pub budget_version: Option<u32>,
    /// Budget of the months that are tracked; null where there is none.
    pub budgeted: Option<f64>,
    /// What was spent in them.
    pub spent: f64,
    /// Spent at any time by entries that name the programme and no kind of money; it is not in `spent`, and 0 where the books
    /// are in order.
    pub without_line: f64,
}

/// What is believed of a number.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Belief {
    /// Its mean.
    pub mean: f64,
    /// One in ten that it is less.
    pub p10: f64,
    /// As likely less as more.
    pub p50: f64,
    /// One in ten that it is more.
    pub p90: f64,
}

/// What is believed of an input before and after months were counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UpdatedBelief {
    /// The input.
    #[schema(example = "initiatives.Call back.hazard")]
    pub input: String,
    /// Its unit.
    pub unit: String,
    /// The evidence it was believed on before, where that is said.
    pub grade: Option<Grade>,
    /// Before: what the approved version says.
    pub prior: Belief,
    /// After, by Bayes' rule.
    pub posterior: Belief,
}

/// What is believed of an effect before and after months were counted: of its size and its causal share together, which is
/// all that months tell of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UpdatedEffect {
    /// As its size is called among inputs.
    #[schema(example = "initiatives.Call back.hazard")]
    pub effect: String,
    /// Its initiative.
    #[schema(example = "Call back")]
    pub initiative: String,
    /// Its place among the effects of the initiative, from 0.
    #[schema(minimum = 0)]
    pub place: u32,
    /// The inputs that make it: its size and its causal share, as far as they are uncertain.
    pub inputs: Vec<String>,
    /// Whether it was thought possible that it harms.
    pub may_harm: bool,
    /// Size, as wide as the grade of its evidence makes it and at most 1, times causal share, where the initiative works;
    /// before. Null where it works in fewer than 200 futures, or another initiative has a say in whether it does.
    pub prior: Option<Belief>,
    /// The same after, by Bayes' rule.
    pub posterior: Option<Belief>,
}

/// The chance that an initiative works, before and after months were counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UpdatedSuccess {
    /// The initiative.
    #[schema(example = "Call back")]
    pub initiative: String,
    /// As whether it works is called among inputs.
    #[schema(example = "initiatives.Call back.success")]
    pub input: String,
    /// Before, 0 to 1.
    pub prior: f64,
    /// After.
    pub posterior: f64,
}

/// What months tell of what the scenario takes to be so, by Bayes' rule: futures of what was approved are led to where what was
/// counted is likely (a sequential Monte Carlo sampler). It tells effects from the company's own rates as far as the model does, and is no
/// experiment: what happened at the same time for another reason counts as the effect's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Learnt {
    /// Futures that were followed.
    pub futures: u64,
    /// So many of them differ in the end: the fewer, the coarser the quantiles.
    pub different_futures: u64,
    /// Inputs of what would be done, in the order of the scenario.
    pub inputs: Vec<UpdatedBelief>,
    /// Effects as they act, which is what a next scenario begins with; empty in trackings of releases that did not tell.
    #[serde(default)]
    #[schema(required = true)]
    pub effects: Vec<UpdatedEffect>,
    /// Initiatives that may fail.
    #[serde(default)]
    #[schema(required = true)]
    pub successes: Vec<UpdatedSuccess>,
    /// The programme's net present value within the horizon, before, in the currency of the result.
    pub npv_prior: Belief,
    /// The same after.
    pub npv_posterior: Belief,
    /// The chance that it is below zero, before: 0 to 1.
    pub loss_prior: f64,
    /// The same after.
    pub loss_posterior: f64,
}

/// What tracking found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrackingReport {
    /// In a sentence that follows the figures.
    pub words: String,
    /// The version whose forecast was frozen.
    pub scenario: ScenarioReference,
    /// The run it was forecast with.
    pub run_id: Uuid,
    /// The baseline it stands on.
    pub baseline_hash: String,
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// The first month: the one after the baseline's day.
    pub from: Month,
    /// The last one.
    pub to: Month,
    /// Coverage over figures and months.
    pub coverage: Vec<Coverage>,
    /// By figure.
    pub figures: Vec<TrackedFigure>,
    /// Of all months together, then by year where there are several.
    pub bridges: Vec<VarianceBridge>,
    /// By name of the programme in finance's books.
    pub spending: Vec<TrackedSpending>,
    /// What the months tell of the scenario's effects; null where they tell nothing, which a flag says the reason of.
    pub learnt: Option<Learnt>,
    /// The feeds that records were read from.
    pub sources: Vec<FeedReference>,
    /// What a reader must know before using it.
    pub quality_flags: Vec<Flag>,
}

/// A tracking without its figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrackingSummary {
    /// Identifier.
    pub id: Uuid,
    /// The version whose forecast was held against records.
    pub scenario: ScenarioReference,
    /// The last day that counted.
    pub until: NaiveDate,
    /// Whether a figure left the band that at most one future of twenty leaves.
    pub has_drifted: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A tracking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Tracking {
    /// Which.
    pub summary: TrackingSummary,
    /// What it found.
    pub report: TrackingReport,
}

crate::page::list_query! {
    /// Which trackings.
    TrackingQuery {
        /// Only those of this version.
        #[param(minimum = 1)]
        version: Option<u32>,
    }
}
