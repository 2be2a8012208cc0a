//! Who bears the costs of a month.

use crate::BooksReader;
use crate::missing_rate::MissingRate;
use actix_web::web::{Json, Query};
use actix_web::{HttpResponse, get};
use chrono::Days;
use keepworth_contract::finance::{Allocation, AllocationLine, KnownMonthQuery, MonthQuery};
use keepworth_finance::app::allocation::load;
use keepworth_finance::app::read_picture;
use keepworth_platform::{ApiError, ApiResult, ReadProblems, feed};
use keepworth_store::Conn;

/// Says who bears the costs of a month, each in its own currency or all in the one that is asked for.
#[utoipa::path(operation_id = "load_allocation", tag = "allocation", params(KnownMonthQuery),
    responses((status = 200, body = Allocation, description = "Who bears what"), ReadProblems, MissingRate, BooksReader))]
#[get("/allocations")]
pub async fn load_allocation(
    app: BooksReader,
    query: Query<KnownMonthQuery>,
) -> ApiResult<Allocation> {
    let KnownMonthQuery {
        month,
        currency,
        known_at,
    } = query.into_inner();
    let known_at = known_at.map(|at| at.naive_utc());
    let read = move |conn: &mut Conn| load(conn, month, known_at, currency);
    Ok(Json(read_picture(app.db(), read).await?))
}

/// Traces every allocated cent of a month's shared costs back to its entry: one row per entry and
/// segment, as newline-delimited JSON with a header and a trailer.
///
/// Entries that name a segment are borne by it, and are not repeated here.
#[utoipa::path(operation_id = "read_allocation_lines", tag = "allocation", params(MonthQuery),
    responses((status = 200, body = AllocationLine, content_type = "application/x-ndjson",
               description = "One JSON value a line: a `FeedHeader`, rows of this form, a `FeedTrailer`"), ReadProblems, BooksReader))]
#[get("/feed/allocation-lines")]
pub async fn read_allocation_lines(
    app: BooksReader,
    query: Query<MonthQuery>,
) -> Result<HttpResponse, ApiError> {
    let month = query.month;
    let last_day = month.plus(1).first_day() - Days::new(1);
    feed::answer(
        app.db(),
        "allocation-lines",
        1,
        last_day,
        move |conn, sink| keepworth_finance::app::allocation::write_lines(conn, month, sink),
    )
    .await
}
