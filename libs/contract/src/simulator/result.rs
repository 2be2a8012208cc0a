//! What came of a run: figures over futures, with their Monte Carlo errors.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::beside::Beside;
use super::ledger::MonthlyLedger;
use super::run::Sampling;
use crate::Flag;

/// A figure of which every future has one.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OutcomeName {
    /// Net present value of the programme, after tax.
    Npv,
    /// NPV over the present value of the programme's cost.
    Roi,
    /// The last month in which the cumulative flow turns from negative to non-negative.
    PaybackMonth,
    /// Internal rate of return a year.
    IrrAnnual,
    /// Customers at the horizon with the programme.
    FinalCustomers,
    /// Mean cost of winning a customer over the yearly cost of keeping one, programme included.
    AcquisitionToMaintenance,
    /// Payback of the cumulative discounted flow.
    DiscountedPaybackMonth,
    /// Most money out at any month's end, as a positive number.
    PeakFunding,
    /// Customers at the horizon more than without the programme.
    CustomersKept,
    /// Present value of the programme's cost.
    PvCosts,
    /// Modified internal rate of return a year.
    MirrAnnual,
    /// Present value of the flows after month 0 over the outlay of month 0.
    ProfitabilityIndex,
    /// Part of the NPV that lies beyond the horizon.
    TerminalValue,
    /// Months until the cumulative flow is zero for the last time, interpolated.
    PaybackInterpolated,
    /// The same of the cumulative discounted flow.
    DiscountedPaybackInterpolated,
    /// Customer lifetime value, within as many months as the horizon has.
    Clv,
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunResult {
    /// Name of the scenario.
    pub scenario: String,
    /// Hash of the baseline it stands on, if any.
    pub baseline_hash: Option<String>,
    /// Hash of scenario, baseline and engine version: the same hash, seed and trials, the same bytes.
    pub input_hash: String,
    /// Version of the engine.
    pub engine_version: String,
    /// Seed.
    pub seed: u64,
    /// Number of futures.
    pub trials: u64,
    /// How they were drawn.
    pub sampling: Sampling,
    /// Independent randomisations of `latin_hypercube` and `sobol`: their scatter is the Monte Carlo
    /// error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub randomisations: Option<u32>,
    /// Statistics of every figure, by its name.
    pub outcomes: BTreeMap<OutcomeName, Statistics>,
    /// Shares of futures in which something holds.
    pub probabilities: Probabilities,
    /// Mean NPV of the worst 5% of futures.
    pub cvar5: Estimate,
    /// Percentiles 1 to 99 of NPV, for a histogram or a dot plot.
    pub npv_percentiles: Vec<f64>,
    /// Bands by month.
    pub monthly: MonthlyBands,
    /// The ledger by line and month, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub ledger: Option<MonthlyLedger>,
    /// What lies beyond the horizon, is not confirmed, or can be stopped.
    pub beside: Beside,
    /// What the figures mean, in words: timing, currency, payback and so on.
    pub conventions: BTreeMap<String, String>,
    /// What a reader must know: grades of effects, ceilings, quality of the records.
    pub flags: Vec<Flag>,
    /// Why there is no verdict: of every initiative that is said to change something, nothing can come.
    /// Empty where something can.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub no_verdict: Vec<IdleInitiative>,
}

/// An initiative whose effects can do nothing, whatever they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IdleInitiative {
    /// The initiative.
    pub initiative: String,
    /// Why nothing can come of it.
    pub why: String,
}

/// A figure with its Monte Carlo standard error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Its Monte Carlo standard error.
    pub mc_error: f64,
}

/// A percentile: a number, or the word that says why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Level {
    /// A number.
    Number(f64),
    /// No number.
    Word(NoLevel),
}

/// Why a percentile is no number.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum NoLevel {
    /// A payback that is not within the horizon.
    Never,
    /// A payback of flows that were never negative.
    NothingToPayBack,
    /// A rate of return that does not exist, or is not one alone.
    None,
}

