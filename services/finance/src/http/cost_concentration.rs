//! How much of the cost of keeping customers falls on the costliest of them.

use crate::Finance;
use crate::app::census;
use crate::app::cost_concentration::load;
use crate::app::period::Period;
use crate::app::read_picture;
use crate::rule::cost::customer_cost::Spread;
use crate::rule::ledger::month_allocation::Overflow;
use crate::rule::revenue::segment_count::last_day;
use actix_web::get;
use actix_web::web::{Data, Json, Query};
use keepworth_contract::Money;
use keepworth_contract::finance::{ConcentrationQuery, ConcentrationReport, CustomerConcentration};
use keepworth_intake::Failure;
use keepworth_platform::{ApiResult, ReadProblems};

/// Says which share of the cost of keeping customers falls on the costliest 1%, 5% and 20%.
///
/// Each customer bears the minutes of their contacts at the channel's rate (`/v1/consumption-costs`)
/// and, by the days under observation, their part of what their segment bears otherwise
/// (`/v1/maintenance-costs`). Contacts by customer are read of the experience service.
#[utoipa::path(operation_id = "load_cost_concentration", tag = "metrics", params(ConcentrationQuery),
    responses((status = 200, body = ConcentrationReport, description = "By segment and channel"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Several currencies, or no rate"),
              (status = 502, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Another service is missing"), ReadProblems))]
#[get("/cost-concentration")]
pub async fn load_cost_concentration(
    app: Data<Finance>,
    query: Query<ConcentrationQuery>,
) -> ApiResult<ConcentrationReport> {
    let period = Period::ending(query.month, query.months)?;
    let asked = query.currency;
    let (gathered, pools) = read_picture(&app.db, move |conn| load(conn, period, asked)).await?;
    let uses = census::uses(&app.sources(), period.first, period.last).await?;
    let spreads = uses.spread(&pools);
    let currency = gathered.currency;
    let item = |segment, channel, spread: Spread| {
        Ok::<_, Failure>(CustomerConcentration {
            segment,
            channel,
            customers: spread.customers,
            cost: Money::from_minor(spread.minor.ok_or(Overflow)?, currency),
            costliest: spread
                .concentration
                .into_iter()
                .flatten()
                .map(Into::into)
                .collect(),
        })
    };
    let mut items = vec![item(None, None, spreads.company)?];
    for (segment, spread) in spreads.segments {
        items.push(item(Some(segment), None, spread)?);
    }
    let of_channel = |(channel, spread)| item(None, Some(channel), spread);
    let channels = spreads.channels.into_iter().map(of_channel);
    Ok(Json(ConcentrationReport {
        first_month: period.first,
        last_month: period.last,
        as_of: last_day(period.last),
        currency,
        quality_flags: gathered.segment_flags(),
        rates: gathered.rates,
        items,
        channels: channels.collect::<Result<_, _>>()?,
    }))
}
