//! What was forecast when a version was approved: never changed, and held against what comes.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::simulator::run::Sampling;
use crate::simulator::scenario::ScenarioReference;
use crate::{Flag, Month};

/// What is forecast of the whole company with the programme. The first nine are what records will count: their bands hold
/// the chance of counts too. The last two are differences to a world without the programme, which no record counts.
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
pub enum ForecastName {
    /// Customers at the month's end.
    Customers,
    /// Customers who came in the month.
    Won,
    /// Customers who left in it.
    Leavers,
    /// Contacts in it, through all channels.
    Contacts,
    /// Minutes of handling them.
    Minutes,
    /// Revenue of it.
    Revenue,
    /// Cost of handling contacts; it is part of `cost`.
    ServiceCost,
    /// Cost of what was sold, of serving, of training staff and of winning customers; without the programme's.
    Cost,
    /// What the programme cost, capital expenditure with it.
    ProgrammeCost,
    /// What the programme has brought less what it has cost, after tax, since the baseline's day.
    CumulativeFlow,
    /// The same, each month discounted: at the horizon the net present value within it.
    CumulativeDiscountedFlow,
}

/// A figure of a month over futures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ForecastPoint {
    /// The calendar month.
    pub month: Month,
    /// Mean over futures.
    pub mean: f64,
    /// 2.5 in 100 futures are below: the lower end of the band of 95%.
    pub p2_5: f64,
    /// 10 in 100 futures are below: the lower end of the band of 80%.
    pub p10: f64,
    /// 25 in 100 futures are below: the lower end of the band of 50%.
    pub p25: f64,
    /// Half of the futures are below.
    pub p50: f64,
    /// 75 in 100 futures are below.
    pub p75: f64,
    /// 90 in 100 futures are below.
    pub p90: f64,
    /// 97.5 in 100 futures are below.
    pub p97_5: f64,
    /// Lower end of the month's part of a band over all months, which at most one future of twenty leaves at any time; left
    /// out of forecasts that were frozen without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub alarm_low: Option<f64>,
    /// Its upper end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub alarm_high: Option<f64>,
}

/// A figure by month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ForecastFigure {
    /// Which.
    pub figure: ForecastName,
    /// What it is counted in: `customers`, `contacts`, `minutes`, or the code of the currency.
    #[schema(example = "EUR")]
    pub unit: String,
    /// From the month of the baseline's day, in which the programme begins to cost and nothing is counted yet, to the
    /// horizon.
    pub months: Vec<ForecastPoint>,
}

/// A forecast that was frozen when a version of a scenario was approved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScenarioForecast {
    /// Which version.
    pub scenario: ScenarioReference,
    /// SHA-256 of its text.
    pub scenario_hash: String,
    /// The baseline that it stands on.
    pub baseline_hash: String,
    /// The baseline's day: month 0 is the month of it.
    pub as_of: NaiveDate,
    /// The run that it is of.
    pub run_id: Uuid,
    /// Hash of scenario, baseline and engine, as the run has it.
    pub input_hash: String,
    /// Version of the engine.
    pub engine_version: String,
    /// Seed of the run.
    pub seed: u64,
    /// How its futures were drawn.
    pub sampling: Sampling,
    /// Futures behind every figure: the run's first ones. A quantile at p has a standard error of √(p(1 − p)/futures) in
    /// terms of p.
    pub futures: u64,
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// Every figure by month, of the whole company.
    pub figures: Vec<ForecastFigure>,
    /// What a reader must know.
    pub quality_flags: Vec<Flag>,
    /// When it was frozen: with the approval.
    pub frozen_at: DateTime<Utc>,
}
