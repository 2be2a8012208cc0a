//! What it costs to win a customer, and to keep one.

use crate::FiguresReader;
use crate::missing_rate::MissingRate;
use actix_web::get;
use actix_web::web::{Json, Query};
use keepworth_contract::finance::{MaintenanceCostQuery, UnitCostQuery, UnitCostReport};
use keepworth_platform::{ApiResult, ReadProblems};

/// Says what it cost to win a customer: paid, blended and fully loaded.
///
/// Shared spend is allocated by the rules in force; customers won are those of
/// `/v1/segment-months`.
#[utoipa::path(operation_id = "load_acquisition_costs", tag = "metrics", params(UnitCostQuery),
    responses((status = 200, body = UnitCostReport, description = "By segment"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Several currencies"), ReadProblems, MissingRate, FiguresReader))]
#[get("/acquisition-costs")]
pub async fn load_acquisition_costs(
    app: FiguresReader,
    query: Query<UnitCostQuery>,
) -> ApiResult<UnitCostReport> {
    Ok(Json(
        keepworth_finance::app::unit_cost::acquisition_costs(&app, query.into_inner()).await?,
    ))
}

/// Says what it costs to keep a customer for a year.
///
/// Shared costs are allocated by the rules in force; customer-months are those of
/// `/v1/segment-months`.
#[utoipa::path(operation_id = "load_maintenance_costs", tag = "metrics", params(MaintenanceCostQuery),
    responses((status = 200, body = UnitCostReport, description = "By segment"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Several currencies"), ReadProblems, MissingRate, FiguresReader))]
#[get("/maintenance-costs")]
pub async fn load_maintenance_costs(
    app: FiguresReader,
    query: Query<MaintenanceCostQuery>,
) -> ApiResult<UnitCostReport> {
    Ok(Json(
        keepworth_finance::app::unit_cost::maintenance_costs(&app, query.into_inner()).await?,
    ))
}
