//! Revenues.

use crate::{Importer, PersonsReader};
use actix_web::web::{Json, Path, Query};
use actix_web::{get, post};
use keepworth_contract::batch::BatchReport;
use keepworth_contract::finance::{Revenue, RevenueBatch, RevenueInput, RevenuePage, RevenueQuery};
use keepworth_finance::app::revenue;
use keepworth_finance::app::revenue::upsert;
use keepworth_intake::Failure;
use keepworth_platform::{ApiResult, BatchBody, ReadProblems, WriteProblems};
use keepworth_store::{Conn, RecordId};
use uuid::Uuid;

/// Lists revenues in id order.
#[utoipa::path(operation_id = "list_revenues", tag = "revenue", params(RevenueQuery),
    responses((status = 200, body = RevenuePage, description = "A page of revenues"), ReadProblems, PersonsReader))]
#[get("/revenues")]
pub async fn list_revenues(
    app: PersonsReader,
    query: Query<RevenueQuery>,
) -> ApiResult<RevenuePage> {
    Ok(Json(
        keepworth_finance::app::revenue::list(&app, query.into_inner()).await?,
    ))
}

/// One revenue by its id.
#[utoipa::path(operation_id = "load_revenue", tag = "revenue",
    params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, body = Revenue, description = "The revenue"), ReadProblems, PersonsReader))]
#[get("/revenues/{id}")]
pub async fn load_revenue(app: PersonsReader, id: Path<Uuid>) -> ApiResult<Revenue> {
    let id = RecordId(id.into_inner());
    let find = move |conn: &mut Conn| revenue::find_revenue(conn, id).map_err(Failure::from);
    let row = app.db().read(find).await?;
    let row = row.ok_or_else(|| Failure::not_found(format!("no revenue has the id {id}")))?;
    Ok(Json(row.into()))
}

/// Writes up to 5,000 revenues; sending them again changes nothing.
///
/// A revenue that comes with another content is a correction: the earlier version is kept, and
/// listed by `known_at`. Revenue of a month whose books are closed is neither added nor changed.
#[utoipa::path(operation_id = "batch_upsert_revenues", tag = "revenue", request_body(content = RevenueBatch, example = json!(
        {"import_id": "billing-2025-06", "items": [{"source": "billing", "external_id": "R-1",
        "customer_source": "crm", "customer_external_id": "C-1001", "month": "2025-06",
        "amount": {"amount": "49.00", "currency": "EUR"}, "kind": "RECURRING"}]})),
    responses((status = 200, body = BatchReport, description = "What became of each row"), WriteProblems, Importer))]
#[post("/revenues:batch_upsert")]
pub async fn batch_upsert_revenues(
    app: Importer,
    BatchBody(rows): BatchBody<RevenueInput>,
) -> ApiResult<BatchReport> {
    Ok(Json(
        keepworth_intake::upsert(app.db(), rows, upsert).await?,
    ))
}
