//! How people answered to spending on winning and on keeping them.

use crate::{Bookkeeper, BooksReader};
use actix_web::web::{Json, Path, Query};
use actix_web::{get, post};
use keepworth_contract::finance::{
    ResponseHistory, ResponseHistoryInput, ResponseHistoryPage, ResponseHistoryQuery,
};
use keepworth_finance::app::response_history;
use keepworth_finance::app::response_history::{faults, insert};
use keepworth_intake::Failure;
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent, Written};
use keepworth_platform::{ApiError, ApiResult, Body, ReadProblems, WriteProblems};
use keepworth_store::{Conn, RecordId};
use uuid::Uuid;

/// Lists every version of every response history, in id order.
#[utoipa::path(operation_id = "list_response_histories", tag = "acquire or keep", params(ResponseHistoryQuery),
    responses((status = 200, body = ResponseHistoryPage, description = "A page of histories"), ReadProblems, BooksReader))]
#[get("/response-histories")]
pub async fn list_response_histories(
    app: BooksReader,
    query: Query<ResponseHistoryQuery>,
) -> ApiResult<ResponseHistoryPage> {
    Ok(Json(
        keepworth_finance::app::response_history::list(&app, query.into_inner()).await?,
    ))
}

/// One version of a response history by id, as verdicts name it.
#[utoipa::path(operation_id = "load_response_history", tag = "acquire or keep",
    params(("id" = Uuid, Path, description = "The version's identifier")),
    responses((status = 200, body = ResponseHistory, description = "The version"), ReadProblems, BooksReader))]
#[get("/response-histories/{id}")]
pub async fn load_response_history(app: BooksReader, id: Path<Uuid>) -> ApiResult<ResponseHistory> {
    let id = RecordId(id.into_inner());
    let read =
        move |conn: &mut Conn| response_history::find_history(conn, id).map_err(Failure::from);
    let row = app.db().read(read).await?;
    let row = row.ok_or_else(|| Failure::not_found(format!("no response history {id}")))?;
    Ok(Json(row.try_into()?))
}

/// States how people of a segment answer to spending on winning or on keeping them.
///
/// Histories are not edited: this is the next version of the segment and lever. The answer has the
/// curve that follows, with its uncertainty; what no curve can follow from is refused.
#[utoipa::path(operation_id = "create_response_history", tag = "acquire or keep", request_body(content = ResponseHistoryInput, example = json!(
        {"segment": "smb", "lever": "ACQUISITION", "reason": "campaigns of 2025",
        "evidence": {"kind": "ELICITED", "points": [{"spend": {"amount": "15.00",
        "currency": "EUR"}, "rate": 0.4}, {"spend": {"amount": "30.00", "currency": "EUR"},
        "rate": 0.6}]}})),
    params(IdempotencyKey),
    responses((status = 201, body = ResponseHistory, description = "The version",
               headers(("Location" = String, description = "Its address"))), WriteProblems, Bookkeeper))]
#[post("/response-histories")]
pub async fn create_response_history(
    app: Bookkeeper,
    request: Idempotent<Body<ResponseHistoryInput>>,
) -> Result<Written, ApiError> {
    let new = request.body.0;
    let faults = faults(&new);
    if !faults.is_empty() {
        return Err(Failure::invalid(faults).into());
    }
    let work = move |conn: &mut Conn| ResponseHistory::try_from(insert(conn, new)?);
    request
        .key
        .create(app.db(), |it: &ResponseHistory| it.id.to_string(), work)
        .await
}
