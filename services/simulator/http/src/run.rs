//! Runs: a scenario simulated on a baseline.

use actix_web::web::{Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use keepworth_contract::Job;
use keepworth_contract::simulator::{Run, RunInput, RunQuery, RunSummaryPage};
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent};
use keepworth_platform::prefer::{Prefer, PreferHeader};
use keepworth_platform::{ApiError, ApiResult, Body, ReadProblems, WriteProblems};
use keepworth_store::{Conn, RecordId};
use uuid::Uuid;

use crate::order::{self, order};
use crate::{FiguresReader, Modeller};
use keepworth_simulator::app::run;

/// Orders the simulation of a scenario on a baseline: a job, which goes on whoever waits for it.
///
/// The scenario is a text on the baseline of a hash, or one that is kept: `scenario_key`, in its newest version or in
/// `scenario_version`, on the baseline of that version.
///
/// What was run before is not drawn again: a kept scenario in the same version, with the same futures and seed, by the same
/// engine and with the same references comes to the same figures, and its run is answered (200).
///
/// An effect of the scenario may say `evidence = "KEY"` in place of `size` and `grade`: what the library says under
/// that key now is put there, and the run keeps which version it was. `evidence = "KEY@VERSION"` names a version.
///
/// A cost may be in another currency than the baseline (`currency = "USD"`): what one unit is worth on the baseline's day, and
/// how far that moves, is asked of finance, unless the scenario tells it under `[[currencies]]`.
///
/// `model_error = "backtest"` makes it as unsure as the past was: what the newest backtest found too sure that ends on
/// the baseline's day or in the 13 months before it is drawn as inputs of their own. `"backtest/ID"` names one.
#[utoipa::path(operation_id = "create_run", tag = "runs", request_body(content = RunInput, example = json!(
        {"baseline_hash": "5f2a0c7d9b1e4f6a8c3d5e7f9a1b3c5d7e9f1a3b5c7d9e1f3a5b7c9d1e3f5a7b",
        "trials": 10000, "seed": 1,
        "scenario": "name = \"Faster answers\"\nhorizon_months = 24\ndiscount_rate = 0.1\n[[initiatives]]\nname = \"Call back\"\nreach = { smb = 1.0 }\n[[initiatives.effects]]\non = \"hazard\"\nsize = 0.05\n"})), params(PreferHeader, IdempotencyKey),
    responses((status = 200, body = Run, description = "The run of the same version, futures and seed that is there already"),
              (status = 201, body = Run, description = "The run with its result, done in time"),
              (status = 202, body = Job, headers(("Location" = String, description = "The job's address")),
               description = "The job that will make it"), WriteProblems, Modeller))]
#[post("/runs")]
pub async fn create_run(
    app: Modeller,
    request: HttpRequest,
    prefer: Prefer,
    Idempotent { key, body }: Idempotent<Body<RunInput>>,
) -> Result<HttpResponse, ApiError> {
    let room = app.rooms().runs;
    // Looked at in the transaction: an order that was taken before is answered whatever has become of what it names.
    let taken = run::take(&app, body.0).await;
    if let Some(run) = run::find_same(app.db(), &taken).await? {
        return Ok(order::run(&request, HttpResponse::Ok(), &run));
    }
    let enqueue = move |conn: &mut Conn| run::enqueue(conn, room, taken);
    order(&app, &request, prefer, key, enqueue).await
}

/// Lists runs in the order of their making.
#[utoipa::path(operation_id = "list_runs", tag = "runs", params(RunQuery),
    responses((status = 200, body = RunSummaryPage, description = "A page of runs"), ReadProblems, FiguresReader))]
#[get("/runs")]
pub async fn list_runs(app: FiguresReader, query: Query<RunQuery>) -> ApiResult<RunSummaryPage> {
    Ok(Json(run::list(app.db(), query.into_inner()).await?))
}

/// One run with its result.
#[utoipa::path(operation_id = "load_run", tag = "runs",
    params(("id" = Uuid, Path, description = "The run's identifier")),
    responses((status = 200, body = Run, description = "The run"), ReadProblems, FiguresReader))]
#[get("/runs/{id}")]
pub async fn load_run(app: FiguresReader, id: Path<Uuid>) -> ApiResult<Run> {
    let id = RecordId(id.into_inner());
    let run = app.db().read(move |conn| run::load(conn, id));
    Ok(Json(run.await?))
}

/// Removes a run. The job that made it goes on saying so for as long as jobs are kept.
#[utoipa::path(operation_id = "delete_run", tag = "runs",
    params(("id" = Uuid, Path, description = "The run's identifier")),
    responses((status = 204, description = "It is gone"), ReadProblems, Modeller))]
#[delete("/runs/{id}")]
pub async fn delete_run(app: Modeller, id: Path<Uuid>) -> Result<HttpResponse, ApiError> {
    let id = RecordId(id.into_inner());
    let remove = move |conn: &mut Conn| run::remove(conn, id);
    app.db().write(remove).await?;
    Ok(HttpResponse::NoContent().finish())
}
