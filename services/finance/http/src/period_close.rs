//! Closing of the books.

use crate::{Bookkeeper, BooksReader};
use actix_web::web::{Json, Path};
use actix_web::{get, post};
use keepworth_contract::Month;
use keepworth_contract::finance::{PeriodClose, PeriodCloseInput, PeriodCloseList};
use keepworth_finance::app::period_close;
use keepworth_intake::Failure;
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent, Written};
use keepworth_platform::reason::{ReasonHeader, Reasoned};
use keepworth_platform::{ApiError, ApiResult, Body, ReadProblems, WriteProblems};
use keepworth_store::Conn;

/// Lists every closing of the books, in the order of the months.
#[utoipa::path(operation_id = "list_period_closes", tag = "ledger",
    responses((status = 200, body = PeriodCloseList, description = "Every closing"), ReadProblems, BooksReader))]
#[get("/period-closes")]
pub async fn list_period_closes(app: BooksReader) -> ApiResult<PeriodCloseList> {
    let rows = app
        .db()
        .read(|conn| period_close::load_closes(conn).map_err(Failure::from))
        .await?;
    let items = rows.into_iter().map(PeriodClose::from).collect();
    Ok(Json(PeriodCloseList { items }))
}

/// The closing that ended with a month.
#[utoipa::path(operation_id = "load_period_close", tag = "ledger",
    params(("month" = Month, Path, description = "The last month that it closed")),
    responses((status = 200, body = PeriodClose, description = "The closing"), ReadProblems, BooksReader))]
#[get("/period-closes/{month}")]
pub async fn load_period_close(app: BooksReader, month: Path<Month>) -> ApiResult<PeriodClose> {
    let month = month.into_inner();
    let all = |conn: &mut Conn| period_close::load_closes(conn).map_err(Failure::from);
    let rows = app.db().read(all).await?;
    let row = rows.into_iter().find(|row| row.month == month.index());
    let row = row.ok_or_else(|| Failure::not_found(format!("no closing ended with {month}")))?;
    Ok(Json(row.into()))
}

/// Closes the books of a month and of every month before it, for good.
///
/// Entries of closed months are neither added nor changed any more; corrections are posted as new
/// entries in an open month.
#[utoipa::path(operation_id = "close_period", tag = "ledger", request_body(content = PeriodCloseInput, example = json!(
        {"month": "2024-12", "reason": "annual accounts are signed"})),
    params(IdempotencyKey, ReasonHeader),
    responses((status = 201, body = PeriodClose, description = "The month is closed",
               headers(("Location" = String, description = "Its address"))), WriteProblems, Bookkeeper))]
#[post("/period-closes")]
pub async fn close_period(
    app: Bookkeeper,
    _: Reasoned,
    request: Idempotent<Body<PeriodCloseInput>>,
) -> Result<Written, ApiError> {
    let new = request.body.0;
    let work = move |conn: &mut Conn| keepworth_finance::app::period_close::close(conn, new);
    request
        .key
        .create(app.db(), |it: &PeriodClose| it.month.to_string(), work)
        .await
}
