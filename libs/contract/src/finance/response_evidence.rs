//! What is known of the response to spending: a history, two judged points, or one programme.

use super::Grade;
use crate::Money;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is known of the response to spending.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE", deny_unknown_fields)]
pub enum ResponseEvidence {
    /// What was spent, and who answered: a curve is fitted, with its uncertainty.
    Observed {
        /// At least two levels of spend.
        #[schema(min_items = 2, max_items = 1000)]
        points: Vec<ObservedPoint>,
        /// The share that unlimited spend would reach, as somebody judges it, above 0 and at most
        /// 1: needed only where the answers still rise in proportion to the spend. From the data
        /// when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        ceiling: Option<f64>,
    },
    /// Two points that somebody judges to be true: the curve goes through both. This is no
    /// evidence, and verdicts say so.
    Elicited {
        /// The smaller spend first.
        #[schema(min_items = 2, max_items = 2)]
        points: Vec<ElicitedPoint>,
    },
    /// What one retention programme cost and changed; for `RETENTION` only.
    Programme(ProgrammeEvidence),
}

/// A level of spend, and how many of those it reached answered.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ObservedPoint {
    /// Per prospect; for retention per customer and period. 0 or more.
    pub spend: Money,
    /// The share of them that was won, or that stayed through the period, 0 to 1. With few people
    /// it must be a whole number of them.
    #[schema(minimum = 0, maximum = 1)]
    pub rate: f64,
    /// How many it reached.
    #[schema(minimum = 1)]
    pub n: u32,
}

/// A level of spend, and the share that would answer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ElicitedPoint {
    /// Per prospect; for retention per customer and period. Above 0.
    pub spend: Money,
    /// The share that would be won, or that would stay through the period, between 0 and 1.
    #[schema(minimum = 0, maximum = 1)]
    pub rate: f64,
}

/// What one retention programme cost and changed in a period.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProgrammeEvidence {
    /// What it costs in a period.
    pub cost: Money,
    /// The customers it reaches.
    #[schema(minimum = 1)]
    pub customers: u32,
    /// The share of them that left in a period without it, 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    pub churn_before: f64,
    /// The share that leaves with it, 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    pub churn_after: f64,
    /// Standard error of the fall in churn, a fraction. When left out, that of two shares of as
    /// many customers; of a fall that is stated only, none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0)]
    pub churn_fall_se: Option<f64>,
    /// How the fall was learnt, which decides how far it is believed to be the programme's doing.
    #[serde(default)]
    #[schema(default = "BEFORE_AFTER")]
    pub design: ProgrammeDesign,
}

/// How a programme's fall in churn was learnt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ProgrammeDesign {
    /// Chance decided whom the programme reached, and both are compared: grade A.
    Randomised,
    /// Before and after, against others whom it did not reach: grade B.
    Controlled,
    /// Before and after, without anybody to compare with: grade C.
    #[default]
    BeforeAfter,
    /// Somebody says so: grade D. Without `churn_fall_se` the fall is a bare number.
    Stated,
}

impl ProgrammeDesign {
    /// The grade of such evidence.
    #[must_use]
    pub fn grade(self) -> Grade {
        match self {
            Self::Randomised => Grade::A,
            Self::Controlled => Grade::B,
            Self::BeforeAfter => Grade::C,
            Self::Stated => Grade::D,
        }
    }
}
