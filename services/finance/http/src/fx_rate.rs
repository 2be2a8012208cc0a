//! Exchange rates.

use crate::{Bookkeeper, BooksReader};
use actix_web::web::{Json, Path, Query};
use actix_web::{get, post};
use keepworth_contract::finance::{FxRate, FxRateInput, FxRatePage, FxRateQuery};
use keepworth_finance::app::fx_rate;
use keepworth_finance::app::fx_rate::{insert, new_row};
use keepworth_intake::Failure;
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent, Written};
use keepworth_platform::{ApiError, ApiResult, Body, ReadProblems, WriteProblems};
use keepworth_store::{Conn, RecordId};
use uuid::Uuid;

/// Lists exchange rates in id order.
#[utoipa::path(operation_id = "list_fx_rates", tag = "exchange rates", params(FxRateQuery),
    responses((status = 200, body = FxRatePage, description = "A page of rates"), ReadProblems, BooksReader))]
#[get("/fx-rates")]
pub async fn list_fx_rates(app: BooksReader, query: Query<FxRateQuery>) -> ApiResult<FxRatePage> {
    Ok(Json(fx_rate::list(&app, query.into_inner()).await?))
}

/// One exchange rate by its id.
#[utoipa::path(operation_id = "load_fx_rate", tag = "exchange rates",
    params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, body = FxRate, description = "The exchange rate"), ReadProblems, BooksReader))]
#[get("/fx-rates/{id}")]
pub async fn load_fx_rate(app: BooksReader, id: Path<Uuid>) -> ApiResult<FxRate> {
    let id = RecordId(id.into_inner());
    let find = move |conn: &mut Conn| fx_rate::find_by_id(conn, id).map_err(Failure::from);
    let row = app.db().read(find).await?;
    let row = row.ok_or_else(|| Failure::not_found(format!("no exchange rate has the id {id}")))?;
    Ok(Json(row.into()))
}

/// Writes an exchange rate; sending it again answers the same rate.
///
/// One source has one rate per pair and day. A rate is not changed: give the correct one under
/// another source.
#[utoipa::path(operation_id = "create_fx_rate", tag = "exchange rates", request_body(content = FxRateInput, example = json!(
        {"base": "USD", "quote": "EUR", "value": "0.9215", "quoted_on": "2025-06-30",
        "source": "ecb"})),
    params(IdempotencyKey),
    responses((status = 201, body = FxRate, description = "The rate",
               headers(("Location" = String, description = "Its address"))), WriteProblems, Bookkeeper))]
#[post("/fx-rates")]
pub async fn create_fx_rate(
    app: Bookkeeper,
    request: Idempotent<Body<FxRateInput>>,
) -> Result<Written, ApiError> {
    let row = new_row(request.body.0, keepworth_store::now())?;
    let work = move |conn: &mut Conn| Ok(FxRate::from(insert(conn, row)?));
    request
        .key
        .create(app.db(), |it: &FxRate| it.id.to_string(), work)
        .await
}
