//! Customers who come back after they had stopped paying.

use crate::FiguresReader;
use actix_web::get;
use actix_web::web::{Json, Query};
use keepworth_contract::finance::{WinBackQuery, WinBackReport};
use keepworth_finance::app::read_picture;
use keepworth_finance::app::win_back::report;
use keepworth_platform::{ApiResult, ReadProblems};

/// Says who came back after they had stopped paying, and how the hazard of it falls with time.
///
/// A customer pays in a month when what recurs of theirs is above zero on its last day, as in the movements; who comes
/// back there as a reactivation comes back here. Won back is not new: nothing of the cost of acquisition is theirs.
#[utoipa::path(operation_id = "load_win_backs", tag = "metrics", params(WinBackQuery),
    responses((status = 200, body = WinBackReport, description = "Who came back"), ReadProblems, FiguresReader))]
#[get("/win-backs")]
pub async fn load_win_backs(
    app: FiguresReader,
    query: Query<WinBackQuery>,
) -> ApiResult<WinBackReport> {
    let query = query.into_inner();
    let report = read_picture(app.db(), move |conn| report(conn, &query)).await?;
    Ok(Json(report))
}