/// Statistics of a figure over futures.
///
/// A rate of return has no mean, because averages of rates say nothing; a payback has none, because
/// "never" is no month. They have the shares of futures with a value and without one instead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Statistics {
    /// Mean, of a number that every future has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub mean: Option<f64>,
    /// Standard deviation over futures, of such a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub sd: Option<f64>,
    /// Shares of futures with and without a value, of a figure that not every future has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub shares: Option<Shares>,
    /// 5 in 100 futures are below.
    pub p5: Level,
    /// 10 in 100 futures are below.
    pub p10: Level,
    /// 25 in 100 futures are below.
    pub p25: Level,
    /// Half of the futures are below.
    pub p50: Level,
    /// 75 in 100 futures are below.
    pub p75: Level,
    /// 90 in 100 futures are below.
    pub p90: Level,
    /// 95 in 100 futures are below.
    pub p95: Level,
    /// Monte Carlo standard error of each of them; of a percentile that is a word there is none.
    pub mc_error: MonteCarloError,
}

/// Monte Carlo standard errors of a figure's statistics.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct MonteCarloError {
    /// Of the mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub mean: Option<f64>,
    /// Of the standard deviation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub sd: Option<f64>,
    /// Of `p5`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub p5: Option<f64>,
    /// Of `p10`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub p10: Option<f64>,
    /// Of `p25`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub p25: Option<f64>,
    /// Of `p50`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub p50: Option<f64>,
    /// Of `p75`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub p75: Option<f64>,
    /// Of `p90`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub p90: Option<f64>,
    /// Of `p95`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub p95: Option<f64>,
}

/// Shares of futures in which a figure is a number, and in which it is not. They add up to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Shares {
    /// A number.
    pub value: Estimate,
    /// A payback beyond the horizon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub never: Option<Estimate>,
    /// A payback of flows that were never negative.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub nothing_to_pay_back: Option<Estimate>,
    /// No rate of return.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub none: Option<Estimate>,
    /// More than one rate of return.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub several: Option<Estimate>,
}

/// Shares of futures in which something holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Probabilities {
    /// NPV below 0.
    pub npv_negative: Estimate,
    /// Not paid back within the horizon.
    pub no_payback: Estimate,
    /// Never any money out, so that nothing is to be paid back.
    pub nothing_to_pay_back: Estimate,
    /// No internal rate of return.
    pub no_irr: Estimate,
    /// More than one internal rate of return.
    pub several_irr: Estimate,
}

/// Bands over futures, month by month from month 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MonthlyBands {
    /// Futures behind the bands: the run's first ones.
    pub trials: u64,
    /// Cumulative discounted flow.
    pub cumulative_discounted_flow: Bands,
    /// Customers as things are.
    pub customers_baseline: Bands,
    /// Customers with the programme.
    pub customers_programme: Bands,
    /// Share of the customers of the month before who stayed, as things are.
    pub retention_baseline: Bands,
    /// Share of the customers of the month before who stayed, with the programme.
    pub retention_programme: Bands,
    /// Pools of seats; none where the scenario has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seats: Vec<SeatBands>,
}

/// Seats of a pool by month from month 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SeatBands {
    /// Name of the pool.
    #[schema(example = "service centre")]
    pub pool: String,
    /// Seats that are paid as things are.
    pub as_is: Bands,
    /// Seats that are paid with the programme.
    pub programme: Bands,
    /// Minutes a month that are paid and not needed, as things are.
    pub slack_as_is: Bands,
    /// Minutes a month that are paid and not needed, with the programme.
    pub slack_programme: Bands,
}

/// Percentiles by month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Bands {
    /// 5 in 100 futures are below.
    pub p5: Vec<f64>,
    /// 25 in 100 futures are below.
    pub p25: Vec<f64>,
    /// Half of the futures are below.
    pub p50: Vec<f64>,
    /// 75 in 100 futures are below.
    pub p75: Vec<f64>,
    /// 95 in 100 futures are below.
    pub p95: Vec<f64>,
}
