//! Baselines: the company as it was on a day, frozen.

use actix_web::web::{Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use keepworth_contract::simulator::baseline::Baseline;
use keepworth_contract::simulator::{BaselineInput, BaselineQuery, BaselineSummaryPage};
use keepworth_contract::{Job, Problem};
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent};
use keepworth_platform::prefer::{Prefer, PreferHeader};
use keepworth_platform::{ApiError, ApiResult, Body, ReadProblems, RemoveProblems, WriteProblems};

use keepworth_store::Conn;

use crate::order::order;
use crate::{FiguresReader, Modeller};
use keepworth_simulator::app::baseline::{self, Order};

/// Orders the baseline as of a day, built from the feeds of customers, experience and finance: a job,
/// which goes on whoever waits for it.
///
/// The same records give the same document under the same hash, and no second one is kept. Amounts in
/// several currencies are refused (`mixed_currencies`), unless `currency` says into which they are converted;
/// a month without a rate is refused with its pair (`missing_fx_rate`).
#[utoipa::path(operation_id = "create_baseline", tag = "baselines", request_body(content = BaselineInput, example = json!(
        {"as_of": "2025-06-30", "currency": "EUR"})),
    params(PreferHeader, IdempotencyKey),
    responses((status = 201, body = Baseline, description = "The baseline, new, done in time"),
              (status = 200, body = Baseline, description = "The baseline, which was there already"),
              (status = 202, body = Job, headers(("Location" = String, description = "The job's address")),
               description = "The job that will build it"),
              (status = 502, body = Problem, content_type = "application/problem+json",
               description = "Another service is missing"), WriteProblems, Modeller))]
#[post("/baselines")]
pub async fn create_baseline(
    app: Modeller,
    request: HttpRequest,
    prefer: Prefer,
    Idempotent { key, body }: Idempotent<Body<BaselineInput>>,
) -> Result<HttpResponse, ApiError> {
    let room = app.rooms().baselines;
    let input = Order::from(body.0);
    let enqueue = move |conn: &mut Conn| baseline::enqueue(conn, room, &input);
    order(&app, &request, prefer, key, enqueue).await
}

/// Lists baselines in the order of their making.
#[utoipa::path(operation_id = "list_baselines", tag = "baselines", params(BaselineQuery),
    responses((status = 200, body = BaselineSummaryPage, description = "A page of baselines"), ReadProblems, FiguresReader))]
#[get("/baselines")]
pub async fn list_baselines(
    app: FiguresReader,
    query: Query<BaselineQuery>,
) -> ApiResult<BaselineSummaryPage> {
    Ok(Json(baseline::list(app.db(), query.into_inner()).await?))
}

/// One baseline by its hash.
#[utoipa::path(operation_id = "load_baseline", tag = "baselines",
    params(("hash" = String, Path, description = "The baseline's hash")),
    responses((status = 200, body = Baseline, description = "The baseline"), ReadProblems, FiguresReader))]
#[get("/baselines/{hash}")]
pub async fn load_baseline(
    app: FiguresReader,
    hash: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let hash = hash.into_inner();
    let document = app.db().read(move |conn| baseline::load(conn, &hash));
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .body(document.await?))
}

/// Removes a baseline that no run and no backtest stands on.
#[utoipa::path(operation_id = "delete_baseline", tag = "baselines",
    params(("hash" = String, Path, description = "The baseline's hash")),
    responses((status = 204, description = "It is gone"), ReadProblems, RemoveProblems, Modeller))]
#[delete("/baselines/{hash}")]
pub async fn delete_baseline(app: Modeller, hash: Path<String>) -> Result<HttpResponse, ApiError> {
    let hash = hash.into_inner();
    let remove = move |conn: &mut Conn| baseline::remove(conn, &hash);
    app.db().write(remove).await?;
    Ok(HttpResponse::NoContent().finish())
}
