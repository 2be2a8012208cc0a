//! Sums over the ledger.

use chrono::NaiveDate;
use diesel::dsl::{count, count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use keepworth_contract::Word;
use keepworth_contract::finance::CostRow;
use keepworth_contract::finance::{CostCategory, CostComponent};
use keepworth_contract::{Currency, Month};
use keepworth_store::{Conn, StoreError, on_conn};

use super::{InLedger, ledger_entries};
use crate::rule::cost::component::{CostPlace, find_place};
use keepworth_contract::finance::MaintenanceComponent;

/// Minor units that are summed apart.
const BILLION: i128 = 1_000_000_000;

/// Amounts that fit one by one and together do not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the {} costs of {month} come to more than 9·10¹⁸ minor units; correct the entries of that month that are in a wrong unit",
    .category.name()
)]
pub struct SumTooLarge {
    category: CostCategory,
    month: Month,
}

/// A sum of entries; fields in the order of the feed.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Queryable)]
struct EconomicsSum {
    segment: Option<String>,
    category: InLedger<CostCategory>,
    component: Option<InLedger<CostComponent>>,
    channel: Option<String>,
    month: i32,
    currency: InLedger<Currency>,
    /// The sum in parts that fit, whatever they come to: whole [`BILLION`]s of each entry, and the rest.
    billions: i64,
    rest: i64,
    entries: i64,
    assumed_entries: i64,
}

impl EconomicsSum {
    /// The component of maintenance cost as which it counts.
    fn maintenance(&self) -> Option<MaintenanceComponent> {
        let component = self.component.map(|it| it.0);
        match find_place(self.category.0, component)? {
            CostPlace::Maintenance(component) => Some(component),
            _ => None,
        }
    }
}

impl TryFrom<EconomicsSum> for CostRow {
    type Error = SumTooLarge;

    fn try_from(sum: EconomicsSum) -> Result<Self, SumTooLarge> {
        let month = Month::from_index(sum.month);
        let minor = i128::from(sum.billions) * BILLION + i128::from(sum.rest);
        let minor = i64::try_from(minor).map_err(|_| SumTooLarge {
            category: sum.category.0,
            month,
        })?;
        Ok(Self {
            component: sum.maintenance().map(|it| it.name().to_owned()),
            segment: sum.segment,
            category: sum.category.name().to_owned(),
            channel: sum.channel,
            month: month.to_string(),
            minor,
            currency: sum.currency.name().to_owned(),
            entries: sum.entries.unsigned_abs(),
            assumed_entries: sum.assumed_entries.unsigned_abs(),
        })
    }
}

/// Costs posted until `as_of`, by segment, category, component, channel, month and currency, in this order.
/// What was capitalised is no cost of its month and is left out.
///
/// # Errors
/// What the database answers, or [`SumTooLarge`].
pub fn load_economics<E: From<StoreError> + From<SumTooLarge>>(
    conn: &mut Conn,
    as_of: NaiveDate,
) -> Result<Vec<CostRow>, E> {
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
            sql::<BigInt>("CAST(SUM(minor / 1000000000) AS BIGINT)"),
            sql::<BigInt>("CAST(SUM(minor % 1000000000) AS BIGINT)"),
            count_star(),
            count(e::id).aggregate_filter(e::assumed),
        ))
        .load(c))
    .map_err(StoreError::from)?;
    // Sorted here, because the databases disagree on where null belongs.
    sums.sort();
    let rows = sums.into_iter().map(CostRow::try_from);
    Ok(rows.collect::<Result<_, _>>()?)
}
