//! What is asked of a kept run, on the futures that it drew.

mod pilot;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::case::InputSwing;
use super::result::{Estimate, IdleInitiative};

pub use pilot::{PilotQuestion, PilotSizeWorth, PilotWorth};

/// A question to a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct QuestionInput {
    /// What is asked.
    pub question: AskedQuestion,
}

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE", deny_unknown_fields)]
pub enum AskedQuestion {
    /// Why is it what it is: what decides it, what would change it, what to pilot first, which initiative earns it, and
    /// what waiting a year would do.
    Explanation,
    /// At which value of one thing is a goal met?
    BreakEven(BreakEvenQuestion),
    /// Which initiatives does a budget pay for best?
    Portfolio(PortfolioQuestion),
    /// What is it worth to know several inputs at once, before deciding?
    Information(InformationQuestion),
    /// What is a pilot of an effect worth by its size, before deciding?
    Pilot(PilotQuestion),
}

/// At which value of one thing a goal is met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BreakEvenQuestion {
    /// What is turned: an input by its name, `causal share` for that of all effects, or what the scenario chooses, such as
    /// `horizon`.
    #[schema(example = "causal share", max_length = 200)]
    pub driver: String,
    /// What is wanted: the mean of an outcome as in `npv = 100000`, or the chance of a loss as in `loss = 10%`. That it pays on
    /// average when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "loss = 10%", max_length = 200)]
    pub goal: Option<String>,
}

/// Which initiatives a budget pays for best.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PortfolioQuestion {
    /// What may be spent a year from the decision, in whole units of the run's currency.
    #[schema(minimum = 0, example = 250_000)]
    pub budget_per_year: u64,
}

/// What it is worth to know several inputs at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InformationQuestion {
    /// What would be studied together.
    #[schema(min_items = 1, max_items = 20)]
    pub groups: Vec<InputGroup>,
}

/// Inputs that one study would tell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InputGroup {
    /// What the study is called.
    #[schema(example = "call-back pilot", min_length = 1, max_length = 200)]
    pub name: String,
    /// The inputs, by their names in the run.
    #[schema(min_items = 1, max_items = 12, example = json!(["initiatives.Call back.hazard"]))]
    pub inputs: Vec<String>,
}

/// A question without its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct QuestionSummary {
    /// Identifier.
    pub id: Uuid,
    /// The run.
    pub run_id: Uuid,
    /// What was asked.
    pub question: AskedQuestion,
    /// When it was answered.
    pub created_at: DateTime<Utc>,
}

/// A question with its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Question {
    /// Which.
    pub summary: QuestionSummary,
    /// What came of it.
    pub report: QuestionReport,
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct QuestionReport {
    /// In a sentence that follows the figures.
    pub words: String,
    /// Futures that it was asked of: the run's first ones, 8,192 at most.
    pub trials: u64,
    /// Their seed.
    pub seed: u64,
    /// The engine that drew them.
    pub engine_version: String,
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// The answer.
    pub answer: QuestionAnswer,
}

/// An answer, of the kind of its question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum QuestionAnswer {
    /// Why it is what it is.
    Explanation(Box<Explanation>),
    /// Where the goal is met.
    BreakEven(BreakEven),
    /// The choices among which money can decide.
    Portfolio(PortfolioFrontier),
    /// What knowing is worth.
    Information(GroupInformation),
    /// What a pilot is worth.
    Pilot(PilotWorth),
}

/// Why a result is what it is, and what to do next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Explanation {
    /// Why there is no verdict: of every initiative that is said to change something, nothing can come.
    pub no_verdict: Vec<IdleInitiative>,
    /// Mean net present value: go if it is above 0.
    pub expected_npv: Estimate,
    /// Share of futures that lose money.
    pub npv_negative: Estimate,
    /// Expected value of perfect information: what deciding now about the whole risks.
    pub evpi: Estimate,
    /// The swing of NPV with each input, widest first.
    pub tornado: Vec<InputSwing>,
    /// How far the mean NPV swings with what the scenario chooses rather than draws, widest first.
    pub settings: Vec<SettingSwing>,
    /// How NPV moves with each input, strongest first.
    pub rank_correlations: Vec<InputCorrelation>,
    /// How the variance of NPV divides, largest total first.
    pub sobol_indices: Vec<VarianceShare>,
    /// Where the mean NPV is 0: the causal share of all effects, what is chosen, then the inputs with the widest swings.
    pub break_even: Vec<BreakEven>,
    /// What knowing each input is worth, most first.
    pub information: Vec<InputInformation>,
    /// What a pilot of each effect is worth before its cost, most first.
    pub pilots: Vec<PilotInformation>,
    /// Which initiative earns it; null with more than ten initiatives.
    pub attribution: Option<Vec<Contribution>>,
    /// What the mean NPV is beyond the sum of every initiative alone: the step of a waterfall that begins with each one's
    /// `alone` and ends on `expected_npv`. Below 0 where initiatives do the same thing, above it where one makes another
    /// possible. Null with more than ten initiatives, and in answers that were kept by versions before it was told.
    pub overlap: Option<Estimate>,
    /// What the programme does to the lifetime value of a customer who is won. Null where nobody ever is, and in answers that
    /// were kept by versions before it was told.
    pub lifetime: Option<LifetimeEffect>,
    /// What starting a year later would do; null where that would be beyond the horizon.
    pub waiting: Option<Waiting>,
}

