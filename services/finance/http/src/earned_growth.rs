//! How much of growth customers earned the company.

use crate::FiguresReader;
use crate::missing_rate::MissingRate;
use actix_web::get;
use actix_web::web::{Json, Query};
use keepworth_contract::finance::{EarnedGrowthQuery, EarnedGrowthReport};
use keepworth_platform::{ApiResult, ReadProblems};

/// Says how much of growth customers earned: by staying, by buying more, by bringing others.
///
/// Revenue is charges less refunds, one for several months in equal parts in each of them. Who had
/// revenue in the period before is kept; who had none is new, also when they come back. How they
/// came is the acquisition channel that the customers service records.
#[utoipa::path(operation_id = "load_earned_growth", tag = "metrics", params(EarnedGrowthQuery),
    responses((status = 200, body = EarnedGrowthReport, description = "The period's earned growth"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Several currencies"),
              (status = 502, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Another service is missing"), ReadProblems, MissingRate, FiguresReader))]
#[get("/earned-growth")]
pub async fn load_earned_growth(
    app: FiguresReader,
    query: Query<EarnedGrowthQuery>,
) -> ApiResult<EarnedGrowthReport> {
    Ok(Json(
        keepworth_finance::app::earned_growth::grown(&app, query.into_inner()).await?,
    ))
}
