//! How costs move with what they are spent on, by the record of a window.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::finance::CostCategory;
use crate::statistic::Interval;
use crate::{Money, Month};

/// How a cost of the company moved, month by month, with what it is held against.
///
/// By a regression of a month's cost on its volume: what a month costs without any volume is fixed, the rest moves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CostBehaviour {
    /// The cost's category; `OVERHEAD` stands for all that keeping customers costs but contacts.
    pub category: CostCategory,
    /// The channel of a cost of service; left out where entries name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub channel: Option<String>,
    /// What it is held against.
    pub volume: CostVolume,
    /// What follows.
    pub verdict: CostVerdict,
    /// Months with an entry that the window does not cut.
    #[schema(example = 12)]
    pub months: u32,
    /// Share of the mean month's cost that moves in proportion to volume; null where volume never moved, months are too
    /// few, or the cost steps: its months then hang together.
    #[schema(example = 0.35)]
    pub variable_share: Option<f64>,
    /// Where that share probably lies: Student's of the regression, `months − 2` degrees of freedom.
    pub interval: Option<Interval>,
    /// Months in which a cost stepped that is else the same from month to month.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub steps: Vec<CostStep>,
}

/// What a cost is held against, month by month.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, strum::IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum CostVolume {
    /// Minutes of contact: of a cost of service.
    ContactMinutes,
    /// Customer-months under observation: of overhead.
    CustomerMonths,
    /// Revenue: of what is spent to sell it.
    Revenue,
    /// Customers won: of what winning them costs.
    CustomersWon,
}

/// What the record says of a cost.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, strum::IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum CostVerdict {
    /// It does not move with volume.
    Fixed,
    /// It stays the same from month to month but for a few steps.
    Stepped,
    /// A part of it moves with volume.
    Mixed,
    /// It moves in proportion to volume.
    Variable,
    /// The record does not tell fixed from variable: too few months, volume that hardly moved, or something else that
    /// moved the cost.
    Unclear,
}

/// A step of a cost that is else the same from month to month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CostStep {
    /// The first month of the new level.
    pub month: Month,
    /// Cost a month before it.
    pub from: Money,
    /// Cost a month from then on.
    pub to: Money,
    /// Mean volume a month on the new level as a multiple of that on the level before; null where that had none.
    #[schema(example = 1.2)]
    pub volume_ratio: Option<f64>,
}
