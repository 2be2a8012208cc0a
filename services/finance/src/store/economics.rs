//! Sums over the ledger.

use chrono::NaiveDate;
use diesel::dsl::{count, count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use keepworth_contract::Month;
use keepworth_contract::feed::EconomicsRow;
use keepworth_store::{Conn, on_conn};

use super::ledger_entries;

/// A sum of entries; fields in the order of the feed.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Queryable)]
struct EconomicsSum {
    segment: Option<String>,
    category: String,
    channel: Option<String>,
    month: i32,
    currency: String,
    minor: i64,
    entries: i64,
    assumed_entries: i64,
}

impl From<EconomicsSum> for EconomicsRow {
    fn from(sum: EconomicsSum) -> Self {
        Self {
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

/// Costs posted until `as_of`, by segment, category, channel, month and currency, in this order.
/// What was capitalised is no cost of its month and is left out.
///
/// # Errors
/// What the database answers, also when a sum exceeds 9·10¹⁸ minor units.
pub fn load_economics(conn: &mut Conn, as_of: NaiveDate) -> QueryResult<Vec<EconomicsRow>> {
    use ledger_entries as e;
    let mut sums: Vec<EconomicsSum> = on_conn!(conn, |c| e::table
        .filter(e::posted_on.le(as_of))
        .filter(e::capex.eq(false))
        .group_by((e::segment, e::category, e::channel, e::month, e::currency))
        .select((
            e::segment,
            e::category,
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
    Ok(sums.into_iter().map(EconomicsRow::from).collect())
}
