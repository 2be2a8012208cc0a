//! What is told beside a result.

use serde::{Deserialize, Serialize};

use super::Estimate;

/// What is told beside a result. Each figure is of the run's first futures, and of the same draws.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Beside {
    /// Futures behind these figures.
    pub futures: u64,
    /// What the customers that are there at the horizon bring beyond it, with the programme less
    /// without it: they live out their hazards, nobody enters, and recurring costs end with the
    /// effects that live by them. Absent where the discount rate can be 0 or less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_off: Option<Money>,
    /// The verdict at other horizons, without any value beyond, in their order.
    pub horizons: Vec<AtHorizon>,
    /// What moves if finance confirms what it has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unconfirmed: Option<Unconfirmed>,
    /// What each stage gate is worth.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<GateValue>,
    /// What each stopping rule is worth.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stops: Vec<StopValue>,
}

impl Beside {
    /// Nothing was asked beside the result: it is of no future.
    pub(crate) fn unasked() -> Self {
        Self {
            futures: 0,
            run_off: None,
            horizons: Vec::new(),
            unconfirmed: None,
            gates: Vec::new(),
            stops: Vec::new(),
        }
    }
}

/// Money over futures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Money {
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AtHorizon {
    /// Months.
    pub months: usize,
    /// Net present value.
    pub npv: Money,
    /// Share of futures that lose money.
    pub loses: Estimate,
}

/// What finance has not confirmed, and would move the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unconfirmed {
    /// Cost a year, averaged over the horizon, by which the benefits would be greater if all that is
    /// unconfirmed were avoidable in full.
    pub a_year: Estimate,
    /// Net present value that it would add.
    pub npv: Estimate,
}

/// What a stage gate is worth: the plan with it less the plan that rolls out whatever the pilot says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StopValue {
    /// What is given up.
    pub initiative: String,
    /// Its last month, where it is.
    pub last_month: usize,
    /// Standard deviation of the error of the reading.
    pub reading_sd: f64,
    /// Share of futures in which it is given up.
    pub given_up: Estimate,
    /// Mean NPV that the option to stop adds.
    pub option_value: Estimate,
}
