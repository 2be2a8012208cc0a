//! Lifecycle events.

use crate::{Importer, PersonsReader};
use actix_web::web::{Json, Path, Query};
use actix_web::{get, post};
use keepworth_contract::batch::BatchReport;
use keepworth_contract::customers::{
    LifecycleEvent, LifecycleEventBatch, LifecycleEventInput, LifecycleEventPage,
    LifecycleEventQuery,
};
use keepworth_customers::app::lifecycle_event;
use keepworth_customers::app::lifecycle_event::upsert;
use keepworth_intake::Failure;
use keepworth_platform::{ApiResult, BatchBody, ReadProblems, WriteProblems};
use keepworth_store::{Conn, RecordId};
use uuid::Uuid;

/// Lists a customer's lifecycle events in id order.
#[utoipa::path(operation_id = "list_lifecycle_events", tag = "lifecycle events",
    params(("id" = Uuid, Path, description = "The customer's identifier"), LifecycleEventQuery),
    responses((status = 200, body = LifecycleEventPage, description = "A page of events"), ReadProblems, PersonsReader))]
#[get("/customers/{id}/lifecycle-events")]
pub async fn list_lifecycle_events(
    app: PersonsReader,
    id: Path<Uuid>,
    query: Query<LifecycleEventQuery>,
) -> ApiResult<LifecycleEventPage> {
    let list = lifecycle_event::list(&app, RecordId(*id), query.into_inner());
    Ok(Json(list.await?))
}

/// One lifecycle event by its id.
#[utoipa::path(operation_id = "load_lifecycle_event", tag = "lifecycle events",
    params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, body = LifecycleEvent, description = "The lifecycle event"), ReadProblems, PersonsReader))]
#[get("/lifecycle-events/{id}")]
pub async fn load_lifecycle_event(app: PersonsReader, id: Path<Uuid>) -> ApiResult<LifecycleEvent> {
    let id = RecordId(id.into_inner());
    let find = move |conn: &mut Conn| lifecycle_event::find_event(conn, id).map_err(Failure::from);
    let row = app.db().read(find).await?;
    let row =
        row.ok_or_else(|| Failure::not_found(format!("no lifecycle event has the id {id}")))?;
    Ok(Json(row.into()))
}

/// Writes up to 5,000 lifecycle events; `LEFT` also ends the customer.
#[utoipa::path(operation_id = "batch_upsert_lifecycle_events", tag = "lifecycle events",
    request_body(content = LifecycleEventBatch, example = json!(
        {"import_id": "crm-2025-07-01", "items": [{"source": "crm", "external_id": "E-1",
        "customer_external_id": "C-1001", "kind": "LEFT", "occurred_on": "2025-06-30",
        "cause": "DISSATISFACTION"}]})),
    responses((status = 200, body = BatchReport, description = "What became of each row"), WriteProblems, Importer))]
#[post("/lifecycle-events:batch_upsert")]
pub async fn batch_upsert_lifecycle_events(
    app: Importer,
    BatchBody(rows): BatchBody<LifecycleEventInput>,
) -> ApiResult<BatchReport> {
    Ok(Json(
        keepworth_intake::upsert(app.db(), rows, upsert).await?,
    ))
}
