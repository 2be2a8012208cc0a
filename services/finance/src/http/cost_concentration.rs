//! How much of the cost of keeping customers falls on the costliest of them.

use actix_web::get;
use actix_web::web::{Data, Json, Query};
use chrono::NaiveDate;
use keepworth_contract::finance::CostCategory;
use keepworth_contract::{Currency, Money, Month};
use keepworth_intake::Failure;
use keepworth_platform::{ApiResult, ReadProblems};
use keepworth_store::Conn;
use serde::Serialize;
use utoipa::ToSchema;

use super::consumption_cost::{ContactSpending, PeriodQuery};
use super::fx_rate::FxRate;
use super::period::Period;
use super::read_picture;
use super::unit_cost::{Gathered, gather};
use crate::Finance;
use crate::app::census;
use crate::rule::cost::cost_total::Counts;
use crate::rule::cost::customer_cost::{Pools, Spread};
use crate::rule::cost::maintenance::{self, MaintenanceComponent};
use crate::rule::ledger::month_allocation::Overflow;
use crate::rule::revenue::segment_count::last_day;

/// How the cost of keeping customers is spread over them.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConcentrationReport {
    /// The first month.
    #[schema(value_type = String, example = "2025-07")]
    pub first_month: Month,
    /// The last one.
    #[schema(value_type = String, example = "2025-09")]
    pub last_month: Month,
    /// The last day of what the other services were asked for.
    pub as_of: NaiveDate,
    /// ISO 4217 code of all amounts.
    #[schema(value_type = String, example = "EUR")]
    pub currency: Currency,
    /// The rates by which amounts were converted, each month at its last.
    pub rates: Vec<FxRate>,
    /// The whole company first, then each segment.
    pub items: Vec<CustomerConcentration>,
    /// The cost of contacts alone, by channel, over all customers of the company.
    pub channels: Vec<CustomerConcentration>,
    /// What a reader must know before using it.
    pub quality_flags: Vec<String>,
}

/// How one cost is spread over customers.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerConcentration {
    /// The segment's key; null is the whole company.
    pub segment: Option<String>,
    /// The channel; null is every cost.
    pub channel: Option<String>,
    /// Customers who were under observation on any day, those without cost too.
    pub customers: usize,
    /// What they cost.
    pub cost: Money,
    /// The costliest 1, 5 and 20 percent of customers, and their share of the cost; empty without
    /// cost.
    pub costliest: Vec<CostliestCustomers>,
}

/// The costliest part of customers.
#[derive(Debug, Serialize, ToSchema)]
pub struct CostliestCustomers {
    /// Which part of the customers, as a fraction.
    pub costliest: f64,
    /// How many customers that is, rounded up.
    pub customers: usize,
    /// Their share of the cost, as a fraction.
    pub cost_share: f64,
}

impl From<maintenance::Concentration> for CostliestCustomers {
    fn from(it: maintenance::Concentration) -> Self {
        Self {
            costliest: it.costliest,
            customers: it.customers,
            cost_share: it.cost_share,
        }
    }
}

/// Says which share of the cost of keeping customers falls on the costliest 1%, 5% and 20%.
///
/// Each customer bears the minutes of their contacts at the channel's rate (`/v1/consumption-costs`)
/// and, by the days under observation, their part of what their segment bears otherwise
/// (`/v1/maintenance-costs`). Contacts by customer are read of the experience service.
#[utoipa::path(operation_id = "load_cost_concentration", tag = "metrics", params(PeriodQuery),
    responses((status = 200, body = ConcentrationReport, description = "By segment and channel"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Several currencies, or no rate"),
              (status = 502, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Another service is missing"), ReadProblems))]
#[get("/cost-concentration")]
pub async fn load_cost_concentration(
    app: Data<Finance>,
    query: Query<PeriodQuery>,
) -> ApiResult<ConcentrationReport> {
    if query.known_at.is_some() {
        return Err(Failure::malformed(
            "known_at has no meaning here: contacts by customer are known as they are now; leave \
             it out",
        )
        .into());
    }
    let period = Period::ending(query.month, query.months)?;
    let asked = query.currency;
    let (gathered, pools) = read_picture(&app, move |conn| load(conn, period, asked)).await?;
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

/// What customers bear: contacts by channel, and what segments bear otherwise. What no segment bears
/// is borne by all alike, so that the customers' costs sum to the ledger.
fn load(
    conn: &mut Conn,
    period: Period,
    asked: Option<Currency>,
) -> Result<(Gathered, Pools), Failure> {
    let is_kept = |category| category != CostCategory::Acquisition;
    let gathered = gather(conn, period, asked, is_kept)?;
    let mut pools = Pools::default();
    let mut has_contacts = false;
    for (segment, (total, _)) in &gathered.totals {
        let mut spent = total.maintenance(Counts::default());
        let consumption = spent.costs.remove(&MaintenanceComponent::Consumption);
        has_contacts |= consumption.is_some();
        let minor = i64::try_from(spent.total()).map_err(|_| Overflow)?;
        match segment {
            None => pools.shared += minor,
            Some(segment) => {
                pools.shared -= minor;
                pools.fixed.insert(segment.clone(), minor);
            }
        }
    }
    if has_contacts {
        let contacts = ContactSpending::load(conn, period, Some(gathered.currency))?.costs;
        pools.shared += contacts.unexplained;
        for (channel, cost) in contacts.channels {
            pools
                .consumption
                .insert(channel, cost.minor().ok_or(Overflow)?);
        }
    }
    Ok((gathered, pools))
}
