//! Programmes.

use actix_web::web::{Json, Path, Query};
use actix_web::{get, post, put};
use keepworth_contract::finance::ProgrammeMoneyQuery;
use keepworth_contract::simulator::{
    Programme, ProgrammeGateDecisionInput, ProgrammeInput, ProgrammeMoneyReport, ProgrammePage,
    ProgrammeQuery, ProgrammeStepInput, ProgrammeVersionQuery, UnassignedMoney, WhichVersion,
};
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent, Written};
use keepworth_platform::precondition::{IfMatchHeader, IfMatching, Tagged, TaggedResult};
use keepworth_platform::reason::{ReasonHeader, Reasoned};
use keepworth_platform::{
    ApiError, ApiResult, Body, PreconditionProblems, ReadProblems, WriteProblems,
};
use keepworth_store::Conn;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::upstream::{MoneyProblems, NoAnswer};
use crate::{FiguresReader, Modeller};
use keepworth_simulator::app::programme;

/// Keeps a programme under a new key: who carries it, what is done in it, when it is judged, what may go wrong.
///
/// Segments and phases that it names must be known. It begins as `PROPOSED`, and says nothing of money: that is what
/// finance has under its key and under those of its initiatives (`GET /v1/programmes/{key}/money`).
#[utoipa::path(operation_id = "create_programme", tag = "programmes", request_body(content = ProgrammeInput, example = json!(
        {"key": "service-2027", "name": "Service 2027", "sponsor": "Ada Lovelace", "owner": "Grace Hopper",
        "initiatives": [{"key": "call-backs", "name": "Call back with context", "process_owner": "Jean Bartik",
            "segments": ["smb"], "readiness": {
                "people": {"score": 3, "evidence": "two teams are trained", "seen_on": "2026-01-15"},
                "process": {"score": 2, "evidence": "no hand-over is written down", "seen_on": "2026-01-15"},
                "politics": {"score": 4, "evidence": "the head of service asked for it", "seen_on": "2026-01-20"}}}],
        "gates": [{"name": "pilot", "due": "2026-06", "criterion": "4% fewer leave among those who were called"}],
        "risks": [{"text": "agents leave", "likelihood": "MEDIUM", "response": "hire two more", "owner": "Jean Bartik"}]})),
    params(IdempotencyKey),
    responses((status = 201, body = Programme, description = "Its first version",
               headers(("Location" = String, description = "Its address"),
                       ("ETag" = String, description = "Its version"))), WriteProblems, NoAnswer, Modeller))]
#[post("/programmes")]
pub async fn create_programme(
    app: Modeller,
    request: Idempotent<Body<ProgrammeInput>>,
) -> Result<Written, ApiError> {
    let new = request.body.0;
    let known = programme::names_known(&app, &new).await;
    let work = move |conn: &mut Conn| programme::create(conn, &new, known);
    Ok(request.key.create(app.db(), address, work).await?.tagged())
}

/// What a segment of a path has as it is (RFC 3986, unreserved).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A key is any text, and an address is not.
fn address(it: &Programme) -> String {
    utf8_percent_encode(it.statement.key.as_str(), RESERVED).to_string()
}

/// Lists programmes, each in its newest version.
#[utoipa::path(operation_id = "list_programmes", tag = "programmes", params(ProgrammeQuery),
    responses((status = 200, body = ProgrammePage, description = "A page of programmes"), ReadProblems, FiguresReader))]
#[get("/programmes")]
pub async fn list_programmes(
    app: FiguresReader,
    query: Query<ProgrammeQuery>,
) -> ApiResult<ProgrammePage> {
    Ok(Json(programme::list(app.db(), query.into_inner()).await?))
}

/// A programme in its newest version, or in the one that is asked for, with an `ETag`.
#[utoipa::path(operation_id = "load_programme", tag = "programmes",
    params(("key" = String, Path, description = "Its key"), WhichVersion),
    responses((status = 200, body = Programme, description = "The programme",
               headers(("ETag" = String, description = "Its version"))), ReadProblems, FiguresReader))]
#[get("/programmes/{key}")]
pub async fn load_programme(
    app: FiguresReader,
    key: Path<String>,
    which: Query<WhichVersion>,
) -> TaggedResult<Programme> {
    let load = move |conn: &mut Conn| programme::load(conn, &key, which.version);
    Ok(Tagged(app.db().read(load).await?))
}

/// Writes what a programme is from now on. Where it stands and what was decided at its gates stays.
///
/// Who edits a version that is no longer the newest is answered 412, and nothing is written. A gate that was decided stays
/// as it was, and nothing is written to a programme that is closed or stopped.
#[utoipa::path(operation_id = "put_programme", tag = "programmes", request_body(content = ProgrammeInput, example = json!(
        {"key": "service-2027", "name": "Service 2027", "sponsor": "Ada Lovelace", "owner": "Grace Hopper",
        "initiatives": [{"key": "call-backs", "name": "Call back with context"},
                        {"key": "mended-bills", "name": "Bills that are understood"}]})),
    params(("key" = String, Path, description = "Its key"), IfMatchHeader),
    responses((status = 200, body = Programme, description = "The new version",
               headers(("ETag" = String, description = "Its version"))),
              PreconditionProblems, WriteProblems, NoAnswer, Modeller))]
#[put("/programmes/{key}")]
pub async fn put_programme(
    app: Modeller,
    key: Path<String>,
    IfMatching(precondition): IfMatching,
    Body(new): Body<ProgrammeInput>,
) -> TaggedResult<Programme> {
    let known = programme::names_known(&app, &new).await;
    let put = move |conn: &mut Conn| programme::put(conn, &key, &precondition, &new, known);
    Ok(Tagged(app.db().write(put).await?))
}

