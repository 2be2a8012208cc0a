//! Which share of a cost would not be spent otherwise.

use crate::{Bookkeeper, BooksReader};
use actix_web::web::{Json, Path};
use actix_web::{get, post};
use keepworth_contract::finance::{AvoidableShare, AvoidableShareInput, AvoidableShareList};
use keepworth_finance::app::avoidable_share;
use keepworth_intake::Failure;
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent, Written};
use keepworth_platform::{ApiError, ApiResult, Body, ReadProblems, WriteProblems};
use keepworth_store::Conn;
use uuid::Uuid;

/// Lists every share that was confirmed, in this order.
#[utoipa::path(operation_id = "list_avoidable_shares", tag = "metrics",
    responses((status = 200, body = AvoidableShareList, description = "Every share"), ReadProblems, BooksReader))]
#[get("/avoidable-shares")]
pub async fn list_avoidable_shares(app: BooksReader) -> ApiResult<AvoidableShareList> {
    let rows = app
        .db()
        .read(|conn| avoidable_share::load_shares(conn).map_err(Failure::from))
        .await?;
    let items = rows.into_iter().map(AvoidableShare::try_from);
    Ok(Json(AvoidableShareList {
        items: items.collect::<Result<_, _>>()?,
    }))
}

/// One share by its id.
#[utoipa::path(operation_id = "load_avoidable_share", tag = "metrics",
    params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, body = AvoidableShare, description = "The share"), ReadProblems, BooksReader))]
#[get("/avoidable-shares/{id}")]
pub async fn load_avoidable_share(app: BooksReader, id: Path<Uuid>) -> ApiResult<AvoidableShare> {
    let id = id.into_inner();
    let all = move |conn: &mut Conn| avoidable_share::load_shares(conn).map_err(Failure::from);
    let row = app
        .db()
        .read(all)
        .await?
        .into_iter()
        .find(|row| row.id.0 == id);
    let row = row.ok_or_else(|| Failure::not_found(format!("no share has the id {id}")))?;
    Ok(Json(row.into()))
}

/// Confirms which share of a cost would not be spent otherwise, from a month on.
///
/// Nothing is avoidable until finance confirms it. The share of a segment and channel comes before
/// that of the segment, that before the channel's, that before the one of all. Of equals the one
/// counts that took effect last; of those that take effect in the same month, the last confirmed. None is
/// removed: one ends where a share of 0 is confirmed for the same cost.
#[utoipa::path(operation_id = "create_avoidable_share", tag = "metrics", request_body(content = AvoidableShareInput, example = json!(
        {"component": "CONSUMPTION", "effective_from": "2025-07", "share": "0.35",
        "reason": "agreed with the head of service"})),
    params(IdempotencyKey),
    responses((status = 201, body = AvoidableShare, description = "The share",
               headers(("Location" = String, description = "Its address"))), WriteProblems, Bookkeeper))]
#[post("/avoidable-shares")]
pub async fn create_avoidable_share(
    app: Bookkeeper,
    request: Idempotent<Body<AvoidableShareInput>>,
) -> Result<Written, ApiError> {
    let new = request.body.0;
    let work = move |conn: &mut Conn| keepworth_finance::app::avoidable_share::create(conn, new);
    request
        .key
        .create(app.db(), |it: &AvoidableShare| it.id.to_string(), work)
        .await
}
