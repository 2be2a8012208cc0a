//! Counts what every segment did from the feeds of the other services and from revenue, so that
//! nobody types it in.

use crate::Bookkeeper;
use actix_web::post;
use actix_web::web::Json;
use keepworth_contract::finance::{SegmentMonthCount, SegmentMonthCountReport};
use keepworth_platform::{ApiResult, Body, WriteProblems};

/// Counts what every segment did in the months `from` to `to`, in place of what was there.
///
/// Customers come from the customers service, contacts and their minutes from the experience
/// service, revenue and first payments from this one. Customers are the mean over the month's days
/// of those under observation; a charge for several months counts in equal parts in each of them; a
/// new customer is one whose first month that a charge above zero covers it is. `headcount`, which
/// no record has, stays as it was. All months are replaced or, when one is closed or a service does
/// not answer, none.
#[utoipa::path(operation_id = "count_segment_months", tag = "allocation", request_body(content = SegmentMonthCount, example = json!(
        {"from": "2025-01", "to": "2025-06"})),
    responses((status = 200, body = SegmentMonthCountReport, description = "What was counted"),
              (status = 502, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Another service is missing"), WriteProblems, Bookkeeper))]
#[post("/segment-months:count")]
pub async fn count_segment_months(
    app: Bookkeeper,
    Body(body): Body<SegmentMonthCount>,
) -> ApiResult<SegmentMonthCountReport> {
    Ok(Json(
        keepworth_finance::app::segment_month_count::count(&app, body).await?,
    ))
}
