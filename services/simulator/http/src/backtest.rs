//! Backtests: what a baseline forecasts, held against what happened.

use actix_web::web::{Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use keepworth_contract::simulator::{Backtest, BacktestInput, BacktestQuery, BacktestSummaryPage};
use keepworth_contract::{Job, Problem};
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent};
use keepworth_platform::prefer::{Prefer, PreferHeader};
use keepworth_platform::{ApiError, ApiResult, Body, ReadProblems, WriteProblems};
use keepworth_store::{Conn, RecordId};
use uuid::Uuid;

use crate::order::order;
use crate::{FiguresReader, Modeller};
use keepworth_simulator::app::backtest;

/// Orders a backtest, which tells whether a forecast without a programme would have been right: a job, which
/// goes on whoever waits for it.
///
/// The baseline as of a day is built and kept, forecasts the months after it, and is held against what
/// the same feeds count of them. Records are cut by the day for which they hold, not by when they came in.
#[utoipa::path(operation_id = "create_backtest", tag = "backtests", request_body(content = BacktestInput, example = json!(
        {"as_of": "2024-06-30", "until": "2025-06-30", "trials": 4000, "seed": 1})),
    params(PreferHeader, IdempotencyKey),
    responses((status = 201, body = Backtest, description = "The backtest, done in time"),
              (status = 202, body = Job, headers(("Location" = String, description = "The job's address")),
               description = "The job that will make it"),
              (status = 502, body = Problem, content_type = "application/problem+json",
               description = "Another service is missing"), WriteProblems, Modeller))]
#[post("/backtests")]
pub async fn create_backtest(
    app: Modeller,
    request: HttpRequest,
    prefer: Prefer,
    Idempotent { key, body }: Idempotent<Body<BacktestInput>>,
) -> Result<HttpResponse, ApiError> {
    let room = app.rooms().baselines;
    let enqueue = move |conn: &mut Conn| backtest::enqueue(conn, room, &body.0);
    order(&app, &request, prefer, key, enqueue).await
}

/// Lists backtests in the order of their making.
#[utoipa::path(operation_id = "list_backtests", tag = "backtests", params(BacktestQuery),
    responses((status = 200, body = BacktestSummaryPage, description = "A page of backtests"), ReadProblems, FiguresReader))]
#[get("/backtests")]
pub async fn list_backtests(
    app: FiguresReader,
    query: Query<BacktestQuery>,
) -> ApiResult<BacktestSummaryPage> {
    Ok(Json(backtest::list(app.db(), query.into_inner()).await?))
}

/// One backtest with its report.
#[utoipa::path(operation_id = "load_backtest", tag = "backtests",
    params(("id" = Uuid, Path, description = "The backtest's identifier")),
    responses((status = 200, body = Backtest, description = "The backtest"), ReadProblems, FiguresReader))]
#[get("/backtests/{id}")]
pub async fn load_backtest(app: FiguresReader, id: Path<Uuid>) -> ApiResult<Backtest> {
    let id = RecordId(id.into_inner());
    let backtest = app.db().read(move |conn| backtest::load(conn, id));
    Ok(Json(backtest.await?))
}

/// Removes a backtest. Its baseline stays.
#[utoipa::path(operation_id = "delete_backtest", tag = "backtests",
    params(("id" = Uuid, Path, description = "The backtest's identifier")),
    responses((status = 204, description = "It is gone"), ReadProblems, Modeller))]
#[delete("/backtests/{id}")]
pub async fn delete_backtest(app: Modeller, id: Path<Uuid>) -> Result<HttpResponse, ApiError> {
    let id = RecordId(id.into_inner());
    let remove = move |conn: &mut Conn| backtest::remove(conn, id);
    app.db().write(remove).await?;
    Ok(HttpResponse::NoContent().finish())
}
