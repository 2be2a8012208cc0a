//! What each segment did in a month: weights of allocation, denominators of costs per customer.

use crate::Finance;
use crate::app::check_open;
use crate::app::segment_month::{channel_rows, faults, load, row};
use crate::store::period_close;
use crate::store::segment_month::{self};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, put};
use keepworth_contract::Month;
use keepworth_contract::finance::SegmentMonthList;
use keepworth_intake::Failure;
use keepworth_platform::precondition::{IfMatchHeader, IfMatching, Tagged, TaggedResult};
use keepworth_platform::{PreconditionProblems, ReadProblems, Service, WriteProblems};
use keepworth_store::Conn;
use keepworth_store::now;

/// Says what every segment did in one month.
#[utoipa::path(operation_id = "list_segment_months", tag = "allocation",
    params(("month" = String, Path, description = "The month, YYYY-MM")),
    responses((status = 200, body = SegmentMonthList, description = "Every segment",
               headers(("ETag" = String, description = "The month's version"))), ReadProblems))]
#[get("/segment-months/{month}")]
pub async fn list_segment_months(
    app: Data<Finance>,
    month: Path<Month>,
) -> TaggedResult<SegmentMonthList> {
    let month = month.into_inner();
    let list = app.db().read(move |conn| load(conn, month)).await?;
    Ok(Tagged(list))
}

/// Writes what every segment did in one month, in place of what was there.
///
/// A month whose books are closed is not changed any more.
#[utoipa::path(operation_id = "put_segment_months", tag = "allocation", request_body = SegmentMonthList,
    params(("month" = String, Path, description = "The month, YYYY-MM"), IfMatchHeader),
    responses((status = 200, body = SegmentMonthList, description = "Every segment",
               headers(("ETag" = String, description = "The month's version"))),
              (status = 404, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "No month"), PreconditionProblems, WriteProblems))]
#[put("/segment-months/{month}")]
pub async fn put_segment_months(
    app: Data<Finance>,
    month: Path<Month>,
    IfMatching(precondition): IfMatching,
    body: Json<SegmentMonthList>,
) -> TaggedResult<SegmentMonthList> {
    let (month, mut items) = (month.into_inner(), body.into_inner().items);
    let faults = faults(&items);
    if !faults.is_empty() {
        return Err(Failure::invalid(faults).into());
    }
    items.sort_by(|a, b| a.segment.cmp(&b.segment));
    let now = now().naive_utc();
    let rows: Vec<_> = items.iter().map(|it| row(it, month, now)).collect();
    let channels = items.iter().flat_map(|it| channel_rows(it, month, now));
    let channels: Vec<_> = channels.collect();
    let work = move |conn: &mut Conn| {
        period_close::lock(conn)?;
        check_open(conn, month)?;
        precondition.check(Some(&load(conn, month)?))?;
        segment_month::replace_months(conn, month, month, &rows, &channels, now)?;
        load(conn, month)
    };
    Ok(Tagged(app.db().write(work).await?))
}
