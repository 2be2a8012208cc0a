//! Revenues as reports and feeds read them: what was charged, for which months, in the order of customers.

use chrono::NaiveDate;
use diesel::dsl::{min, sql};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use keepworth_contract::feed::CustomerKey;
use keepworth_contract::finance::RevenueKind;
use keepworth_contract::{Currency, Month, Period};
use keepworth_store::{Conn, RecordId, StoreError, on_conn};

use super::{InRevenue, revenues};
use crate::rule::revenue::purchase::Bought;
use crate::rule::revenue::revenue_total::Charged;
use crate::rule::revenue::segment_count::CustomerCharge;
use crate::rule::revenue::span::Span;

/// The currencies of all revenue that covers any of `first..=last`, in order.
///
/// # Errors
/// What the database answers.
pub fn load_currencies(conn: &mut Conn, first: Month, last: Month) -> QueryResult<Vec<Currency>> {
    let found: Vec<InRevenue<Currency>> = on_conn!(conn, |c| revenues::table
        .filter(revenues::month.ge(first.index()))
        .filter((revenues::month - revenues::months).lt(last.index()))
        .select(revenues::currency)
        .distinct()
        .order(revenues::currency)
        .load(c))?;
    Ok(found.into_iter().map(|it| it.0).collect())
}

/// The months of `first..=last` that charges in each currency but one are for, some of them several times.
///
/// # Errors
/// What the database answers.
pub fn load_other_months(
    conn: &mut Conn,
    but: Currency,
    first: Month,
    last: Month,
) -> QueryResult<Vec<(Currency, Month)>> {
    use revenues as r;
    type Found = (
        InRevenue<Currency>,
        i32,
        i32,
        Option<NaiveDate>,
        Option<NaiveDate>,
    );
    let found: Vec<Found> = on_conn!(conn, |c| r::table
        .filter(r::currency.ne(InRevenue::new(but)))
        .filter(r::month.ge(first.index()))
        .filter((r::month - r::months).lt(last.index()))
        .select((r::currency, r::month, r::months, r::from_on, r::until_on))
        .distinct()
        .load(c))?;
    let months = found
        .into_iter()
        .flat_map(|(currency, month, months, from, until)| {
            let span = span((month, months), from, until);
            let (from, to) = (span.first().max(first), span.last().min(last));
            (from.index()..=to.index()).map(move |it| (currency.0, Month::from_index(it)))
        });
    Ok(months.collect())
}

/// The months in which anything but subscriptions was bought or given back, by a day, in each currency but one.
///
/// # Errors
/// What the database answers.
pub fn load_other_purchase_months(
    conn: &mut Conn,
    but: Currency,
    as_of: NaiveDate,
) -> QueryResult<Vec<(Currency, Month)>> {
    use revenues as r;
    let found: Vec<(InRevenue<Currency>, i32, Option<NaiveDate>)> = on_conn!(conn, |c| r::table
        .filter(r::currency.ne(InRevenue::new(but)))
        .filter(r::kind.ne(InRevenue::new(RevenueKind::Recurring)))
        .filter((r::month - r::months).lt(Month::of(as_of).index()))
        .select((r::currency, r::month, r::from_on))
        .distinct()
        .load(c))?;
    let month = |(currency, month, from): (InRevenue<Currency>, i32, Option<NaiveDate>)| {
        let month = from.map_or(Month::from_index(month), Month::of);
        (month <= Month::of(as_of)).then_some((currency.0, month))
    };
    Ok(found.into_iter().filter_map(month).collect())
}

/// The months that a charge is for.
fn span((month, months): (i32, i32), from: Option<NaiveDate>, until: Option<NaiveDate>) -> Span {
    let days = from.zip(until);
    let period = days.and_then(|(from, until)| Period::new(from, until).ok());
    Span::new(Month::from_index(month), months, period)
}

