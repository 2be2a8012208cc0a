//! Sums over the ledger.

use chrono::NaiveDate;
use diesel::dsl::{count, count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use keepworth_contract::Month;
use keepworth_contract::feed::CostRow;
use keepworth_contract::record::{CostCategory, CostComponent};
use keepworth_store::{Conn, on_conn};

use super::ledger_entries;
use crate::component::{CostPlace, find_place};
use crate::maintenance::MaintenanceComponent;

/// A sum of entries; fields in the order of the feed.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Queryable)]
struct EconomicsSum {
    segment: Option<String>,
    category: String,
    component: Option<String>,
    channel: Option<String>,
    month: i32,
    currency: String,
    minor: i64,
    entries: i64,
    assumed_entries: i64,
}

impl EconomicsSum {
    /// The component of maintenance cost as which it counts.
    fn maintenance(&self) -> Option<MaintenanceComponent> {
        let component = self.component.as_deref().map(CostComponent::find);
        let place = find_place(CostCategory::find(&self.category)?, component.flatten());
        match place? {
            CostPlace::Maintenance(component) => Some(component),
            _ => None,
        }
    }
}

impl From<EconomicsSum> for CostRow {
    fn from(sum: EconomicsSum) -> Self {
        Self {
            component: sum.maintenance().map(|it| it.name().to_owned()),
            segment: sum.segment,
            category: sum.category,
            channel: sum.channel,
            month: Month::from_index(sum.month).to_string(),
            minor: sum.minor,
            currency: sum.currency,
            entries: sum.entries.unsigned_abs(),
            assumed_entries: sum.assumed_entries.unsigned_abs(),
        }
    }
}

/// Costs posted until `as_of`, by segment, category, component, channel, month and currency, in this order.
/// What was capitalised is no cost of its month and is left out.
///
/// # Errors
/// What the database answers, also when a sum exceeds 9·10¹⁸ minor units.
pub fn load_economics(conn: &mut Conn, as_of: NaiveDate) -> QueryResult<Vec<CostRow>> {
    use ledger_entries as e;
    let mut sums: Vec<EconomicsSum> = on_conn!(conn, |c| e::table
        .filter(e::posted_on.le(as_of))
        .filter(e::capex.eq(false))
        .group_by((
            e::segment,
            e::category,
            e::component,
            e::channel,
            e::month,
            e::currency
        ))
        .select((
            e::segment,
            e::category,
            e::component,
            e::channel,
            e::month,
            e::currency,
            sql::<BigInt>("CAST(SUM(minor) AS BIGINT)"),
            count_star(),
            count(e::id).aggregate_filter(e::assumed),
        ))
        .load(c))?;
    // Sorted here, because the databases disagree on where null belongs.
    sums.sort();
    Ok(sums.into_iter().map(CostRow::from).collect())
}
