//! What contacts cost: contacts × minutes × rate, by channel and segment.

use crate::FiguresReader;
use crate::missing_rate::MissingRate;
use actix_web::get;
use actix_web::web::{Json, Query};
use keepworth_contract::finance::{ConsumptionReport, PeriodQuery};
use keepworth_finance::app::consumption_cost::report;
use keepworth_finance::app::period::Period;
use keepworth_finance::app::read_picture;
use keepworth_platform::{ApiResult, ReadProblems};

/// Says what contacts cost: contacts × minutes × rate, by channel and segment.
///
/// Contacts and minutes are those of `/v1/segment-months`; the rate of a channel is its service cost
/// over its minutes, so that the segments' parts sum to the ledger. Cost that names no channel is
/// split by seconds of handling, as the simulator's baseline does it.
#[utoipa::path(operation_id = "load_consumption_costs", tag = "metrics", params(PeriodQuery),
    responses((status = 200, body = ConsumptionReport, description = "By channel"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Several currencies"), ReadProblems, MissingRate, FiguresReader))]
#[get("/consumption-costs")]
pub async fn load_consumption_costs(
    app: FiguresReader,
    query: Query<PeriodQuery>,
) -> ApiResult<ConsumptionReport> {
    let period = Period::ending(query.month, query.months)?.known(query.known_at);
    let asked = query.currency;
    let report = read_picture(app.db(), move |conn| report(conn, period, asked)).await?;
    Ok(Json(report))
}
