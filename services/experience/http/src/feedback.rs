//! Feedback.

use crate::{Importer, PersonsReader};
use actix_web::web::{Json, Path, Query};
use actix_web::{get, post};
use keepworth_contract::batch::BatchReport;
use keepworth_contract::experience::{
    Feedback, FeedbackBatch, FeedbackInput, FeedbackPage, FeedbackQuery,
};
use keepworth_experience::app::feedback;
use keepworth_experience::app::feedback::upsert;
use keepworth_intake::Failure;
use keepworth_platform::{ApiResult, BatchBody, ReadProblems, WriteProblems};
use keepworth_store::{Conn, RecordId};
use uuid::Uuid;

/// Lists feedback in id order.
#[utoipa::path(operation_id = "list_feedback", tag = "feedback", params(FeedbackQuery),
    responses((status = 200, body = FeedbackPage, description = "A page of feedback"), ReadProblems, PersonsReader))]
#[get("/feedback")]
pub async fn list_feedback(
    app: PersonsReader,
    query: Query<FeedbackQuery>,
) -> ApiResult<FeedbackPage> {
    Ok(Json(
        keepworth_experience::app::feedback::list(&app, query.into_inner()).await?,
    ))
}

/// One answer by its id.
#[utoipa::path(operation_id = "load_feedback", tag = "feedback",
    params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, body = Feedback, description = "The answer"), ReadProblems, PersonsReader))]
#[get("/feedback/{id}")]
pub async fn load_feedback(app: PersonsReader, id: Path<Uuid>) -> ApiResult<Feedback> {
    let id = RecordId(id.into_inner());
    let find = move |conn: &mut Conn| feedback::find_feedback(conn, id).map_err(Failure::from);
    let row = app.db().read(find).await?;
    let row = row.ok_or_else(|| Failure::not_found(format!("no answer has the id {id}")))?;
    Ok(Json(row.into()))
}

/// Writes up to 5,000 answers; sending them again changes nothing.
///
/// A new version replaces an answer as a whole: what it leaves out is gone.
#[utoipa::path(operation_id = "batch_upsert_feedback", tag = "feedback", request_body(content = FeedbackBatch, example = json!(
        {"import_id": "survey-2025-06", "items": [{"source": "survey", "external_id": "A-1",
        "customer_source": "crm", "customer_external_id": "C-1001", "kind": "NPS", "score": 9,
        "responded_at": "2025-06-12T09:30:00Z", "channel": "email"}]})),
    responses((status = 200, body = BatchReport, description = "What became of each row"), WriteProblems, Importer))]
#[post("/feedback:batch_upsert")]
pub async fn batch_upsert_feedback(
    app: Importer,
    BatchBody(rows): BatchBody<FeedbackInput>,
) -> ApiResult<BatchReport> {
    Ok(Json(
        keepworth_intake::upsert(app.db(), rows, upsert).await?,
    ))
}
