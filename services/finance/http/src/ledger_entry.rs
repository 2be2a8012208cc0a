//! Ledger entries.

use crate::{BooksReader, Importer};
use actix_web::web::{Json, Path, Query};
use actix_web::{get, post};
use keepworth_contract::batch::BatchReport;
use keepworth_contract::finance::{
    LedgerEntry, LedgerEntryBatch, LedgerEntryInput, LedgerEntryPage, LedgerEntryQuery,
    LedgerEntryVersionList,
};
use keepworth_finance::app::ledger_entry;
use keepworth_finance::app::ledger_entry::{unknown_entry, upsert};
use keepworth_intake::Failure;
use keepworth_platform::{ApiResult, BatchBody, ReadProblems, WriteProblems};
use keepworth_store::RecordId;
use uuid::Uuid;

/// Lists ledger entries in id order.
#[utoipa::path(operation_id = "list_ledger_entries", tag = "ledger", params(LedgerEntryQuery),
    responses((status = 200, body = LedgerEntryPage, description = "A page of entries"), ReadProblems, BooksReader))]
#[get("/ledger-entries")]
pub async fn list_ledger_entries(
    app: BooksReader,
    query: Query<LedgerEntryQuery>,
) -> ApiResult<LedgerEntryPage> {
    Ok(Json(
        keepworth_finance::app::ledger_entry::list(&app, query.into_inner()).await?,
    ))
}

/// One ledger entry by id.
#[utoipa::path(operation_id = "load_ledger_entry", tag = "ledger",
    params(("id" = Uuid, Path, description = "The entry's identifier")),
    responses((status = 200, body = LedgerEntry, description = "The entry"), ReadProblems, BooksReader))]
#[get("/ledger-entries/{id}")]
pub async fn load_ledger_entry(app: BooksReader, id: Path<Uuid>) -> ApiResult<LedgerEntry> {
    let id = RecordId(id.into_inner());
    let row = app
        .db()
        .read(move |conn| ledger_entry::find_entry(conn, id).map_err(Failure::from))
        .await?;
    let row = row.ok_or_else(|| unknown_entry(id))?;
    Ok(Json(row.into()))
}

/// Lists what an entry said before it was corrected, oldest first.
#[utoipa::path(operation_id = "list_ledger_entry_versions", tag = "ledger",
    params(("id" = Uuid, Path, description = "The entry's identifier")),
    responses((status = 200, body = LedgerEntryVersionList, description = "Earlier versions"), ReadProblems, BooksReader))]
#[get("/ledger-entries/{id}/versions")]
pub async fn list_ledger_entry_versions(
    app: BooksReader,
    id: Path<Uuid>,
) -> ApiResult<LedgerEntryVersionList> {
    Ok(Json(
        keepworth_finance::app::ledger_entry::list_versions(&app, id.into_inner()).await?,
    ))
}

/// Writes up to 5,000 ledger entries; sending them again changes nothing.
///
/// An entry that comes with another content is a correction: the earlier version is kept, and
/// listed below `/v1/ledger-entries/{id}/versions`.
#[utoipa::path(operation_id = "batch_upsert_ledger_entries", tag = "ledger", request_body(content = LedgerEntryBatch, example = json!(
        {"import_id": "gl-2025-06", "items": [{"source": "gl", "external_id": "V-1",
        "posted_on": "2025-06-15", "category": "SERVICE", "amount": {"amount": "1250.00",
        "currency": "EUR"}, "segment": "smb", "channel": "phone", "account": "6800"}]})),
    responses((status = 200, body = BatchReport, description = "What became of each row"), WriteProblems, Importer))]
#[post("/ledger-entries:batch_upsert")]
pub async fn batch_upsert_ledger_entries(
    app: Importer,
    BatchBody(rows): BatchBody<LedgerEntryInput>,
) -> ApiResult<BatchReport> {
    Ok(Json(
        keepworth_intake::upsert(app.db(), rows, upsert).await?,
    ))
}
