//! Revenue metrics: one ledger, and what each vendor's definition makes of it.

use crate::FiguresReader;
use crate::missing_rate::MissingRate;
use actix_web::get;
use actix_web::web::{Json, Query};
use keepworth_contract::finance::{
    MetricDefinition, MetricDefinitionList, MetricQuery, MetricReport,
};
use keepworth_finance::app::metric::report;
use keepworth_finance::app::read_picture;
use keepworth_finance::rule::metric::definition;
use keepworth_platform::{ApiResult, ReadProblems};

/// Lists what each metric means, and whose figure it reproduces.
#[utoipa::path(operation_id = "list_metric_definitions", tag = "metrics",
    responses((status = 200, body = MetricDefinitionList, description = "Every definition"), ReadProblems, FiguresReader))]
#[get("/metric-definitions")]
pub async fn list_metric_definitions(_: FiguresReader) -> Json<MetricDefinitionList> {
    let items = definition::all().iter().map(MetricDefinition::from);
    Json(MetricDefinitionList {
        items: items.collect(),
    })
}

/// Says how recurring revenue moved over a month, and what each definition makes of it.
#[utoipa::path(operation_id = "load_metrics", tag = "metrics", params(MetricQuery),
    responses((status = 200, body = MetricReport, description = "The month's metrics"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Several currencies"), ReadProblems, MissingRate, FiguresReader))]
#[get("/metrics")]
pub async fn load_metrics(
    app: FiguresReader,
    query: Query<MetricQuery>,
) -> ApiResult<MetricReport> {
    let query = query.into_inner();
    let report = read_picture(app.db(), move |conn| report(conn, &query)).await?;
    Ok(Json(report))
}
