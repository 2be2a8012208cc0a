//! Counts what every segment did from the feeds of the other services and from revenue, so that
//! nobody types it in.

use crate::reported::reported;
use crate::{Bookkeeper, FiguresReader};
use actix_web::web::{Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use keepworth_contract::finance::{SegmentMonthCount, SegmentMonthCountReport};
use keepworth_contract::{Job, Problem};
use keepworth_finance::app::segment_month_count::{enqueue, report};
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent};
use keepworth_platform::jobs::order;
use keepworth_platform::prefer::{Prefer, PreferHeader};
use keepworth_platform::{ApiError, ApiResult, Body, ReadProblems, WriteProblems};
use keepworth_store::{Conn, RecordId};
use uuid::Uuid;

/// Orders that what every segment did in the months `from` to `to` is counted, in place of what was there: a
/// job, which goes on whoever waits for it.
///
/// Customers come from the customers service, contacts and their minutes from the experience
/// service, revenue and first payments from this one. Customers are the mean over the month's days
/// of those under observation; a charge for several months counts in equal parts in each of them; a
/// new customer is one whose first month that a charge above zero covers it is. `headcount`, which
/// no record has, stays as it was. All months are replaced or, when one is closed or a service does
/// not answer, none.
#[utoipa::path(operation_id = "count_segment_months", tag = "allocation", request_body(content = SegmentMonthCount, example = json!(
        {"from": "2025-01", "to": "2025-06"})), params(PreferHeader, IdempotencyKey),
    responses((status = 200, body = SegmentMonthCountReport, description = "What was counted, done in time"),
              (status = 202, body = Job, headers(("Location" = String, description = "The job's address")),
               description = "The job that will count"),
              (status = 502, body = Problem, content_type = "application/problem+json",
               description = "Another service is missing"), WriteProblems, Bookkeeper))]
#[post("/segment-months:count")]
pub async fn count_segment_months(
    app: Bookkeeper,
    request: HttpRequest,
    prefer: Prefer,
    Idempotent { key, body }: Idempotent<Body<SegmentMonthCount>>,
) -> Result<HttpResponse, ApiError> {
    let room = app.imports().room();
    let enqueue = move |conn: &mut Conn| enqueue(conn, room, &body.0);
    let load = async |job: &_| Ok(reported(job));
    order(app.jobs(), &request, prefer, key, enqueue, load).await
}

/// What was counted, by the job that did; for as long as jobs are kept, 30 days.
#[utoipa::path(operation_id = "load_segment_month_count", tag = "allocation",
    params(("id" = Uuid, Path, description = "The job's identifier")),
    responses((status = 200, body = SegmentMonthCountReport, description = "What was counted"), ReadProblems, FiguresReader))]
#[get("/segment-month-counts/{id}")]
pub async fn load_segment_month_count(
    app: FiguresReader,
    id: Path<Uuid>,
) -> ApiResult<SegmentMonthCountReport> {
    let id = RecordId(id.into_inner());
    Ok(Json(app.db().read(move |conn| report(conn, id)).await?))
}
