//! Metrics.

use crate::FiguresReader;
use actix_web::get;
use actix_web::web::{Json, Query};
use keepworth_contract::experience::{MetricList, MetricQuery};
use keepworth_platform::{ApiResult, ReadProblems};

/// The figures of one kind of question over all answers until the evening of a day (UTC), each
/// with its interval.
#[utoipa::path(operation_id = "list_metrics", tag = "metrics", params(MetricQuery),
    responses((status = 200, body = MetricList, description = "The figures"), ReadProblems, FiguresReader))]
#[get("/metrics")]
pub async fn list_metrics(app: FiguresReader, query: Query<MetricQuery>) -> ApiResult<MetricList> {
    Ok(Json(
        keepworth_experience::app::metric::list(&app, query.into_inner()).await?,
    ))
}
