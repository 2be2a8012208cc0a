//! The register of a scenario's assumptions.

use actix_web::web::{Json, Path, Query};
use actix_web::{get, post};
use keepworth_contract::simulator::{
    AssumptionCheck, AssumptionCheckInput, AssumptionQuery, AssumptionRegister,
};
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent, Written};
use keepworth_platform::{ApiError, ApiResult, Body, ReadProblems, WriteProblems};
use keepworth_store::Conn;

use crate::{FiguresReader, Modeller};
use keepworth_simulator::app::assumption;

/// What a scenario takes to be so: every input that is drawn, what decides most first.
///
/// Each with its range, its source and grade, where the text has it, who last looked, and its share of the variance of
/// NPV. `?grade=D&deciding=5` are those among the five that decide which nobody backs: what to pilot, or to look up,
/// before anything else.
#[utoipa::path(operation_id = "load_assumptions", tag = "scenarios",
    params(("key" = String, Path, description = "The scenario's key"), AssumptionQuery),
    responses((status = 200, body = AssumptionRegister, description = "The register"), ReadProblems, FiguresReader))]
#[get("/scenarios/{key}/assumptions")]
pub async fn load_assumptions(
    app: FiguresReader,
    key: Path<String>,
    query: Query<AssumptionQuery>,
) -> ApiResult<AssumptionRegister> {
    let register = assumption::register(&app, key.into_inner(), query.into_inner());
    Ok(Json(register.await?))
}

/// Writes down that somebody looked whether an assumption is still so, and who answers for it.
///
/// It stays with the scenario's key, whatever version is written after; what was looked at last stands in the register.
#[utoipa::path(operation_id = "check_assumption", tag = "scenarios",
    params(("key" = String, Path, description = "The scenario's key"), IdempotencyKey),
    request_body(content = AssumptionCheckInput, example = json!(
        {"input": "initiatives.Call back.hazard", "owner": "Ada Lovelace, service", "checked_on": "2026-01-15",
        "note": "the pilot of spring still stands"})),
    responses((status = 200, body = AssumptionCheck, description = "What was written"), WriteProblems, Modeller))]
#[post("/scenarios/{key}/assumption-checks")]
pub async fn check_assumption(
    app: Modeller,
    key: Path<String>,
    request: Idempotent<Body<AssumptionCheckInput>>,
) -> Result<Written, ApiError> {
    let check = request.body.0;
    let known = assumption::inputs(&app, &key).await?;
    let work = move |conn: &mut Conn| assumption::check(conn, &key, &known, &check);
    request.key.write(app.db(), work).await
}