/// Lists the versions of a programme: what was done to it, by whom, when and why.
#[utoipa::path(operation_id = "list_programme_versions", tag = "programmes",
    params(("key" = String, Path, description = "Its key"), ProgrammeVersionQuery),
    responses((status = 200, body = ProgrammePage, description = "A page of versions"), ReadProblems, FiguresReader))]
#[get("/programmes/{key}/versions")]
pub async fn list_programme_versions(
    app: FiguresReader,
    key: Path<String>,
    query: Query<ProgrammeVersionQuery>,
) -> ApiResult<ProgrammePage> {
    let versions = programme::list_versions(app.db(), key.into_inner(), query.into_inner());
    Ok(Json(versions.await?))
}

/// Starts a programme that is proposed. Somebody must be named who stands for it, and somebody who carries it out.
#[utoipa::path(operation_id = "start_programme", tag = "programmes",
    request_body(content = ProgrammeStepInput, example = json!({"version": 1})),
    params(("key" = String, Path, description = "Its key"), IdempotencyKey, ReasonHeader),
    responses((status = 200, body = Programme, description = "The programme"), WriteProblems, Modeller))]
#[post("/programmes/{key}:start")]
pub async fn start_programme(
    app: Modeller,
    key: Path<String>,
    _: Reasoned,
    request: Idempotent<Body<ProgrammeStepInput>>,
) -> Result<Written, ApiError> {
    let step = request.body.0;
    let start = move |conn: &mut Conn| programme::start(conn, &key, &step);
    Ok(request.key.write(app.db(), start).await?.tagged())
}

/// Decides a gate of a programme that is proposed or runs: it is passed or failed, or opened again.
#[utoipa::path(operation_id = "decide_programme_gate", tag = "programmes",
    request_body(content = ProgrammeGateDecisionInput, example = json!({"version": 2, "gate": "pilot", "outcome": "PASSED"})),
    params(("key" = String, Path, description = "Its key"), IdempotencyKey, ReasonHeader),
    responses((status = 200, body = Programme, description = "The programme"), WriteProblems, Modeller))]
#[post("/programmes/{key}:decide-gate")]
pub async fn decide_programme_gate(
    app: Modeller,
    key: Path<String>,
    _: Reasoned,
    request: Idempotent<Body<ProgrammeGateDecisionInput>>,
) -> Result<Written, ApiError> {
    let decision = request.body.0;
    let decide = move |conn: &mut Conn| programme::decide_gate(conn, &key, &decision);
    Ok(request.key.write(app.db(), decide).await?.tagged())
}

/// Closes a programme that runs, when each of its gates was decided. Nothing more is written to it.
#[utoipa::path(operation_id = "close_programme", tag = "programmes",
    request_body(content = ProgrammeStepInput, example = json!({"version": 3})),
    params(("key" = String, Path, description = "Its key"), IdempotencyKey, ReasonHeader),
    responses((status = 200, body = Programme, description = "The programme"), WriteProblems, Modeller))]
#[post("/programmes/{key}:close")]
pub async fn close_programme(
    app: Modeller,
    key: Path<String>,
    _: Reasoned,
    request: Idempotent<Body<ProgrammeStepInput>>,
) -> Result<Written, ApiError> {
    let step = request.body.0;
    let close = move |conn: &mut Conn| programme::close(conn, &key, &step);
    Ok(request.key.write(app.db(), close).await?.tagged())
}

/// Gives a programme up, whether it was started or not. Nothing more is written to it.
#[utoipa::path(operation_id = "stop_programme", tag = "programmes",
    request_body(content = ProgrammeStepInput, example = json!({"version": 2})),
    params(("key" = String, Path, description = "Its key"), IdempotencyKey, ReasonHeader),
    responses((status = 200, body = Programme, description = "The programme"), WriteProblems, Modeller))]
#[post("/programmes/{key}:stop")]
pub async fn stop_programme(
    app: Modeller,
    key: Path<String>,
    _: Reasoned,
    request: Idempotent<Body<ProgrammeStepInput>>,
) -> Result<Written, ApiError> {
    let step = request.body.0;
    let stop = move |conn: &mut Conn| programme::stop(conn, &key, &step);
    Ok(request.key.write(app.db(), stop).await?.tagged())
}

/// What a programme may cost by the newest budgets of finance, and what it did cost: its own money, and that of each
/// initiative, by month and kind of money. What finance has money of and no programme names is listed beside it.
#[utoipa::path(operation_id = "load_programme_money", tag = "programmes",
    params(("key" = String, Path, description = "Its key"), ProgrammeMoneyQuery),
    responses((status = 200, body = ProgrammeMoneyReport, description = "Planned and spent"),
              ReadProblems, MoneyProblems, NoAnswer, FiguresReader))]
#[get("/programmes/{key}/money")]
pub async fn load_programme_money(
    app: FiguresReader,
    key: Path<String>,
    query: Query<ProgrammeMoneyQuery>,
) -> ApiResult<ProgrammeMoneyReport> {
    Ok(Json(
        programme::money(&app, key.into_inner(), &query).await?,
    ))
}

/// What is in finance, but in no programme: budgets and costs under names that are no programme's and no initiative's key.
#[utoipa::path(operation_id = "load_unassigned_money", tag = "programmes", params(ProgrammeMoneyQuery),
    responses((status = 200, body = UnassignedMoney, description = "Planned and spent"),
              ReadProblems, MoneyProblems, NoAnswer, FiguresReader))]
#[get("/unassigned-money")]
pub async fn load_unassigned_money(
    app: FiguresReader,
    query: Query<ProgrammeMoneyQuery>,
) -> ApiResult<UnassignedMoney> {
    Ok(Json(programme::unassigned(&app, &query).await?))
}
