//! Metrics.

use crate::experience::FeedbackKind;
use crate::statistic::Statistic;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

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
