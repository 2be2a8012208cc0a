//! Import of a general ledger.

use crate::Importer;
use crate::reported::reported;
use actix_web::web::{Json, Path, Payload, Query};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, get, post};
use keepworth_contract::finance::{GeneralLedgerQuery, GeneralLedgerReport};
use keepworth_contract::{Job, ProblemCode};
use keepworth_finance::app::general_ledger::{MOST_BYTES, enqueue, report};
use keepworth_intake::Failure;
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent};
use keepworth_platform::jobs::order;
use keepworth_platform::prefer::{Prefer, PreferHeader};
use keepworth_platform::{ApiError, ApiResult, ReadProblems, WriteProblems, read_file};
use keepworth_store::{Conn, RecordId};
use uuid::Uuid;

/// Orders that the costs of a general ledger are taken from a CSV file with the columns of ERPNext: a job,
/// which goes on whoever waits for it.
///
/// `posting_date, account, debit, credit, voucher_type, voucher_no` are needed, `cost_center,
/// remarks, company, source_line` (the row's line in the file it was taken from) are read, others
/// are not; `Debit (EUR)` is `debit` where amounts are in EUR. Each voucher must be whole and balance; it is taken whole or not at all, and with
/// `on_invalid=refuse` so is the file. What its accounts are is said below `/v1/accounts`. Sending a
/// file again changes nothing, with or without a key: lines are known by voucher and place.
#[utoipa::path(operation_id = "import_general_ledger", tag = "general ledger",
    params(GeneralLedgerQuery, PreferHeader, IdempotencyKey), request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = GeneralLedgerReport, description = "What became of each voucher, done in time"),
              (status = 202, body = Job, headers(("Location" = String, description = "The job's address")),
               description = "The job that will take it"), WriteProblems, Importer))]
#[post("/general-ledger:import")]
pub async fn import_general_ledger(
    app: Importer,
    query: Query<GeneralLedgerQuery>,
    http: HttpRequest,
    prefer: Prefer,
    request: Idempotent<Payload>,
) -> Result<HttpResponse, ApiError> {
    check_type(&http)?;
    let file = read_file(request.body, MOST_BYTES, "split it by voucher").await?;
    let room = app.imports().room();
    let enqueue = move |conn: &mut Conn| enqueue(conn, room, &query, &file);
    let load = async |job: &_| Ok(reported(job));
    order(app.jobs(), &http, prefer, request.key, enqueue, load).await
}

/// What became of each voucher of a file, by the job that took it; for as long as jobs are kept, 30 days.
#[utoipa::path(operation_id = "load_general_ledger_report", tag = "general ledger",
    params(("id" = Uuid, Path, description = "The job's identifier")),
    responses((status = 200, body = GeneralLedgerReport, description = "What became of each voucher"), ReadProblems, Importer))]
#[get("/general-ledger-reports/{id}")]
pub async fn load_general_ledger_report(
    app: Importer,
    id: Path<Uuid>,
) -> ApiResult<GeneralLedgerReport> {
    let id = RecordId(id.into_inner());
    Ok(Json(app.db().read(move |conn| report(conn, id)).await?))
}

/// A page of another site can send `text/plain` for whoever looks at it, and `text/csv` only when
/// this service allows it.
fn check_type(request: &HttpRequest) -> Result<(), Failure> {
    if request.content_type() == "text/csv" {
        return Ok(());
    }
    let reason = "send the file with content-type: text/csv, uncompressed";
    Err(Failure::unsupported(
        ProblemCode::UnsupportedMediaType,
        reason,
    ))
}
