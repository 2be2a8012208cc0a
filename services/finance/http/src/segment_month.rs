//! What each segment did in a month: weights of allocation, denominators of costs per customer.

use crate::{Bookkeeper, FiguresReader};
use actix_web::web::Path;
use actix_web::{get, put};
use keepworth_contract::Month;
use keepworth_contract::finance::SegmentMonthList;
use keepworth_finance::app::segment_month::load;
use keepworth_platform::precondition::{IfMatchHeader, IfMatching, Tagged, TaggedResult};
use keepworth_platform::{Body, PreconditionProblems, ReadProblems, WriteProblems};

/// Says what every segment did in one month.
#[utoipa::path(operation_id = "list_segment_months", tag = "allocation",
    params(("month" = Month, Path, description = "The month")),
    responses((status = 200, body = SegmentMonthList, description = "Every segment",
               headers(("ETag" = String, description = "The month's version"))), ReadProblems, FiguresReader))]
#[get("/segment-months/{month}")]
pub async fn list_segment_months(
    app: FiguresReader,
    month: Path<Month>,
) -> TaggedResult<SegmentMonthList> {
    let month = month.into_inner();
    let list = app.db().read(move |conn| load(conn, month)).await?;
    Ok(Tagged(list))
}

/// Writes what every segment did in one month, in place of what was there.
///
/// A month whose books are closed is not changed any more.
#[utoipa::path(operation_id = "put_segment_months", tag = "allocation", request_body(content = SegmentMonthList, example = json!(
        {"items": [{"segment": "smb", "customers": 1200, "new_customers": 40, "contacts": 310,
        "minutes": 2480, "headcount": 4}]})),
    params(("month" = Month, Path, description = "The month"), IfMatchHeader),
    responses((status = 200, body = SegmentMonthList, description = "Every segment",
               headers(("ETag" = String, description = "The month's version"))),
              (status = 404, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "No month"), PreconditionProblems, WriteProblems, Bookkeeper))]
#[put("/segment-months/{month}")]
pub async fn put_segment_months(
    app: Bookkeeper,
    month: Path<Month>,
    IfMatching(precondition): IfMatching,
    Body(body): Body<SegmentMonthList>,
) -> TaggedResult<SegmentMonthList> {
    Ok(Tagged(
        keepworth_finance::app::segment_month::put(&app, month.into_inner(), precondition, body)
            .await?,
    ))
}
