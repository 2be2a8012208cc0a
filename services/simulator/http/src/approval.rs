//! Approvals of scenarios.

use actix_web::web::{Json, Path, Query};
use actix_web::{get, post};
use keepworth_contract::simulator::{
    ApprovalInput, DecisionInput, ScenarioApproval, ScenarioForecast, SubmissionInput, WhichVersion,
};
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent, Written};
use keepworth_platform::reason::{ReasonHeader, Reasoned};
use keepworth_platform::{ApiError, ApiResult, Body, ReadProblems, WriteProblems};
use keepworth_store::Conn;

use crate::{Approver, FiguresReader, Modeller};
use keepworth_simulator::app::approval;

/// Asks for the approval of a version, on the figures of a run of exactly that version.
///
/// The forecast of the run is computed now, from its own draws. What the gate finds stands in the way: initiatives without
/// sponsor or process owner, evidence whose review is overdue, what the lint calls an error, and what the policy does not
/// allow. `exceptions` asks for one by the finding's name, with a reason; who approves has to override it.
#[utoipa::path(operation_id = "submit_scenario", tag = "approvals", request_body(content = SubmissionInput, example = json!(
        {"version": 2, "run_id": "019a0000-0000-7000-8000-000000000000",
        "exceptions": [{"finding": "no_sponsor@initiatives[0]", "reason": "the head of service begins in March"}]})),
    params(("key" = String, Path, description = "Its key"), IdempotencyKey, ReasonHeader),
    responses((status = 200, body = ScenarioApproval, description = "Where it stands"), WriteProblems, Modeller))]
#[post("/scenarios/{key}:submit")]
pub async fn submit_scenario(
    app: Modeller,
    key: Path<String>,
    _: Reasoned,
    request: Idempotent<Body<SubmissionInput>>,
) -> Result<Written, ApiError> {
    // Looked at in the transaction: what was submitted before is answered wherever it stands now.
    let taken = approval::take(&app, &key, request.body.0).await;
    let submit = move |conn: &mut Conn| approval::submit(conn, &key, taken);
    request.key.write(app.db(), submit).await
}

/// Approves a version, which freezes its forecast and supersedes versions before that were approved or waited.
///
/// Nobody approves what they wrote or submitted themselves. `run_id` names the run whose figures were looked at: where
/// another was submitted meanwhile, nothing is approved. What the gate finds today stands in the way, unless it is
/// overridden by name with a reason, which stays in the record.
#[utoipa::path(operation_id = "approve_scenario", tag = "approvals", request_body(content = ApprovalInput, example = json!(
        {"version": 2, "run_id": "019a0000-0000-7000-8000-000000000000",
        "overrides": [{"finding": "no_sponsor@initiatives[0]", "reason": "the board carries it until March"}]})),
    params(("key" = String, Path, description = "Its key"), IdempotencyKey, ReasonHeader),
    responses((status = 200, body = ScenarioApproval, description = "Where it stands"), WriteProblems, Approver))]
#[post("/scenarios/{key}:approve")]
pub async fn approve_scenario(
    app: Approver,
    key: Path<String>,
    _: Reasoned,
    request: Idempotent<Body<ApprovalInput>>,
) -> Result<Written, ApiError> {
    let asked = request.body.0;
    let approve = move |conn: &mut Conn| approval::approve(conn, &key, asked);
    request.key.write(app.db(), approve).await
}

/// Sends a version back to who submitted it. It can be submitted again, or its next version.
#[utoipa::path(operation_id = "return_scenario", tag = "approvals",
    request_body(content = DecisionInput, example = json!({"version": 2})),
    params(("key" = String, Path, description = "Its key"), IdempotencyKey, ReasonHeader),
    responses((status = 200, body = ScenarioApproval, description = "Where it stands"), WriteProblems, Approver))]
#[post("/scenarios/{key}:return")]
pub async fn return_scenario(
    app: Approver,
    key: Path<String>,
    _: Reasoned,
    request: Idempotent<Body<DecisionInput>>,
) -> Result<Written, ApiError> {
    let which = request.body.0;
    let decide = move |conn: &mut Conn| approval::return_to_author(conn, &key, &which);
    request.key.write(app.db(), decide).await
}

/// Closes a version that waits, was returned or approved: nothing more is done to it. What was frozen stays.
#[utoipa::path(operation_id = "close_scenario", tag = "approvals",
    request_body(content = DecisionInput, example = json!({"version": 2})),
    params(("key" = String, Path, description = "Its key"), IdempotencyKey, ReasonHeader),
    responses((status = 200, body = ScenarioApproval, description = "Where it stands"), WriteProblems, Modeller))]
#[post("/scenarios/{key}:close")]
pub async fn close_scenario(
    app: Modeller,
    key: Path<String>,
    _: Reasoned,
    request: Idempotent<Body<DecisionInput>>,
) -> Result<Written, ApiError> {
    let which = request.body.0;
    let close = move |conn: &mut Conn| approval::close(conn, &key, &which);
    request.key.write(app.db(), close).await
}

/// Where a version stands, or the newest: what the gate finds of it while it waits, and every step, with who, when and why.
#[utoipa::path(operation_id = "load_scenario_approval", tag = "approvals",
    params(("key" = String, Path, description = "Its key"), WhichVersion),
    responses((status = 200, body = ScenarioApproval, description = "Where it stands"), ReadProblems, FiguresReader))]
#[get("/scenarios/{key}/approval")]
pub async fn load_scenario_approval(
    app: FiguresReader,
    key: Path<String>,
    which: Query<WhichVersion>,
) -> ApiResult<ScenarioApproval> {
    let load = move |conn: &mut Conn| approval::load(conn, &key, which.version);
    Ok(Json(app.db().read(load).await?))
}

/// What was forecast when a version was approved, or the last one that was: by calendar month, with bands, never changed.
#[utoipa::path(operation_id = "load_scenario_forecast", tag = "approvals",
    params(("key" = String, Path, description = "Its key"), WhichVersion),
    responses((status = 200, body = ScenarioForecast, description = "The forecast"), ReadProblems, FiguresReader))]
#[get("/scenarios/{key}/forecast")]
pub async fn load_scenario_forecast(
    app: FiguresReader,
    key: Path<String>,
    which: Query<WhichVersion>,
) -> ApiResult<ScenarioForecast> {
    let load = move |conn: &mut Conn| approval::load_forecast(conn, &key, which.version);
    Ok(Json(app.db().read(load).await?))
}
