//! Feedback.

use crate::Experience;
use crate::app::feedback::upsert;
use actix_web::web::{Data, Json, Query};
use actix_web::{get, post};
use keepworth_contract::batch::BatchReport;
use keepworth_contract::experience::{FeedbackBatch, FeedbackInput, FeedbackPage, FeedbackQuery};
use keepworth_platform::{ApiResult, BatchBody, ReadProblems, Service, WriteProblems};

/// Lists feedback in id order.
#[utoipa::path(operation_id = "list_feedback", tag = "feedback", params(FeedbackQuery),
    responses((status = 200, body = FeedbackPage, description = "A page of feedback"), ReadProblems))]
#[get("/feedback")]
pub async fn list_feedback(
    app: Data<Experience>,
    query: Query<FeedbackQuery>,
) -> ApiResult<FeedbackPage> {
    Ok(Json(
        crate::app::feedback::list(&app, query.into_inner()).await?,
    ))
}

/// Writes up to 5,000 answers; sending them again changes nothing.
///
/// A new version replaces an answer as a whole: what it leaves out is gone.
#[utoipa::path(operation_id = "batch_upsert_feedback", tag = "feedback", request_body = FeedbackBatch,
    responses((status = 200, body = BatchReport, description = "What became of each row"), WriteProblems))]
#[post("/feedback:batch_upsert")]
pub async fn batch_upsert_feedback(
    app: Data<Experience>,
    BatchBody(rows): BatchBody<FeedbackInput>,
) -> ApiResult<BatchReport> {
    Ok(Json(
        keepworth_intake::upsert(app.db(), rows, upsert).await?,
    ))
}
