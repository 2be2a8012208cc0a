//! What a currency is worth on a day, and how far that moves.

use crate::FeedsReader;
use crate::missing_rate::MissingRate;
use actix_web::get;
use actix_web::web::{Json, Query};
use keepworth_contract::finance::{ExchangeOutlook, ExchangeOutlookQuery};
use keepworth_finance::app::exchange_outlook;
use keepworth_platform::{ApiResult, ReadProblems};
use keepworth_store::Conn;

/// Says what one unit of a currency is worth on a day, and how far that moves in a year: what a simulation of costs in
/// that currency draws.
#[utoipa::path(operation_id = "load_exchange_outlook", tag = "feeds", params(ExchangeOutlookQuery),
    responses((status = 200, body = ExchangeOutlook, description = "The rate, and how far it moves"),
              ReadProblems, MissingRate, FeedsReader))]
#[get("/exchange-outlook")]
pub async fn load_exchange_outlook(
    app: FeedsReader,
    query: Query<ExchangeOutlookQuery>,
) -> ApiResult<ExchangeOutlook> {
    let query = query.into_inner();
    let load = move |conn: &mut Conn| exchange_outlook::load(conn, &query);
    Ok(Json(app.db().read(load).await?))
}
