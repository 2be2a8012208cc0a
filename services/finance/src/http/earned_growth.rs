//! How much of growth customers earned the company.

use crate::Finance;
use crate::app::census;
use crate::app::charge::with_charges;
use crate::app::earned_growth::report;
use crate::app::period::Period;
use crate::rule::revenue::earned_growth::EarnedGrowth;
use actix_web::get;
use actix_web::web::{Data, Json, Query};
use keepworth_contract::finance::{EarnedGrowthQuery, EarnedGrowthReport};
use keepworth_intake::Failure;
use keepworth_platform::{ApiResult, ReadProblems, Service};
use keepworth_store::Conn;
use std::collections::BTreeSet;

/// Says how much of growth customers earned: by staying, by buying more, by bringing others.
///
/// Revenue is charges less refunds, one for several months in equal parts in each of them. Who had
/// revenue in the period before is kept; who had none is new, also when they come back. How they
/// came is the acquisition channel that the customers service records.
#[utoipa::path(operation_id = "load_earned_growth", tag = "metrics", params(EarnedGrowthQuery),
    responses((status = 200, body = EarnedGrowthReport, description = "The period's earned growth"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Several currencies, or no rate"),
              (status = 502, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Another service is missing"), ReadProblems))]
#[get("/earned-growth")]
pub async fn load_earned_growth(
    app: Data<Finance>,
    query: Query<EarnedGrowthQuery>,
) -> ApiResult<EarnedGrowthReport> {
    let period = Period::ending(query.month, query.months.or(Some(12)))?;
    let channels = query.earned_channels.split(',').map(str::trim);
    let channels: BTreeSet<String> = channels
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
        .collect();
    if channels.is_empty() {
        return Err(Failure::malformed(
            "earned_channels names none; name the acquisition channels of those who came by \
             referral or reputation",
        )
        .into());
    }
    let mut growth = EarnedGrowth::new(period.first, period.last, channels.clone());
    let sources = app.sources();
    let counting = with_charges(&app, period.last, |charges| {
        census::grow(&sources, charges, &mut growth, period.last)
    });
    let unknown_charges = counting.await?;
    let asked = query.currency;
    let work = move |conn: &mut Conn| report(conn, period, asked, &growth);
    let mut report = app.db().read(work).await?;
    report.earned_channels = channels;
    if unknown_charges > 0 {
        report.quality_flags.push(format!(
            "unknown_customers: {unknown_charges} charges are about customers that the customers \
             service does not know, and are left out"
        ));
    }
    Ok(Json(report))
}
