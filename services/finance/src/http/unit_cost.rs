//! What it costs to win a customer, and to keep one.

use crate::Finance;
use crate::app::consumption_cost::ContactSpending;
use crate::app::metric::metric;
use crate::app::period::Period;
use crate::app::read_picture;
use crate::app::unit_cost::{asked_period, gather, is_acquisition, lines};
use crate::rule::cost::contact_cost::ContactCosts;
use crate::rule::metric::definition;
use crate::store::avoidable_share;
use actix_web::get;
use actix_web::web::{Data, Json, Query};
use keepworth_contract::Money;
use keepworth_contract::finance::{MaintenanceCostQuery, UnitCost, UnitCostQuery, UnitCostReport};
use keepworth_intake::Failure;
use keepworth_platform::{ApiResult, ReadProblems};
use keepworth_store::Conn;

/// Says what it cost to win a customer: paid, blended and fully loaded.
///
/// Shared spend is allocated by the rules in force; customers won are those of
/// `/v1/segment-months`.
#[utoipa::path(operation_id = "load_acquisition_costs", tag = "metrics", params(UnitCostQuery),
    responses((status = 200, body = UnitCostReport, description = "By segment"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Several currencies, or no rate"), ReadProblems))]
#[get("/acquisition-costs")]
pub async fn load_acquisition_costs(
    app: Data<Finance>,
    query: Query<UnitCostQuery>,
) -> ApiResult<UnitCostReport> {
    let period = asked_period(&query)?;
    let asked = query.currency;
    let read = move |conn: &mut Conn| gather(conn, period, asked, is_acquisition);
    let gathered = read_picture(&app.db, read).await?;
    Ok(Json(gathered.report(period, |total, counts, flags| {
        UnitCost {
            segment: None,
            costs: lines(total.acquisition_lines(), gathered.currency),
            avoidable: None,
            figures: definition::acquisition(&total.acquisition(counts))
                .map(|(definition, ratio)| metric(definition, ratio, counts.new_customers, flags))
                .collect(),
        }
    })))
}

/// Says what it costs to keep a customer for a year.
///
/// Shared costs are allocated by the rules in force; customer-months are those of
/// `/v1/segment-months`.
#[utoipa::path(operation_id = "load_maintenance_costs", tag = "metrics", params(MaintenanceCostQuery),
    responses((status = 200, body = UnitCostReport, description = "By segment"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Several currencies, or no rate"), ReadProblems))]
#[get("/maintenance-costs")]
pub async fn load_maintenance_costs(
    app: Data<Finance>,
    query: Query<MaintenanceCostQuery>,
) -> ApiResult<UnitCostReport> {
    let period = Period::ending(query.month, query.months)?.known(query.known_at);
    let asked = query.currency;
    let read = move |conn: &mut Conn| {
        let shares = avoidable_share::load_in_force::<Failure>(conn, period.last, period.known_at)?;
        let gathered = gather(conn, period, asked, |it| !is_acquisition(it))?;
        let contacts = if gathered.has_contacts() {
            ContactSpending::load(conn, period, Some(gathered.currency))?.costs
        } else {
            ContactCosts::default()
        };
        Ok((gathered, shares, contacts))
    };
    let (gathered, shares, contacts) = read_picture(&app.db, read).await?;
    let mut report = gathered.report(period, |total, counts, flags| UnitCost {
        segment: None,
        costs: lines(total.maintenance_lines(), gathered.currency),
        avoidable: None,
        figures: definition::maintenance(&total.maintenance(counts))
            .map(|(definition, ratio)| metric(definition, ratio, counts.customer_months, flags))
            .collect(),
    });
    let avoidable = gathered.avoidable(&shares, &contacts)?;
    for (item, minor) in report.items.iter_mut().zip(avoidable) {
        item.avoidable = Some(Money::from_minor(minor, gathered.currency));
    }
    Ok(Json(report))
}
