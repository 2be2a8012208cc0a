//! What is told beside a result: what lies beyond the horizon, is not confirmed, or can be stopped.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::result::Estimate;

/// What is told beside a result. Each figure is of the run's first futures, and of the same draws.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Beside {
    /// Futures behind these figures.
    pub futures: u64,
    /// What the customers that are there at the horizon bring beyond it, with the programme less
    /// without it. Absent where the discount rate can be 0 or less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub run_off: Option<MoneyOverFutures>,
    /// The verdict at other horizons, without any value beyond, in their order.
    pub horizons: Vec<AtHorizon>,
    /// What moves if finance confirms what it has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub unconfirmed: Option<Unconfirmed>,
    /// What each stage gate is worth.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<GateValue>,
    /// What each stopping rule is worth.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub stops: Vec<StopValue>,
}

/// Money over futures, in the scenario's currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MoneyOverFutures {
    /// Mean.
    pub mean: Estimate,
    /// Five in a hundred futures are below.
    pub p5: f64,
    /// Median.
    pub p50: f64,
    /// Five in a hundred futures are above.
    pub p95: f64,
}

/// The verdict at a horizon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AtHorizon {
    /// Months.
    pub months: usize,
    /// Net present value.
    pub npv: MoneyOverFutures,
    /// Share of futures that lose money.
    pub loses: Estimate,
}

/// What finance has not confirmed, and would move the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Unconfirmed {
    /// Cost a year, averaged over the horizon, by which the benefits would be greater if all that is
    /// unconfirmed were avoidable in full.
    pub a_year: Estimate,
    /// Net present value that it would add.
    pub npv: Estimate,
}

/// What a stage gate is worth: the plan with it less the plan that rolls out whatever the pilot says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GateValue {
    /// What is rolled out.
    pub initiative: String,
    /// Its pilot.
    pub pilot: String,
    /// Standard deviation of the error of the pilot's reading.
    pub reading_sd: f64,
    /// Share of futures in which it is rolled out.
    pub rolled_out: Estimate,
    /// Mean NPV that the option to stop adds.
    pub option_value: Estimate,
}

/// What a stopping rule is worth: the plan with it less the plan that spends to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StopValue {
    /// What is given up.
    pub initiative: String,
    /// Its last month, where it is.
    #[schema(example = 12)]
    pub last_month: usize,
    /// Standard deviation of the error of the reading.
    pub reading_sd: f64,
    /// Share of futures in which it is given up.
    pub given_up: Estimate,
    /// Mean NPV that the option to stop adds; below 0 where more is given up than spared.
    pub option_value: Estimate,
}
