//! Import of a general ledger.

use crate::Importer;
use actix_web::web::{Payload, Query};
use actix_web::{HttpMessage, HttpRequest, post};
use keepworth_contract::ProblemCode;
use keepworth_contract::finance::{GeneralLedgerQuery, GeneralLedgerReport};
use keepworth_finance::app::general_ledger::{MOST_BYTES, import_file};
use keepworth_intake::Failure;
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent, Written};
use keepworth_platform::{ApiError, WriteProblems, read_file};
use keepworth_store::Conn;

/// Imports the costs of a general ledger from a CSV file with the columns of ERPNext.
///
/// `posting_date, account, debit, credit, voucher_type, voucher_no` are needed, `cost_center,
/// remarks, company, source_line` (the row's line in the file it was taken from) are read, others
/// are not; `Debit (EUR)` is `debit` where amounts are in EUR. Each voucher must be whole and balance; it is taken whole or not at all, and with
/// `on_invalid=refuse` so is the file. What its accounts are is said below `/v1/accounts`. Sending a
/// file again changes nothing, with or without a key: lines are known by voucher and place.
#[utoipa::path(operation_id = "import_general_ledger", tag = "general ledger",
    params(GeneralLedgerQuery, IdempotencyKey), request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = GeneralLedgerReport, description = "What became of each voucher"), WriteProblems, Importer))]
#[post("/general-ledger:import")]
pub async fn import_general_ledger(
    app: Importer,
    query: Query<GeneralLedgerQuery>,
    http: HttpRequest,
    request: Idempotent<Payload>,
) -> Result<Written, ApiError> {
    let query = query.into_inner();
    check_type(&http)?;
    let file = read_file(request.body, MOST_BYTES, "split it by voucher").await?;
    let work = move |conn: &mut Conn| import_file(conn, &query, &file);
    request.key.write(app.db(), work).await
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