/// Mean NPV at either end of what may be chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SettingSwing {
    /// What is chosen, as a break-even is asked for it.
    #[schema(example = "horizon")]
    pub setting: String,
    /// The lower end of what was tried.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// Mean NPV at the lower end.
    pub at_low: Estimate,
    /// Mean NPV at the upper end.
    pub at_high: Estimate,
}

/// How NPV moves with an input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct InputCorrelation {
    /// The input.
    pub input: String,
    /// Spearman's rank correlation, −1 to 1.
    pub correlation: Estimate,
}

/// How much of NPV's variance goes with a factor (Sobol indices).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VarianceShare {
    /// The input, or the inputs that move together.
    pub inputs: Vec<String>,
    /// Share of the variance that goes with it alone.
    pub first_order: Estimate,
    /// Share of the variance that it has any part in.
    pub total: Estimate,
}

/// Where a goal is met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BreakEven {
    /// In a sentence.
    pub words: String,
    /// What was turned.
    pub driver: String,
    /// What was wanted.
    #[schema(example = "npv = 0")]
    pub goal: String,
    /// The range that was searched: of an input all but a thousandth at each end.
    pub range: [f64; 2],
    /// The goal's figure at either end.
    pub at_ends: [Estimate; 2],
    /// Values at which the goal is met, ascending; none where it is met nowhere in the range.
    pub values: Vec<Estimate>,
    /// Share of the futures in which the input lies below the first of them, if it is an input.
    pub share_below: Option<f64>,
}

/// What knowing one input is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct InputInformation {
    /// The input.
    pub input: String,
    /// Of knowing it perfectly: the most that any study of it is worth.
    pub evppi: Estimate,
    /// Of a study that halves the variance.
    pub evsi_equal: Estimate,
}

/// What a pilot of one effect is worth, before its cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PilotInformation {
    /// The initiative.
    pub initiative: String,
    /// What the effect is on.
    #[schema(example = "hazard")]
    pub on: String,
    /// Of a perfect pilot.
    pub evppi: Estimate,
    /// Of one that halves the variance.
    pub evsi_equal: Estimate,
}

/// An initiative's share of the mean NPV.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Contribution {
    /// The initiative.
    pub initiative: String,
    /// Its Shapley value; those of all initiatives sum to the mean NPV.
    pub value: Estimate,
    /// Mean NPV if it alone were done.
    pub alone: Estimate,
    /// What the mean NPV would lose without it.
    pub last: Estimate,
}

/// Lifetime value of a customer won at the decision, as things are and with the programme, in the same futures: within the
/// horizon, at the figures and prices of the date, after serving the customer and before winning them, discounted to then.
/// Each month has the programme's effects of that month on leaving, revenue, contacts and minutes. What the programme costs is
/// not in it, nor what winning comes to cost, who is recruited or comes back.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LifetimeEffect {
    /// Mean as things are: the run's `clv`.
    pub as_is: Estimate,
    /// Mean with the programme.
    pub with_programme: Estimate,
    /// What the programme adds in the mean, future by future. Exactly 0 where it has no effect.
    pub difference: Estimate,
    /// What it adds in 95 of 100 futures at least.
    pub difference_p5: f64,
    /// What it adds in 95 of 100 futures at most.
    pub difference_p95: f64,
}

/// A plan that starts later, in the same futures and judged at the same horizon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Waiting {
    /// Months by which every initiative starts later.
    pub months: u32,
    /// Mean NPV of the plan that starts later.
    pub npv: Estimate,
    /// What waiting costs: mean NPV of the plan as it is less that.
    pub cost: Estimate,
    /// Share of futures in which it is worth more to start later.
    pub better: Estimate,
    /// What the right to wait is worth where all that is drawn is known by then; nothing worth the wait at 0 or below.
    pub option: Estimate,
}

/// Choices of initiatives under a budget, the highest mean NPV first: nothing else that it pays for is both worth more and
/// safer. Chosen on one half of the futures, judged on the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PortfolioFrontier {
    /// The choices.
    pub choices: Vec<PortfolioChoice>,
}

/// A choice of initiatives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PortfolioChoice {
    /// The initiatives that are done.
    pub initiatives: Vec<String>,
    /// Mean spending by year, undiscounted, follow-ups of pilots in full.
    pub spending: Vec<f64>,
    /// Mean NPV.
    pub npv: Estimate,
    /// Mean of the worst 5% of NPVs.
    pub cvar5: Estimate,
    /// Mean NPV on the futures that it was chosen by: higher by luck where choosing was close.
    pub npv_when_chosen: f64,
}

/// What knowing groups of inputs is worth: the most that a study of each is worth, before its cost. Groups that share
/// inputs overlap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GroupInformation {
    /// Of knowing everything that is drawn.
    pub evpi: Estimate,
    /// By group, in the order that they were asked in.
    pub groups: Vec<GroupValue>,
}

/// What knowing one group is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GroupValue {
    /// The study.
    pub name: String,
    /// Its inputs.
    pub inputs: Vec<String>,
    /// Expected value of knowing them all.
    pub evppi: Estimate,
}

crate::page::list_query! {
    /// Which questions.
    QuestionQuery {}
}
