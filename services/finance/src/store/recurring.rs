//! Recurring charges by customer.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::connection::DefaultLoadingMode;
use diesel::dsl::{exists, max};
use diesel::prelude::*;
use keepworth_contract::feed::CustomerKey;
use keepworth_contract::finance::RevenueKind;
use keepworth_contract::{Currency, Month, Period};
use keepworth_store::{Conn, StoreError, on_conn};

use super::{InRevenue, revenues};
use crate::rule::revenue::recurring::Charge;

/// Charges that recur, and what was given back of certain days of them; a macro, because the
/// query's type depends on the backend.
macro_rules! recurring {
    () => {
        revenues::table.filter(
            revenues::kind
                .eq(InRevenue::new(RevenueKind::Recurring))
                .or(revenues::kind
                    .eq(InRevenue::new(RevenueKind::Refund))
                    .and(revenues::from_on.is_not_null())),
        )
    };
}

/// Those that count in a month up to another.
macro_rules! covering {
    ($first:expr, $last:expr) => {
        recurring!().filter(
            revenues::from_on
                .is_null()
                .and(revenues::month.ge($first.index()))
                .and((revenues::month - revenues::months).lt($last.index()))
                .or(revenues::from_on
                    .le($last.last_day())
                    .and(revenues::until_on.gt($first.last_day()))),
        )
    };
}

/// The currencies of recurring charges that count in a month or the one before it, in order.
///
/// # Errors
/// What the database answers.
pub fn load_currencies(conn: &mut Conn, month: Month) -> QueryResult<Vec<Currency>> {
    let found: Vec<InRevenue<Currency>> = on_conn!(conn, |c| covering!(month.plus(-1), month)
        .select(revenues::currency)
        .distinct()
        .order(revenues::currency)
        .load(c))?;
    Ok(found.into_iter().map(|it| it.0).collect())
}

/// Whether anything at all that was charged is for a month: lasts beyond its end, begins in it, or
/// names it.
///
/// # Errors
/// What the database answers.
pub fn is_recorded(conn: &mut Conn, month: Month) -> QueryResult<bool> {
    use revenues as r;
    let (first, last) = (month.first_day(), month.last_day());
    on_conn!(conn, |c| diesel::select(exists(
        r::table.filter(
            r::from_on
                .is_null()
                .and(r::month.ge(month.index()))
                .and((r::month - r::months).lt(month.index()))
                .or(r::from_on
                    .le(last)
                    .and(r::until_on.gt(last).or(r::from_on.ge(first)))),
        )
    ))
    .get_result(c))
}

/// Whether anything that was charged begins in a month or later.
///
/// # Errors
/// What the database answers.
pub fn is_anything_begun(conn: &mut Conn, month: Month) -> QueryResult<bool> {
    use revenues as r;
    on_conn!(conn, |c| diesel::select(exists(
        r::table.filter(
            r::from_on
                .is_null()
                .and((r::month - r::months).ge(month.index() - 1))
                .or(r::from_on.ge(month.first_day())),
        )
    ))
    .get_result(c))
}

/// Columns of a charge and its customer.
type Row = (
    String,
    String,
    InRevenue<Currency>,
    InRevenue<RevenueKind>,
    i32,
    i32,
    i64,
    Option<NaiveDate>,
    Option<NaiveDate>,
    Option<NaiveDate>,
);

/// The columns of [`Row`].
macro_rules! columns {
    () => {
        (
            revenues::customer_source,
            revenues::customer_external_id,
            revenues::currency,
            revenues::kind,
            revenues::month,
            revenues::months,
            revenues::minor,
            revenues::from_on,
            revenues::until_on,
            revenues::cancelled_on,
        )
    };
}

fn charge(row: Row) -> (CustomerKey, Charge) {
    let (source, external_id, currency, kind, month, months, minor, from, until, cancelled_on) =
        row;
    let period = from.zip(until);
    let charge = Charge {
        currency: currency.0,
        month: Month::from_index(month),
        months,
        minor: kind.0.sign() * minor,
        period: period.and_then(|(from, until)| Period::new(from, until).ok()),
        cancelled_on,
    };
    let key = CustomerKey {
        source,
        external_id,
    };
    (key, charge)
}

/// Hands the recurring charges that count in one of the months from `first` to `last` to `each`, customer by customer.
///
/// # Errors
/// What the database or `each` answers, or that a currency is none of this release.
pub fn for_each_customer<E: From<StoreError>>(
    conn: &mut Conn,
    (first, last): (Month, Month),
    mut each: impl FnMut(&CustomerKey, &[Charge]) -> Result<(), E>,
) -> Result<(), E> {
    let mut open: Option<CustomerKey> = None;
    let mut charges: Vec<Charge> = Vec::new();
    on_conn!(conn, |c| {
        let rows = covering!(first, last)
            .order((revenues::customer_source, revenues::customer_external_id))
            .select(columns!())
            .load_iter::<Row, DefaultLoadingMode>(c)
            .map_err(StoreError::from)?;
        for row in rows {
            let (key, charge) = charge(row.map_err(StoreError::from)?);
            if let Some(done) = open.take_if(|open| *open != key) {
                each(&done, &charges)?;
                charges.clear();
            }
            open.get_or_insert(key);
            charges.push(charge);
        }
    });
    open.map_or(Ok(()), |last| each(&last, &charges))
}

/// Every recurring charge of these customers, whatever its month.
///
/// # Errors
/// What the database answers, or that a currency is none of this release.
pub fn load_charges<E: From<StoreError>>(
    conn: &mut Conn,
    customers: &[CustomerKey],
) -> Result<BTreeMap<CustomerKey, Vec<Charge>>, E> {
    let mut found: BTreeMap<CustomerKey, Vec<Charge>> = BTreeMap::new();
    for (source, ids) in by_source(customers) {
        for ids in ids.chunks(CHUNK) {
            let rows: Vec<Row> = on_conn!(conn, |c| recurring!()
                .filter(revenues::customer_source.eq(source))
                .filter(revenues::customer_external_id.eq_any(ids))
                .select(columns!())
                .load(c))
            .map_err(StoreError::from)?;
            for row in rows {
                let (key, charge) = charge(row);
                found.entry(key).or_default().push(charge);
            }
        }
    }
    Ok(found)
}

/// Ids of customers by the system that knows them.
fn by_source(customers: &[CustomerKey]) -> BTreeMap<&str, Vec<&str>> {
    let mut by_source: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for customer in customers {
        let ids = by_source.entry(&customer.source).or_default();
        ids.push(&customer.external_id);
    }
    by_source
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
    let mut last_paid = BTreeMap::new();
    for (source, ids) in by_source(customers) {
        for ids in ids.chunks(CHUNK) {
            let rows: Vec<(String, Option<i32>)> = on_conn!(conn, |c| r::table
                .filter(r::customer_source.eq(source))
                .filter(r::customer_external_id.eq_any(ids))
                .filter(r::kind.eq(InRevenue::new(RevenueKind::Recurring)))
                .filter(r::minor.gt(0))
                .filter(
                    r::from_on
                        .is_null()
                        .and(r::month.lt(month.index()))
                        .or(r::until_on.le(month.last_day()))
                )
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
