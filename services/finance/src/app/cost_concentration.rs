//! How much of the cost of keeping customers falls on the costliest of them.

use crate::app::consumption_cost::ContactSpending;
use crate::app::period::Period;
use crate::app::unit_cost::{Gathered, gather};
use crate::rule::cost::cost_total::Counts;
use crate::rule::cost::customer_cost::Pools;
use crate::rule::cost::maintenance::{self};
use crate::rule::ledger::month_allocation::Overflow;
use keepworth_contract::Currency;
use keepworth_contract::finance::{CostCategory, CostliestCustomers, MaintenanceComponent};
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
pub(crate) fn load(
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
