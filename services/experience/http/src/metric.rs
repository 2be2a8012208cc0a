//! Metrics.

use crate::FiguresReader;
use actix_web::get;
use actix_web::web::{Json, Query};
use keepworth_contract::experience::{MetricList, MetricQuery, PhaseList};
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

/// Lists every phase of the journey that an answer or a contact names, by name.
#[utoipa::path(operation_id = "list_phases", tag = "metrics",
    responses((status = 200, body = PhaseList, description = "Every phase"), ReadProblems, FiguresReader))]
#[get("/phases")]
pub async fn list_phases(app: FiguresReader) -> ApiResult<PhaseList> {
    Ok(Json(
        keepworth_experience::app::metric::list_phases(&app).await?,
    ))
}
