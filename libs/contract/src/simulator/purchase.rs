//! What a segment without a contract is simulated with: who is still there, how much they buy, how that declines.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::curve::ChosenBy;
use super::fit::{FitEstimate, HazardFit};
use crate::Flag;

/// A model of purchases without a contract.
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
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum PurchaseModel {
    /// BG/NBD: a customer may stop after any repeat purchase.
    BgNbd,
    /// MBG/NBD: the same, and after the first one too.
    MbgNbd,
    /// Pareto/NBD: a customer may stop at any time.
    ParetoNbd,
}

/// What is known of the customers of a segment of kind `PURCHASES` from the days on which they bought.
///
/// Times of the fits are weeks. Hazards are of customers weighed by what they spend: what all of them spend per month
/// declines by them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PurchaseBaseline {
    /// Customers with a purchase, whom the fit is of.
    pub buyers: u64,
    /// Of these, who bought again.
    pub repeat_buyers: u64,
    /// The model that is used.
    pub model: PurchaseModel,
    /// Who chose it.
    pub by: ChosenBy,
    /// Why, in a sentence with the figures behind it.
    pub reason: String,
    /// The last day of the calibration: what came later was foretold. None where the records are too short for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub calibration_end: Option<NaiveDate>,
    /// The models that were compared; BG/NBD first.
    pub candidates: Vec<PurchaseCandidate>,
    /// Repeat purchases of the calibration's customers by four weeks, beside those that the model expected as it was
    /// fitted to the calibration alone; from `calibration_end` on they are foretold.
    pub tracking: Vec<TrackedPurchases>,
    /// Gamma–Gamma of the mean spend per purchase; none where it could not be fitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub spend_fit: Option<HazardFit>,
    /// What a repeat purchase was worth on average, in the baseline's currency, where that is taken for everybody; none
    /// where Gamma–Gamma is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, example = 36.2)]
    pub mean_spend: Option<f64>,
    /// Correlation of how often customers buy and how much they spend each time, which the model takes for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = -1, maximum = 1, example = 0.11)]
    pub correlation_of_frequency_and_spend: Option<f64>,
    /// Customers on the day who are expected to be active.
    pub active: FitEstimate,
    /// The same by completed months since the first purchase, index 0 first.
    pub active_by_month: Vec<f64>,
    /// Purchases expected of them over the twelve months after the day, if nothing is done.
    pub purchases_ahead: FitEstimate,
    /// What an active customer spends per month on the day, in the baseline's currency: what all of them spend over how
    /// many are expected to be active, with the error of the former.
    pub spend_per_month: FitEstimate,
    /// How far the logarithm of `spend_per_month` moves with each of the causes that hazards have, in their order; left out by
    /// versions before it was told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub spend_loadings: Vec<f64>,
    /// What a new customer spends per month after the first purchase, over `spend_per_month`.
    #[schema(minimum = 0, example = 0.8)]
    pub new_customer: f64,
    /// How what the customers of the day spend declines, by months after the day.
    pub base: Vec<PurchaseHazard>,
    /// How what a new customer spends declines, by months since the first purchase.
    pub new: Vec<PurchaseHazard>,
    /// What a reader must know of all this.
    pub quality_flags: Vec<Flag>,
}

/// The hazard of a stretch of months.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PurchaseHazard {
    /// Its first month.
    pub from_month: u32,
    /// Cumulative hazard over a month.
    #[schema(minimum = 0, example = 0.02)]
    pub hazard: f64,
    /// How far its logarithm moves with each of the independent standard normal causes of error, the same ones for
    /// all hazards of the segment.
    pub loadings: Vec<f64>,
}

/// A model of purchases, held against what came after its calibration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PurchaseCandidate {
    /// The model.
    pub model: PurchaseModel,
    /// How it foretold the holdout from the calibration; none where that was not compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub holdout: Option<ForetoldPurchases>,
    /// Its fit to all records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub fit: Option<HazardFit>,
    /// Why there is no fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub refused: Option<String>,
}

/// How a model that was fitted to the calibration foretold the holdout.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ForetoldPurchases {
    /// Customers of the calibration.
    pub customers: u64,
    /// Purchases that they made in the holdout.
    pub purchases: u64,
    /// Purchases that were expected of them.
    #[schema(minimum = 0, example = 1_802.4)]
    pub expected: f64,
    /// Mean over customers of how far their purchases were from those expected.
    #[schema(minimum = 0, example = 0.76)]
    pub mean_absolute_error: f64,
    /// Log-likelihood by which it foretold them better than BG/NBD: above 0 is better, 0 for BG/NBD.
    #[schema(example = 1.3)]
    pub ahead: f64,
    /// Its standard error.
    #[schema(minimum = 0, example = 2.4)]
    pub ahead_se: f64,
}

/// Repeat purchases of all customers until a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrackedPurchases {
    /// The last day that counts.
    pub until: NaiveDate,
    /// Repeat purchases made by then.
    pub actual: u64,
    /// Repeat purchases expected by then.
    pub expected: FitEstimate,
}
