//! Metrics.

use crate::experience::FeedbackKind;
use crate::statistic::Statistic;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A phase of the journey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Phase {
    /// As answers and contacts name it.
    pub phase: String,
}

/// Every phase that an answer or a contact names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PhaseList {
    /// By their names.
    pub items: Vec<Phase>,
}

/// Which metrics.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct MetricQuery {
    /// The last day whose answers count.
    pub as_of: NaiveDate,
    /// The kind of question.
    pub kind: FeedbackKind,
}

/// Every figure of one kind of question.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MetricList {
    /// The kind of question.
    pub kind: FeedbackKind,
    /// The last day whose answers count.
    pub as_of: NaiveDate,
    /// The figures, the headline first: `nps` and `ces_net` in points from −100 to 100,
    /// `csat_top2`, `ces_agree` and `ces_disagree` as shares, means on the question's scale.
    pub items: Vec<Statistic>,
}
