//! How people answered to spending on winning and on keeping them.

use super::*;
use crate::statistic::Statistic;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What money is spent on.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Lever {
    /// Winning customers.
    Acquisition,
    /// Keeping them.
    Retention,
}

/// A version of a segment's response to spending.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ResponseHistory {
    /// Identifier.
    pub id: Uuid,
    /// The segment's key.
    pub segment: String,
    /// What money was spent on.
    pub lever: Lever,
    /// 1 for the first of the segment and lever. The last version counts.
    pub version: i32,
    /// Months of a period, for `RETENTION`; null for `ACQUISITION`.
    pub period_months: Option<i32>,
    /// What is known.
    pub evidence: ResponseEvidence,
    /// The curve that follows; null for a programme.
    pub curve: Option<ResponseCurve>,
    /// Where it comes from.
    pub reason: String,
    /// When it was written.
    pub recorded_at: DateTime<Utc>,
}

/// A saturating curve, the share `y(x) = C(1 − e^(−kx))` that answers to spend `x` per head.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ResponseCurve {
    /// `C`, the share that unlimited spend would reach.
    pub ceiling: Statistic,
    /// `k`, per unit of the currency.
    pub speed: Statistic,
    /// How well it describes the data; null for judged points.
    pub fit: Option<CurveFit>,
}

/// Akaike's information criterion of three descriptions of the data; the lowest is best.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CurveFit {
    /// The curve.
    pub aic_curve: f64,
    /// A plain logistic regression on spend.
    pub aic_logistic: f64,
    /// The same share at every spend.
    pub aic_constant: f64,
    /// The data speak against the curve: the plain regression is better by more than 10. The curve
    /// bends down from the first cent, the data do not.
    pub contradicted: bool,
}

crate::page::list_query! {
    /// Which histories, and which page of them.
    ResponseHistoryQuery {
        /// Only those of this segment.
        segment: Option<String>,
        /// Only what was recorded, new or corrected, at or after this time (RFC 3339): what a reader who has
        /// the rest must read.
        #[param(value_type = Option<String>, format = DateTime, example = "2025-10-15T00:00:00Z")]
        recorded_since: Option<DateTime<Utc>>,
    }
}

/// The next version of a segment's response to spending.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ResponseHistoryInput {
    /// The segment's key.
    #[schema(min_length = 1, max_length = 128)]
    pub segment: String,
    /// What money was spent on.
    pub lever: Lever,
    /// Months of a period, for `RETENTION`: spend and rates are per period (default 12).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, maximum = 120)]
    pub period_months: Option<i32>,
    /// What is known.
    pub evidence: ResponseEvidence,
    /// Where it comes from.
    #[schema(min_length = 1, max_length = 1000, example = "campaigns of 2025")]
    pub reason: String,
}