/// The first month that any charge above zero covers.
///
/// # Errors
/// What the database answers.
pub fn find_first_month(conn: &mut Conn) -> QueryResult<Option<Month>> {
    let first: Option<i32> = on_conn!(conn, |c| revenues::table
        .filter(revenues::kind.ne(InRevenue::new(RevenueKind::Refund)))
        .filter(revenues::minor.gt(0))
        .select(min(revenues::month - revenues::months))
        .first(c))?;
    Ok(first.map(|before| Month::from_index(before + 1)))
}

/// A charge, as the feed reads it.
#[derive(Debug, Queryable)]
pub struct ChargeRow {
    id: RecordId,
    customer_source: String,
    customer_external_id: String,
    currency: InRevenue<Currency>,
    kind: InRevenue<RevenueKind>,
    minor: i64,
    month: i32,
    months: i32,
    from_on: Option<NaiveDate>,
    until_on: Option<NaiveDate>,
}

impl ChargeRow {
    /// The customer's key in feeds.
    #[must_use]
    pub fn customer(&self) -> CustomerKey {
        CustomerKey {
            source: self.customer_source.clone(),
            external_id: self.customer_external_id.clone(),
        }
    }

    /// The charge with its customer.
    #[must_use]
    pub fn customer_charge(&self) -> CustomerCharge {
        CustomerCharge {
            customer: self.customer(),
            kind: self.kind.0,
            currency: self.currency.0,
            minor: self.minor,
            span: self.span(),
        }
    }

    /// What was charged.
    #[must_use]
    pub fn charged(&self) -> Charged {
        Charged {
            currency: self.currency.name(),
            kind: self.kind.0,
            minor: self.minor,
            span: self.span(),
        }
    }

    /// What was bought, or given back.
    #[must_use]
    pub fn bought(&self) -> Bought {
        Bought {
            currency: self.currency.name(),
            kind: self.kind.0,
            minor: self.minor,
            on: self.from_on,
            month: Month::from_index(self.month),
        }
    }

    fn span(&self) -> Span {
        span((self.month, self.months), self.from_on, self.until_on)
    }
}

/// Charges that are read at once for feeds.
const CHUNK: i64 = 20_000;

/// Hands every charge that covers `last` or an earlier month to `each`, in key order of the customers,
/// in constant memory.
///
/// # Errors
/// What the database or `each` answers.
pub fn for_each_in_key_order<E: From<StoreError>>(
    conn: &mut Conn,
    last: Month,
    mut each: impl FnMut(&ChargeRow) -> Result<(), E>,
) -> Result<(), E> {
    let mut after = (String::new(), String::new(), String::new());
    loop {
        let rows = charges_after(conn, &after, last).map_err(StoreError::from)?;
        rows.iter().try_for_each(&mut each)?;
        let Some(end) = rows.into_iter().next_back() else {
            return Ok(());
        };
        after = (
            end.customer_source,
            end.customer_external_id,
            end.id.to_string(),
        );
    }
}

/// Charges after a place in the index.
///
/// The place is compared as one row value: only so do both databases go on where the index has
/// it. Written out with OR, every chunk begins at the first customer again; and grouped here, every
/// chunk sorts all customers that are left.
fn charges_after(
    conn: &mut Conn,
    (source, external_id, id): &(String, String, String),
    last: Month,
) -> QueryResult<Vec<ChargeRow>> {
    use revenues as r;
    on_conn!(conn, |c| r::table
        .filter((r::month - r::months).lt(last.index()))
        .filter(
            sql::<Bool>("(customer_source, customer_external_id, id) > (")
                .bind::<Text, _>(source)
                .sql(", ")
                .bind::<Text, _>(external_id)
                .sql(", ")
                .bind::<Text, _>(id)
                .sql(")")
        )
        .order((r::customer_source, r::customer_external_id, r::id))
        .limit(CHUNK)
        .select((
            r::id,
            r::customer_source,
            r::customer_external_id,
            r::currency,
            r::kind,
            r::minor,
            r::month,
            r::months,
            r::from_on,
            r::until_on,
        ))
        .load(c))
}
