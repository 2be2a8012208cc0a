//! Scenarios that are kept.

use actix_web::web::{Json, Path, Query};
use actix_web::{get, post, put};
use keepworth_contract::simulator::{
    ScenarioArchiveInput, ScenarioDiff, ScenarioDiffQuery, ScenarioDocument, ScenarioForkInput,
    ScenarioInput, ScenarioLint, ScenarioQuery, ScenarioSummaryPage, ScenarioTemplateList,
    ScenarioVersionInput, ScenarioVersionQuery, WhichVersion,
};
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent, Written};
use keepworth_platform::precondition::{IfMatchHeader, IfMatching, Tagged, TaggedResult};
use keepworth_platform::{
    ApiError, ApiResult, Body, PreconditionProblems, ReadProblems, WriteProblems,
};
use keepworth_store::Conn;

use crate::upstream::NoAnswer;
use crate::{FiguresReader, Modeller};
use keepworth_simulator::app::scenario;

/// Keeps a scenario under a new key: its first version, on the baseline of a hash.
///
/// It is read and put on its baseline as a run would be, references and all, and refused whole with the line and the way
/// out where no run could be made of it.
#[utoipa::path(operation_id = "create_scenario", tag = "scenarios", request_body(content = ScenarioInput, example = json!(
        {"key": "faster-answers", "reason": "for the budget of 2027",
        "baseline_hash": "5f2a0c7d9b1e4f6a8c3d5e7f9a1b3c5d7e9f1a3b5c7d9e1f3a5b7c9d1e3f5a7b",
        "scenario": "name = \"Faster answers\"\nhorizon_months = 24\ndiscount_rate = 0.1\n[[initiatives]]\nname = \"Call back\"\nreach = { smb = 1.0 }\n[[initiatives.effects]]\non = \"hazard\"\nsize = 0.05\n"})),
    params(IdempotencyKey),
    responses((status = 201, body = ScenarioDocument, description = "Its first version",
               headers(("Location" = String, description = "Its address"),
                       ("ETag" = String, description = "Its version"))), WriteProblems, Modeller))]
#[post("/scenarios")]
pub async fn create_scenario(
    app: Modeller,
    request: Idempotent<Body<ScenarioInput>>,
) -> Result<Written, ApiError> {
    let new = request.body.0;
    let rates = scenario::rates_of_new(&app, &new).await;
    let work = move |conn: &mut Conn| scenario::create(conn, &new, rates);
    let name = |it: &ScenarioDocument| it.summary.key.clone();
    Ok(request.key.create(app.db(), name, work).await?.tagged())
}

/// Lists scenarios, each in its newest version. `GET /v1/runs?scenario_key=KEY` lists the runs of one.
#[utoipa::path(operation_id = "list_scenarios", tag = "scenarios", params(ScenarioQuery),
    responses((status = 200, body = ScenarioSummaryPage, description = "A page of scenarios"), ReadProblems, FiguresReader))]
#[get("/scenarios")]
pub async fn list_scenarios(
    app: FiguresReader,
    query: Query<ScenarioQuery>,
) -> ApiResult<ScenarioSummaryPage> {
    Ok(Json(scenario::list(app.db(), query.into_inner()).await?))
}

/// A scenario in its newest version, or in the one that is asked for, with an `ETag`.
#[utoipa::path(operation_id = "load_scenario", tag = "scenarios",
    params(("key" = String, Path, description = "Its key"), WhichVersion),
    responses((status = 200, body = ScenarioDocument, description = "The scenario",
               headers(("ETag" = String, description = "Its version"))), ReadProblems, FiguresReader))]
#[get("/scenarios/{key}")]
pub async fn load_scenario(
    app: FiguresReader,
    key: Path<String>,
    which: Query<WhichVersion>,
) -> TaggedResult<ScenarioDocument> {
    let load = move |conn: &mut Conn| scenario::load(conn, &key, which.version);
    Ok(Tagged(app.db().read(load).await?))
}

/// Writes the next version of a scenario. The versions before stay as they are, and so do runs of them.
///
/// Who edits a version that is no longer the newest is answered 412, and nothing is written: read the newest, see with
/// `diff` what somebody else changed, and put the change on top of it.
#[utoipa::path(operation_id = "put_scenario", tag = "scenarios", request_body(content = ScenarioVersionInput, example = json!(
        {"reason": "half as large, after the pilot",
        "baseline_hash": "5f2a0c7d9b1e4f6a8c3d5e7f9a1b3c5d7e9f1a3b5c7d9e1f3a5b7c9d1e3f5a7b",
        "scenario": "name = \"Faster answers\"\nhorizon_months = 24\ndiscount_rate = 0.1\n[[initiatives]]\nname = \"Call back\"\nreach = { smb = 1.0 }\n[[initiatives.effects]]\non = \"hazard\"\nsize = 0.025\n"})),
    params(("key" = String, Path, description = "Its key"), IfMatchHeader),
    responses((status = 200, body = ScenarioDocument, description = "The new version",
               headers(("ETag" = String, description = "Its version"))),
              PreconditionProblems, WriteProblems, Modeller))]
