//! Feeds to the simulator.

use crate::rule::revenue::revenue_total::{CustomerTotals, Window};
use crate::store::{avoidable_share, economics, revenue};
use chrono::NaiveDate;
use keepworth_contract::ProblemCode;
use keepworth_contract::finance::EconomicsRow;
use keepworth_contract::{Currency, Month};
use keepworth_intake::Failure;
use keepworth_intake::feed::FeedSink;
use keepworth_store::Conn;

/// Months of revenue that the feed sums up.
const WINDOW_MONTHS: u16 = 12;

/// Writes what was spent until a day, then which of it can be avoided, later steps too.
pub fn write_economics(
    conn: &mut Conn,
    as_of: NaiveDate,
    sink: &mut FeedSink,
) -> Result<(), Failure> {
    let costs = economics::load_economics::<Failure>(conn, as_of)?;
    let mut costs = costs.into_iter().map(EconomicsRow::Cost);
    costs.try_for_each(|row| sink.push(&row))?;
    let shares = avoidable_share::load_confirmed::<Failure>(conn)?;
    let mut shares = shares.into_iter().map(EconomicsRow::AvoidableShare);
    shares.try_for_each(|row| sink.push(&row))
}

/// Writes what each customer was charged in the twelve months up to a day's, in key order; revenue in
/// two currencies is refused.
pub fn write_revenues(
    conn: &mut Conn,
    as_of: NaiveDate,
    sink: &mut FeedSink,
) -> Result<(), Failure> {
    let last = Month::of(as_of);
    let first = last.plus(1 - i32::from(WINDOW_MONTHS));
    let currencies = revenue::load_currencies(conn, first, last)?;
    if currencies.len() > 1 {
        return Err(mixed_currencies(&currencies, first, last));
    }
    let mut totals = CustomerTotals::new(Window::ending(last, WINDOW_MONTHS));
    revenue::for_each_in_key_order(conn, last, |row| -> Result<(), Failure> {
        let done = totals.add(&row.customer(), row.charged())?;
        done.map_or(Ok(()), |row| sink.push(&row))
    })?;
    totals.finish().map_or(Ok(()), |row| sink.push(&row))
}

fn mixed_currencies(currencies: &[Currency], first: Month, last: Month) -> Failure {
    let codes: Vec<&str> = currencies.iter().map(|it| it.code()).collect();
    let currencies = codes.join(" and ");
    Failure::conflict(
        ProblemCode::MixedCurrencies,
        format!(
            "revenue of {first} to {last} is in {currencies}; import it again in one currency, with the same ids"
        ),
    )
}
