//! Feeds to the simulator.

use crate::app::conversion::Converter;
use crate::app::internal;
use crate::rule::ledger::conversion::Exact;
use crate::rule::ledger::month_allocation::Overflow;
use crate::rule::revenue::revenue_total::{CustomerTotals, Window};
use crate::store::{avoidable_share, charge, economics};
use chrono::NaiveDate;
use keepworth_contract::ProblemCode;
use keepworth_contract::finance::{CostRow, EconomicsRow, RateKind, RevenueFeedQuery};
use keepworth_contract::{Currency, Month};
use keepworth_intake::Failure;
use keepworth_intake::feed::FeedSink;
use keepworth_store::Conn;

/// Months of revenue that the feed sums up, and of all amounts that are converted.
const WINDOW_MONTHS: u16 = 12;

/// The first and the last month of the window up to a day.
fn window(as_of: NaiveDate) -> (Month, Month) {
    let last = Month::of(as_of);
    (last.plus(1 - i32::from(WINDOW_MONTHS)), last)
}

/// Writes what was spent until a day, then which of it can be avoided, later steps too. What is
/// converted is that of the twelve months up to the day's.
pub fn write_economics(
    conn: &mut Conn,
    as_of: NaiveDate,
    currency: Option<Currency>,
    sink: &mut FeedSink,
) -> Result<(), Failure> {
    let mut costs = economics::load_economics::<Failure>(conn, as_of)?;
    if let Some(currency) = currency {
        costs = convert_costs(conn, as_of, currency, costs)?;
    }
    let mut costs = costs.into_iter().map(EconomicsRow::Cost);
    costs.try_for_each(|row| sink.push(&row))?;
    let shares = avoidable_share::load_confirmed::<Failure>(conn)?;
    let mut shares = shares.into_iter().map(EconomicsRow::AvoidableShare);
    shares.try_for_each(|row| sink.push(&row))
}

/// The costs of the window in one currency: rows that differ in their currency only become one, whose
/// sum is rounded once.
fn convert_costs(
    conn: &mut Conn,
    as_of: NaiveDate,
    currency: Currency,
    costs: Vec<CostRow>,
) -> Result<Vec<CostRow>, Failure> {
    let mut converter = Converter::new(currency, None);
    let mut converted: Vec<(CostRow, Exact)> = Vec::new();
    for row in costs {
        let (base, month) = place(&row)?;
        if month < window(as_of).0 {
            continue;
        }
        let factor = converter.factor(conn, base, month, RateKind::Average)?;
        let last = converted.last_mut().filter(|(it, _)| is_one_line(it, &row));
        if let Some((line, sum)) = last {
            line.entries += row.entries;
            line.assumed_entries += row.assumed_entries;
            *sum = sum.add(row.minor, factor).ok_or(Overflow)?;
        } else {
            let sum = Exact::default().add(row.minor, factor).ok_or(Overflow)?;
            converted.push((row, sum));
        }
    }
    let rounded = converted.into_iter().map(|(row, sum)| {
        let minor = sum.minor().ok_or(Overflow)?;
        let currency = currency.code().to_owned();
        Ok(CostRow {
            minor,
            currency,
            ..row
        })
    });
    rounded.collect()
}

fn place(row: &CostRow) -> Result<(Currency, Month), Failure> {
    let currency = row.currency.parse().map_err(internal)?;
    Ok((currency, row.month.parse().map_err(internal)?))
}

/// Whether rows, which come in the order of their fields, differ in currency and sums only.
fn is_one_line(one: &CostRow, other: &CostRow) -> bool {
    let line = |it: &CostRow| {
        let (segment, category) = (it.segment.clone(), it.category.clone());
        (
            segment,
            category,
            it.component.clone(),
            it.channel.clone(),
            it.month.clone(),
        )
    };
    line(one) == line(other)
}

/// Writes what each customer was charged in the twelve months up to a day's, and in those before that are asked for, in
/// key order; revenue in two currencies is converted, or refused.
pub fn write_revenues(
    conn: &mut Conn,
    query: &RevenueFeedQuery,
    sink: &mut FeedSink,
) -> Result<(), Failure> {
    let (first, last) = window(query.as_of);
    let conversion = match query.currency {
        Some(currency) => {
            let found = charge::load_other_months(conn, currency, first, last)?;
            Some(Converter::new(currency, None).conversion(conn, found)?)
        }
        None => {
            refuse_mixed(&charge::load_currencies(conn, first, last)?, first, last)?;
            None
        }
    };
    let earlier = earlier_in_one_currency(conn, first, last, query)?;
    let window = Window::ending(last, WINDOW_MONTHS).with_earlier(earlier);
    let mut totals = CustomerTotals::new(window, conversion);
    charge::for_each_in_key_order(conn, last, |row| -> Result<(), Failure> {
        let done = totals.add(&row.customer(), row.charged())?;
        done.map_or(Ok(()), |row| sink.push(&row))
    })?;
    totals.finish()?.map_or(Ok(()), |row| sink.push(&row))
}

/// How many months before the window are told: those that are asked for, or none where all of them are not in one
/// currency, that which is asked for.
fn earlier_in_one_currency(
    conn: &mut Conn,
    first: Month,
    last: Month,
    query: &RevenueFeedQuery,
) -> Result<u16, Failure> {
    let asked = query.earlier_months;
    if asked == 0 {
        return Ok(0);
    }
    let found = charge::load_currencies(conn, first.plus(-i32::from(asked)), last)?;
    let is_wanted = |it: &Currency| query.currency.is_none_or(|wanted| wanted == *it);
    let is_one = found.len() <= 1 && found.iter().all(is_wanted);
    Ok(if is_one { asked } else { 0 })
}

/// What is converted beside revenue.
#[derive(Debug, Clone, Copy)]
pub struct Beside {
    /// Purchases, of all months.
    pub purchases: bool,
    /// Costs.
    pub costs: bool,
}

/// Writes the rates by which revenue, and what is converted beside it, of the twelve months up to a day's is converted;
/// every pair and month without one is named at once.
pub fn write_rates(
    conn: &mut Conn,
    as_of: NaiveDate,
    currency: Currency,
    beside: Beside,
    sink: &mut FeedSink,
) -> Result<(), Failure> {
    let (first, last) = window(as_of);
    let mut found = charge::load_other_months(conn, currency, first, last)?;
    if beside.costs {
        for row in economics::load_economics::<Failure>(conn, as_of)? {
            found.extend(Some(place(&row)?).filter(|(_, month)| *month >= first));
        }
    }
    if beside.purchases {
        found.extend(charge::load_other_purchase_months(conn, currency, as_of)?);
    }
    let mut converter = Converter::new(currency, None);
    converter.conversion(conn, found)?;
    converter.told().iter().try_for_each(|rate| sink.push(rate))
}

fn refuse_mixed(currencies: &[Currency], first: Month, last: Month) -> Result<(), Failure> {
    if currencies.len() < 2 {
        return Ok(());
    }
    let codes: Vec<&str> = currencies.iter().map(|it| it.code()).collect();
    let (code, currencies) = (codes[0], codes.join(" and "));
    Err(Failure::conflict(
        ProblemCode::MixedCurrencies,
        format!(
            "revenue of {first} to {last} is in {currencies}; name the currency to report in, for example \
             currency={code} (`--currency {code}`)"
        ),
    ))
}