#[put("/scenarios/{key}")]
pub async fn put_scenario(
    app: Modeller,
    key: Path<String>,
    IfMatching(precondition): IfMatching,
    Body(new): Body<ScenarioVersionInput>,
) -> TaggedResult<ScenarioDocument> {
    let rates = scenario::rates_of_version(&app, &new).await;
    let put = move |conn: &mut Conn| scenario::put(conn, &key, &precondition, &new, rates);
    Ok(Tagged(app.db().write(put).await?))
}

/// Lists the versions of a scenario, without their texts.
#[utoipa::path(operation_id = "list_scenario_versions", tag = "scenarios",
    params(("key" = String, Path, description = "Its key"), ScenarioVersionQuery),
    responses((status = 200, body = ScenarioSummaryPage, description = "A page of versions"), ReadProblems, FiguresReader))]
#[get("/scenarios/{key}/versions")]
pub async fn list_scenario_versions(
    app: FiguresReader,
    key: Path<String>,
    query: Query<ScenarioVersionQuery>,
) -> ApiResult<ScenarioSummaryPage> {
    let versions = scenario::list_versions(app.db(), key.into_inner(), query.into_inner());
    Ok(Json(versions.await?))
}

/// What two versions of a scenario say differently, key by key, with what it was and what it is.
#[utoipa::path(operation_id = "diff_scenario", tag = "scenarios",
    params(("key" = String, Path, description = "Its key"), ScenarioDiffQuery),
    responses((status = 200, body = ScenarioDiff, description = "The differences"), ReadProblems, FiguresReader))]
#[get("/scenarios/{key}/diff")]
pub async fn diff_scenario(
    app: FiguresReader,
    key: Path<String>,
    which: Query<ScenarioDiffQuery>,
) -> ApiResult<ScenarioDiff> {
    let diff = move |conn: &mut Conn| scenario::diff(conn, &key, &which);
    Ok(Json(app.db().read(diff).await?))
}

/// What in a scenario can be run and is probably not meant, each with its place and the way out. What initiatives cost is
/// held against finance's newest budgets under their keys.
#[utoipa::path(operation_id = "lint_scenario", tag = "scenarios",
    params(("key" = String, Path, description = "Its key"), WhichVersion),
    responses((status = 200, body = ScenarioLint, description = "What was found"), ReadProblems, NoAnswer, FiguresReader))]
#[get("/scenarios/{key}/lint")]
pub async fn lint_scenario(
    app: FiguresReader,
    key: Path<String>,
    which: Query<WhichVersion>,
) -> ApiResult<ScenarioLint> {
    let key = key.into_inner();
    Ok(Json(
        scenario::lint_with_budgets(&app, key, which.version).await?,
    ))
}

/// Begins a scenario under a key of its own with what another says, in its newest version or the one that is asked for.
#[utoipa::path(operation_id = "fork_scenario", tag = "scenarios", request_body(content = ScenarioForkInput,
        example = json!({"key": "faster-answers-cautious", "version": 1, "reason": "what if half of it comes true"})),
    params(("key" = String, Path, description = "The key of the other"), IdempotencyKey),
    responses((status = 200, body = ScenarioDocument, description = "The new scenario"), WriteProblems, Modeller))]
#[post("/scenarios/{key}:fork")]
pub async fn fork_scenario(
    app: Modeller,
    key: Path<String>,
    request: Idempotent<Body<ScenarioForkInput>>,
) -> Result<Written, ApiError> {
    let asked = request.body.0;
    let fork = move |conn: &mut Conn| scenario::fork(conn, &key, &asked);
    Ok(request.key.write(app.db(), fork).await?.tagged())
}

/// Archives a scenario: it takes no new version and lists leave it out. It can be read, run and forked as before.
#[utoipa::path(operation_id = "archive_scenario", tag = "scenarios", request_body(content = ScenarioArchiveInput,
        example = json!({"reason": "decided on 2026-03-01: not this year"})),
    params(("key" = String, Path, description = "Its key"), IdempotencyKey),
    responses((status = 200, body = ScenarioDocument, description = "The scenario, archived"), WriteProblems, Modeller))]
#[post("/scenarios/{key}:archive")]
pub async fn archive_scenario(
    app: Modeller,
    key: Path<String>,
    request: Idempotent<Body<ScenarioArchiveInput>>,
) -> Result<Written, ApiError> {
    let why = request.body.0;
    let archive = move |conn: &mut Conn| scenario::archive(conn, &key, &why);
    request.key.write(app.db(), archive).await
}

/// Lists scenarios to begin with; `keepworth scenario new` writes one for the segments of a baseline.
#[utoipa::path(operation_id = "list_scenario_templates", tag = "scenarios",
    responses((status = 200, body = ScenarioTemplateList, description = "All templates"), ReadProblems, FiguresReader))]
#[get("/scenario-templates")]
pub async fn list_scenario_templates(_app: FiguresReader) -> ApiResult<ScenarioTemplateList> {
    Ok(Json(scenario::templates()))
}
