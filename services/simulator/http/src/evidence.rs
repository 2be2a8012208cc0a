//! The library of evidence.

use actix_web::web::{Json, Path, Query};
use actix_web::{get, post, put};
use keepworth_contract::simulator::{
    Evidence, EvidenceInput, EvidencePage, EvidenceQuery, WithdrawalInput,
};
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent, Written};
use keepworth_platform::precondition::{IfMatchHeader, IfMatching, Tagged, TaggedResult};
use keepworth_platform::{
    ApiError, ApiResult, Body, PreconditionProblems, ReadProblems, WriteProblems,
};
use keepworth_store::Conn;

use crate::{FiguresReader, Modeller};
use keepworth_simulator::app::evidence;

/// Puts evidence into the library: what a change does to a lever, how that came to be known, and where it can be
/// looked up.
///
/// Its grade follows by rule from how it came to be known, its source and its error; `reasons` say why. A scenario
/// refers to it by its key, in place of size and grade.
#[utoipa::path(operation_id = "create_evidence", tag = "evidence", request_body(content = EvidenceInput, example = json!(
        {"key": "call-backs-2025", "title": "Call-backs within a day, pilot of spring 2025", "lever": "HAZARD",
        "study": {"kind": "PILOT", "reading": "ALWAYS_VALID", "arms": {"control": 5012, "treated": 4987}},
        "size": {"form": "INTERVAL", "low": 0.02, "high": 0.15, "level": 0.95}, "n": 9999,
        "method": "log rate ratio, confidence sequence", "source": "report CX-2025-07", "source_on": "2025-07-01",
        "owner": "A. Lovelace", "review_on": "2026-07-01"})),
    params(IdempotencyKey),
    responses((status = 201, body = Evidence, description = "The evidence with its grade",
               headers(("Location" = String, description = "Its address"))), WriteProblems, Modeller))]
#[post("/evidence")]
pub async fn create_evidence(
    app: Modeller,
    request: Idempotent<Body<EvidenceInput>>,
) -> Result<Written, ApiError> {
    let new = request.body.0;
    let work = move |conn: &mut Conn| evidence::create(conn, &new);
    let name = |it: &Evidence| it.statement.key.clone();
    request.key.create(app.db(), name, work).await
}

/// Lists the library, each in its last version. `GET /v1/runs?evidence_key=KEY` lists which runs refer to one.
#[utoipa::path(operation_id = "list_evidence", tag = "evidence", params(EvidenceQuery),
    responses((status = 200, body = EvidencePage, description = "A page of evidence"), ReadProblems, FiguresReader))]
#[get("/evidence")]
pub async fn list_evidence(
    app: FiguresReader,
    query: Query<EvidenceQuery>,
) -> ApiResult<EvidencePage> {
    Ok(Json(evidence::list(app.db(), query.into_inner()).await?))
}

/// The evidence of a key in its last version, or in that of `KEY@VERSION`, with an `ETag`.
#[utoipa::path(operation_id = "load_evidence", tag = "evidence",
    params(("key" = String, Path, description = "Its key, or key@version")),
    responses((status = 200, body = Evidence, description = "The evidence",
               headers(("ETag" = String, description = "Its version"))), ReadProblems, FiguresReader))]
#[get("/evidence/{key}")]
pub async fn load_evidence(app: FiguresReader, key: Path<String>) -> TaggedResult<Evidence> {
    let load = move |conn: &mut Conn| evidence::load(conn, &key);
    Ok(Tagged(app.db().read(load).await?))
}

/// Replaces evidence by its next version. Runs that refer to an earlier one keep it; withdrawn evidence holds again.
#[utoipa::path(operation_id = "put_evidence", tag = "evidence", request_body(content = EvidenceInput, example = json!(
        {"key": "call-backs-2025", "title": "Call-backs within a day, as the vendor says", "lever": "HAZARD",
        "study": {"kind": "VENDOR_STATEMENT"}, "size": {"form": "NUMBER", "value": 0.2},
        "source": "brochure", "owner": "A. Lovelace", "review_on": "2026-07-01"})),
    params(("key" = String, Path, description = "Its key"), IfMatchHeader),
    responses((status = 200, body = Evidence, description = "The evidence in its new version",
               headers(("ETag" = String, description = "Its version"))),
              PreconditionProblems, WriteProblems, Modeller))]
#[put("/evidence/{key}")]
pub async fn put_evidence(
    app: Modeller,
    key: Path<String>,
    IfMatching(precondition): IfMatching,
    Body(new): Body<EvidenceInput>,
) -> TaggedResult<Evidence> {
    let put = move |conn: &mut Conn| evidence::put(conn, &key, &precondition, &new);
    Ok(Tagged(app.db().write(put).await?))
}

/// Withdraws evidence: no new run may refer to it, in any version. Runs that did stay as they are.
#[utoipa::path(operation_id = "withdraw_evidence", tag = "evidence", request_body(content = WithdrawalInput,
        example = json!({"reason": "the arms were mixed up in June"})),
    params(("key" = String, Path, description = "Its key"), IdempotencyKey),
    responses((status = 200, body = Evidence, description = "The evidence, withdrawn"), WriteProblems, Modeller))]
#[post("/evidence/{key}:withdraw")]
pub async fn withdraw_evidence(
    app: Modeller,
    key: Path<String>,
    request: Idempotent<Body<WithdrawalInput>>,
) -> Result<Written, ApiError> {
    let why = request.body.0;
    let withdraw = move |conn: &mut Conn| evidence::withdraw(conn, &key, &why);
    request.key.write(app.db(), withdraw).await
}
