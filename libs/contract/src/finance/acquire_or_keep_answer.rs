//! The answer for one segment: the verdict, its chances, and what it stands on.

use super::*;
use crate::Flag;
use crate::Money;
use crate::statistic::Statistic;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the next unit of money should be spent on in a segment, and why.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AcquireOrKeepAnswer {
    /// At the estimates.
    pub verdict: Verdict,
    /// How probable each verdict is, that of the estimates first; empty where nothing is known to
    /// be uncertain, which is no certainty.
    pub chances: Vec<VerdictChance>,
    /// What keeping one more customer costs; null where spending keeps nobody. A programme's effect
    /// counts as far as its evidence says that the programme caused it.
    pub marginal_cost_to_keep: Statistic,
    /// The same were all of what was measured caused by the programme; null for a curve.
    pub marginal_cost_to_keep_as_measured: Option<Statistic>,
    /// What winning one more customer costs.
    pub marginal_cost_to_acquire: Statistic,
    /// What a customer is worth at what is spent now.
    pub lifetime_value: Statistic,
    /// Months of a period.
    pub period_months: i32,
    /// Margin per customer and period, before retention spend. It is taken as it is: its own error
    /// is not in the probabilities. From records, revenue is taken to be in the report's currency,
    /// because segment months do not name one.
    pub margin: Money,
    /// Where the margin comes from.
    pub margin_source: FigureSource,
    /// What keeping stands on.
    pub retention: LeverBasis,
    /// What winning stands on.
    pub acquisition: LeverBasis,
    /// The same by plain logistic regressions on spend in place of the fitted curves, at the
    /// estimates: where the data contradict a curve, trust this more. Null without observed points.
    pub by_plain_regression: Option<PlainRegression>,
    /// What more spending on customers must do to be as good as recruiting; null where nothing is
    /// spent on them.
    pub break_even: Option<ChurnBreakEven>,
    /// What a reader must know before using it.
    pub quality_flags: Vec<Flag>,
}

/// What to do with the next unit of money.
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
pub enum Verdict {
    /// Keeping one more customer costs less than they are worth and than recruiting one.
    KeepMore,
    /// Recruiting one more customer costs less than they are worth and than keeping one: here,
    /// recruiting is cheaper.
    AcquireMore,
    /// One more customer costs more than they are worth, either way.
    Neither,
}

/// How probable a verdict is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct VerdictChance {
    /// The verdict.
    pub verdict: Verdict,
    /// The share of draws that end in it.
    pub share: f64,
    /// Monte Carlo standard error of the share.
    pub mc_error: f64,
}

/// The verdict by plain logistic regressions on spend.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PlainRegression {
    /// At the estimates. Winning counts as worth it only where the average customer, too, costs
    /// less than they are worth: on an S the next one can be cheaper.
    pub verdict: Verdict,
    /// What keeping one more customer costs.
    pub marginal_cost_to_keep: Statistic,
    /// What winning one more customer costs.
    pub marginal_cost_to_acquire: Statistic,
    /// What a customer is worth at what is spent now.
    pub lifetime_value: Statistic,
}

/// What more spending on customers must do to be as good as recruiting.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ChurnBreakEven {
    /// The spending per customer and period: a tenth of today's, or the programme's.
    pub extra_spend: Money,
    /// By how many percentage points churn per period must fall for it.
    pub needed_points: f64,
    /// By how many the curve, or the programme as far as it is believed, says that it falls.
    pub expected_points: f64,
}
