//! One future of a run told month by month, so that it can be added up again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ledger::LedgerLineName;
use super::result::OutcomeName;
use crate::finance::Grade;

/// The future in which every uncertain input lies at its median. Amounts are nominal, after any risk adjustment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// When in its month a flow falls.
    pub timing: Timing,
    /// Discount rate a year.
    pub discount_rate: f64,
    /// Tax rate on the difference.
    pub tax_rate: f64,
    /// Months over which capital expenditure is depreciated.
    pub depreciation_months: usize,
    /// How a loss is relieved of tax.
    pub losses: Losses,
    /// Months of revenue that customers owe; none where they pay at once.
    pub receivable_months: Option<f64>,
    /// Money of month 0 that one unit of money of each month is worth; none where results are nominal.
    pub deflator: Option<Vec<f64>>,
    /// What the programme adds to each line of what customers bring and cost, by month from 0.
    pub benefits: BTreeMap<LedgerLineName, Vec<f64>>,
    /// Every cost line of the initiatives.
    pub costs: Vec<CaseCost>,
    /// The verdict's figures; what a figure that is no number counts as is said in the result's conventions.
    pub figures: BTreeMap<OutcomeName, f64>,
    /// Whether it has more than one internal rate of return.
    pub several_irr: bool,
    /// The uncertain inputs.
    pub inputs: Vec<CaseInput>,
}

/// When in its month (or year) a flow falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timing {
    /// At the month's end.
    End,
    /// In the month's middle.
    Mid,
    /// Month 0 undiscounted, the flows of year `k` all discounted by `(1 + r)^k`.
    Tei,
}

/// How a loss is relieved of tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Losses {
    /// At once, because the company earns elsewhere.
    RelievedAtOnce,
    /// Against what the programme earns in later years; what is left at the horizon is lost.
    CarriedForward,
}

/// A cost line: in each month in which it is spent, its amount times the month's factor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseCost {
    /// The initiative.
    pub initiative: String,
    /// Its line as an operating cost.
    pub line: LedgerLineName,
    /// Amount at the prices of the date, in the line's own currency.
    pub amount: f64,
    /// ISO 4217 code of another currency; none of the scenario's own.
    pub currency: Option<String>,
    /// First month in which it is spent; it may lie beyond the horizon.
    pub first_month: usize,
    /// Months within the horizon in which it is spent.
    pub months: usize,
    /// Whether it is capital expenditure.
    pub capital: bool,
    /// Prices, rate of exchange, risk adjustment, and whether a gate or a stopping rule lets it be spent: by month from
    /// 0, also where it is not spent.
    pub factors: Vec<f64>,
    /// The uncertain input that it is tied to, if any.
    pub input: Option<String>,
}

/// An uncertain input on its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseInput {
    /// Name.
    pub name: String,
    /// Unit, for the reader.
    pub unit: String,
    /// The family of its distribution.
    pub shape: String,
    /// 10 in 100 futures are below.
    pub p10: f64,
    /// Its median, at which the case has it.
    pub p50: f64,
    /// 90 in 100 futures are below.
    pub p90: f64,
    /// Evidence behind it, where stated.
    pub grade: Option<Grade>,
    /// Where it comes from.
    pub note: String,
}

/// How far the mean NPV swings with an input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct InputSwing {
    /// The input.
    pub input: String,
    /// The input's 10th percentile.
    pub p10: f64,
    /// The input's 90th percentile.
    pub p90: f64,
    /// Mean NPV around the input's 10th percentile.
    pub at_p10: super::Estimate,
    /// Mean NPV around the input's 90th percentile.
    pub at_p90: super::Estimate,
}
