//! What customers cost to win, by the channel or the campaign that won them.

use crate::FiguresReader;
use crate::missing_rate::MissingRate;
use actix_web::get;
use actix_web::web::{Json, Query};
use keepworth_contract::finance::{AcquisitionSourceReport, CampaignCostQuery, UnitCostQuery};
use keepworth_finance::app::acquisition_source::{report, won_by_channel};
use keepworth_finance::app::read_picture;
use keepworth_platform::{ApiResult, ReadProblems};
use keepworth_store::Conn;

/// Says what a customer cost to win, by the acquisition channel that the customer's record names.
///
/// New customers by channel are those that `/v1/segment-months:count` counted.
#[utoipa::path(operation_id = "load_acquisition_costs_by_channel", tag = "acquisition", params(UnitCostQuery),
    responses((status = 200, body = AcquisitionSourceReport, description = "By channel"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Several currencies"), ReadProblems, MissingRate, FiguresReader))]
#[get("/acquisition-costs/by-channel")]
pub async fn load_acquisition_costs_by_channel(
    app: FiguresReader,
    query: Query<UnitCostQuery>,
) -> ApiResult<AcquisitionSourceReport> {
    let period = keepworth_finance::app::unit_cost::asked_period(&query)?;
    let asked = query.currency;
    let read = move |conn: &mut Conn| {
        let won = won_by_channel(conn, period)?;
        report(conn, period, asked, |spent| spent.channel, won, None)
    };
    Ok(Json(read_picture(app.db(), read).await?))
}

/// Says what a customer cost to win, by campaign: those who paid first in the period are credited to
/// the campaigns that touched them until then, each once in all, by the overlap rule.
#[utoipa::path(operation_id = "load_acquisition_costs_by_campaign", tag = "acquisition", params(CampaignCostQuery),
    responses((status = 200, body = AcquisitionSourceReport, description = "By campaign"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Several currencies"), ReadProblems, MissingRate, FiguresReader))]
#[get("/acquisition-costs/by-campaign")]
pub async fn load_acquisition_costs_by_campaign(
    app: FiguresReader,
    query: Query<CampaignCostQuery>,
) -> ApiResult<AcquisitionSourceReport> {
    Ok(Json(
        keepworth_finance::app::acquisition_source::by_campaign(&app, query.into_inner()).await?,
    ))
}
