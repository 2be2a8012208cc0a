//! Feedback.

use crate::Experience;
use crate::app::customer_filter;
use crate::app::feedback::upsert;
use crate::store::feedback::{self};
use actix_web::web::{Data, Json, Query};
use actix_web::{get, post};
use keepworth_contract::PageQuery;
use keepworth_contract::batch::BatchReport;
use keepworth_contract::experience::FeedbackQuery;
use keepworth_contract::experience::{FeedbackBatch, FeedbackPage};
use keepworth_intake::{Failure, page};
use keepworth_platform::{ApiResult, ReadProblems, Service, WriteProblems};

/// Lists feedback in id order.
#[utoipa::path(operation_id = "list_feedback", tag = "feedback", params(FeedbackQuery),
    responses((status = 200, body = FeedbackPage, description = "A page of feedback"), ReadProblems))]
#[get("/feedback")]
pub async fn list_feedback(
    app: Data<Experience>,
    query: Query<FeedbackQuery>,
) -> ApiResult<FeedbackPage> {
    let query = query.into_inner();
    let customer = customer_filter(query.customer_source, query.customer_external_id)?;
    let kind = query.kind;
    let query = PageQuery {
        page_size: query.page_size,
        cursor: query.cursor,
    };
    let (after, limit) = (page::after(&query)?, query.limit());
    let rows = app
        .db()
        .read(move |conn| {
            feedback::feedback_after(conn, after, customer.as_ref(), kind, limit + 1)
                .map_err(Failure::from)
        })
        .await?;
    Ok(Json(page::page(rows, limit, |row| row.id)?))
}

/// Writes up to 5,000 answers; sending them again changes nothing.
///
/// A new version replaces an answer as a whole: what it leaves out is gone.
#[utoipa::path(operation_id = "batch_upsert_feedback", tag = "feedback", request_body = FeedbackBatch,
    responses((status = 200, body = BatchReport, description = "What became of each row"), WriteProblems))]
#[post("/feedback:batch_upsert")]
pub async fn batch_upsert_feedback(
    app: Data<Experience>,
    body: Json<FeedbackBatch>,
) -> ApiResult<BatchReport> {
    let (options, items) = body.into_inner().into_parts();
    Ok(Json(
        keepworth_intake::upsert(app.db(), options, items, upsert).await?,
    ))
}
