//! How much of the cost of keeping customers falls on the costliest of them.

use crate::Finance;
use crate::app::consumption_cost::ContactSpending;
use crate::app::period::Period;
use crate::app::unit_cost::{Gathered, gather};
use crate::app::{census, read_picture};
use crate::rule::cost::cost_total::Counts;
use crate::rule::cost::customer_cost::{Pools, Spread};
use crate::rule::cost::maintenance;
use crate::rule::ledger::month_allocation::Overflow;
use crate::rule::revenue::segment_count::last_day;
use keepworth_contract::finance::{
    ConcentrationQuery, ConcentrationReport, CostCategory, CostliestCustomers,
    CustomerConcentration, MaintenanceComponent,
};
use keepworth_contract::{Currency, Money};
use keepworth_intake::Failure;
use keepworth_store::Conn;

impl From<maintenance::Concentration> for CostliestCustomers {
    fn from(it: maintenance::Concentration) -> Self {
        Self {
            costliest: it.costliest,
            customers: it.customers,
            cost_share: it.cost_share,
        }
    }
}

/// What customers bear: contacts by channel, and what segments bear otherwise. What no segment bears
/// is borne by all alike, so that the customers' costs sum to the ledger.
pub fn load(
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

/// Says which share of the cost of keeping customers falls on the costliest 1%, 5% and 20%.
pub async fn report(
    app: &Finance,
    query: ConcentrationQuery,
) -> Result<ConcentrationReport, Failure> {
    let period = Period::ending(query.month, query.months)?;
    let asked = query.currency;
    let (gathered, pools) = read_picture(&app.db, move |conn| load(conn, period, asked)).await?;
    let uses = census::uses(&app.sources, period.first, period.last).await?;
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
    Ok(ConcentrationReport {
        first_month: period.first,
        last_month: period.last,
        as_of: last_day(period.last),
        currency,
        quality_flags: gathered.segment_flags(),
        rates: gathered.converter.told(),
        items,
        channels: channels.collect::<Result<_, _>>()?,
    })
}
