//! Recurring charges by customer.

use std::collections::BTreeMap;

use diesel::connection::DefaultLoadingMode;
use diesel::dsl::max;
use diesel::prelude::*;
use keepworth_contract::Month;
use keepworth_contract::feed::CustomerKey;
use keepworth_store::{Conn, StoreError, on_conn};

use super::{UnknownValue, known, revenues};
use crate::recurring::Charge;

/// Name of the kind that recurs.
const RECURRING: &str = "RECURRING";

/// Recurring charges that cover a month or the one before it; a macro, because the query's type
/// depends on the backend.
macro_rules! covering {
    ($month:expr) => {
        revenues::table
            .filter(revenues::kind.eq(RECURRING))
            .filter(revenues::month.ge($month.index() - 1))
            .filter((revenues::month - revenues::months).lt($month.index()))
    };
}

/// The currencies of recurring charges that cover a month or the one before it, in order.
///
/// # Errors
/// What the database answers.
pub fn load_currencies(conn: &mut Conn, month: Month) -> QueryResult<Vec<String>> {
    on_conn!(conn, |c| covering!(month)
        .select(revenues::currency)
        .distinct()
        .order(revenues::currency)
        .load(c))
}

/// Hands the recurring charges that cover a month or the one before it to `each`, customer by
/// customer.
///
/// # Errors
/// What the database or `each` answers, or that a currency is none of this release.
pub fn for_each_customer<E: From<StoreError> + From<UnknownValue>>(
    conn: &mut Conn,
    month: Month,
    mut each: impl FnMut(&CustomerKey, &[Charge]) -> Result<(), E>,
) -> Result<(), E> {
    use revenues as r;
    type Row = (String, String, String, i32, i32, i64);
    let mut open: Option<CustomerKey> = None;
    let mut charges: Vec<Charge> = Vec::new();
    on_conn!(conn, |c| {
        let rows = covering!(month)
            .order((r::customer_source, r::customer_external_id))
            .select((
                r::customer_source,
                r::customer_external_id,
                r::currency,
                r::month,
                r::months,
                r::minor,
            ))
            .load_iter::<Row, DefaultLoadingMode>(c)
            .map_err(StoreError::from)?;
        for row in rows {
            let (source, external_id, currency, month, months, minor) =
                row.map_err(StoreError::from)?;
            let key = CustomerKey {
                source,
                external_id,
            };
            if let Some(done) = open.take_if(|open| *open != key) {
                each(&done, &charges)?;
                charges.clear();
            }
            open.get_or_insert(key);
            charges.push(Charge {
                currency: known("currency", &currency, |code| code.parse().ok())?,
                month: Month::from_index(month),
                months,
                minor,
            });
        }
    });
    open.map_or(Ok(()), |last| each(&last, &charges))
}

/// Customers that are looked up at once.
const CHUNK: usize = 1_000;

/// The last month before `month` that each of these customers paid for, if there is one.
///
/// # Errors
/// What the database answers.
pub fn load_last_paid(
    conn: &mut Conn,
    customers: &[CustomerKey],
    month: Month,
) -> QueryResult<BTreeMap<CustomerKey, Month>> {
    use revenues as r;
    let mut by_source: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for customer in customers {
        let ids = by_source.entry(&customer.source).or_default();
        ids.push(&customer.external_id);
    }
    let mut last_paid = BTreeMap::new();
    for (source, ids) in by_source {
        for ids in ids.chunks(CHUNK) {
            let rows: Vec<(String, Option<i32>)> = on_conn!(conn, |c| r::table
                .filter(r::customer_source.eq(source))
                .filter(r::customer_external_id.eq_any(ids))
                .filter(r::kind.eq(RECURRING))
                .filter(r::minor.gt(0))
                .filter(r::month.lt(month.index()))
                .group_by(r::customer_external_id)
                .select((r::customer_external_id, max(r::month)))
                .load(c))?;
            let paid = |(id, month): (String, Option<i32>)| {
                let (source, external_id) = (source.to_owned(), id);
                let key = CustomerKey {
                    source,
                    external_id,
                };
                month.map(|index| (key, Month::from_index(index)))
            };
            last_paid.extend(rows.into_iter().filter_map(paid));
        }
    }
    Ok(last_paid)
}
