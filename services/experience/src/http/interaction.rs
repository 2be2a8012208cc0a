//! Interactions.

use crate::Experience;
use crate::app::interaction::upsert;
use actix_web::web::{Data, Json, Query};
use actix_web::{get, post};
use keepworth_contract::batch::BatchReport;
use keepworth_contract::experience::{
    InteractionBatch, InteractionInput, InteractionPage, InteractionQuery,
};
use keepworth_platform::{ApiResult, BatchBody, ReadProblems, Service, WriteProblems};

/// Lists interactions in id order.
#[utoipa::path(operation_id = "list_interactions", tag = "interactions", params(InteractionQuery),
    responses((status = 200, body = InteractionPage, description = "A page of interactions"), ReadProblems))]
#[get("/interactions")]
pub async fn list_interactions(
    app: Data<Experience>,
    query: Query<InteractionQuery>,
) -> ApiResult<InteractionPage> {
    Ok(Json(
        crate::app::interaction::list(&app, query.into_inner()).await?,
    ))
}

/// Writes up to 5,000 contacts; sending them again changes nothing.
///
/// A new version replaces a contact as a whole: what it leaves out is gone.
#[utoipa::path(operation_id = "batch_upsert_interactions", tag = "interactions", request_body = InteractionBatch,
    responses((status = 200, body = BatchReport, description = "What became of each row"), WriteProblems))]
#[post("/interactions:batch_upsert")]
pub async fn batch_upsert_interactions(
    app: Data<Experience>,
    BatchBody(rows): BatchBody<InteractionInput>,
) -> ApiResult<BatchReport> {
    Ok(Json(
        keepworth_intake::upsert(app.db(), rows, upsert).await?,
    ))
}
