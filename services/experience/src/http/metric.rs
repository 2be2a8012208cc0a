//! Metrics.

use crate::Experience;
use crate::rule::metric::ScoreCounts;
use crate::rule::moment;
use crate::store::feedback::load_score_counts;
use actix_web::get;
use actix_web::web::{Data, Json, Query};
use keepworth_contract::experience::{MetricList, MetricQuery};
use keepworth_intake::Failure;
use keepworth_platform::{ApiResult, ReadProblems, Service};

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
