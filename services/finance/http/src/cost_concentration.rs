//! How much of the cost of keeping customers falls on the costliest of them.

use crate::FiguresReader;
use crate::missing_rate::MissingRate;
use actix_web::get;
use actix_web::web::{Json, Query};
use keepworth_contract::finance::{ConcentrationQuery, ConcentrationReport};
use keepworth_platform::{ApiResult, ReadProblems};

/// Says which share of the cost of keeping customers falls on the costliest 1%, 5% and 20%.
///
/// Each customer bears the minutes of their contacts at the channel's rate (`/v1/consumption-costs`)
/// and, by the days under observation, their part of what their segment bears otherwise
/// (`/v1/maintenance-costs`). Contacts by customer are read of the experience service.
#[utoipa::path(operation_id = "load_cost_concentration", tag = "metrics", params(ConcentrationQuery),
    responses((status = 200, body = ConcentrationReport, description = "By segment and channel"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Several currencies"),
              (status = 502, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Another service is missing"), ReadProblems, MissingRate, FiguresReader))]
#[get("/cost-concentration")]
pub async fn load_cost_concentration(
    app: FiguresReader,
    query: Query<ConcentrationQuery>,
) -> ApiResult<ConcentrationReport> {
    Ok(Json(
        keepworth_finance::app::cost_concentration::report(&app, query.into_inner()).await?,
    ))
}
