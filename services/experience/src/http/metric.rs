//! Metrics.

use actix_web::get;
use actix_web::web::{Data, Json, Query};
use chrono::NaiveDate;
use keepworth_contract::experience::FeedbackKind;
use keepworth_contract::statistic::Statistic;
use keepworth_intake::Failure;
use keepworth_platform::{ApiResult, ReadProblems, Service};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Experience;
use crate::rule::metric::ScoreCounts;
use crate::rule::moment;
use crate::store::feedback::load_score_counts;

/// Which metrics.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct MetricQuery {
    /// The last day whose answers count.
    pub as_of: NaiveDate,
    /// The kind of question.
    pub kind: FeedbackKind,
}

/// Every figure of one kind of question.
#[derive(Debug, Serialize, ToSchema)]
pub struct MetricList {
    /// The kind of question.
    pub kind: FeedbackKind,
    /// The last day whose answers count.
    pub as_of: NaiveDate,
    /// The figures, the headline first: `nps` and `ces_net` in points from −100 to 100,
    /// `csat_top2`, `ces_agree` and `ces_disagree` as shares, means on the question's scale.
    pub items: Vec<Statistic>,
}

/// The figures of one kind of question over all answers until the evening of a day (UTC), each
/// with its interval.
#[utoipa::path(operation_id = "list_metrics", tag = "metrics", params(MetricQuery),
    responses((status = 200, body = MetricList, description = "The figures"), ReadProblems))]
#[get("/metrics")]
pub async fn list_metrics(
    app: Data<Experience>,
    query: Query<MetricQuery>,
) -> ApiResult<MetricList> {
    let MetricQuery { as_of, kind } = query.into_inner();
    let until = moment::evening(as_of);
    let rows = app
        .db()
        .read(move |conn| load_score_counts(conn, kind, until).map_err(Failure::from))
        .await?;
    let mut counts = ScoreCounts::new(kind);
    for (score, answers) in rows {
        counts.add(score, answers.unsigned_abs());
    }
    Ok(Json(MetricList {
        kind,
        as_of,
        items: counts.statistics(),
    }))
}
