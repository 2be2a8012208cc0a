//! Interactions.

use crate::{Importer, PersonsReader};
use actix_web::web::{Json, Path, Query};
use actix_web::{get, post};
use keepworth_contract::batch::BatchReport;
use keepworth_contract::experience::{
    Interaction, InteractionBatch, InteractionInput, InteractionPage, InteractionQuery,
};
use keepworth_experience::app::interaction;
use keepworth_experience::app::interaction::upsert;
use keepworth_intake::Failure;
use keepworth_platform::{ApiResult, BatchBody, ReadProblems, WriteProblems};
use keepworth_store::{Conn, RecordId};
use uuid::Uuid;

/// Lists interactions in id order.
#[utoipa::path(operation_id = "list_interactions", tag = "interactions", params(InteractionQuery),
    responses((status = 200, body = InteractionPage, description = "A page of interactions"), ReadProblems, PersonsReader))]
#[get("/interactions")]
pub async fn list_interactions(
    app: PersonsReader,
    query: Query<InteractionQuery>,
) -> ApiResult<InteractionPage> {
    Ok(Json(
        keepworth_experience::app::interaction::list(&app, query.into_inner()).await?,
    ))
}

/// One contact by its id.
#[utoipa::path(operation_id = "load_interaction", tag = "interactions",
    params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, body = Interaction, description = "The contact"), ReadProblems, PersonsReader))]
#[get("/interactions/{id}")]
pub async fn load_interaction(app: PersonsReader, id: Path<Uuid>) -> ApiResult<Interaction> {
    let id = RecordId(id.into_inner());
    let find =
        move |conn: &mut Conn| interaction::find_interaction(conn, id).map_err(Failure::from);
    let row = app.db().read(find).await?;
    let row = row.ok_or_else(|| Failure::not_found(format!("no contact has the id {id}")))?;
    Ok(Json(row.into()))
}

/// Writes up to 5,000 contacts; sending them again changes nothing.
///
/// A new version replaces a contact as a whole: what it leaves out is gone.
#[utoipa::path(operation_id = "batch_upsert_interactions", tag = "interactions", request_body(content = InteractionBatch, example = json!(
        {"import_id": "desk-2025-06", "items": [{"source": "desk", "external_id": "T-1",
        "customer_source": "crm", "customer_external_id": "C-1001", "channel": "phone",
        "started_at": "2025-06-12T09:30:00Z", "handle_seconds": 420, "outcome": "RESOLVED",
        "issue": "invoice"}]})),
    responses((status = 200, body = BatchReport, description = "What became of each row"), WriteProblems, Importer))]
#[post("/interactions:batch_upsert")]
pub async fn batch_upsert_interactions(
    app: Importer,
    BatchBody(rows): BatchBody<InteractionInput>,
) -> ApiResult<BatchReport> {
    Ok(Json(
        keepworth_intake::upsert(app.db(), rows, upsert).await?,
    ))
}
