//! The feed of what customers without a subscription bought.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use keepworth_contract::finance::RateKind;
use keepworth_contract::{Currency, Month};
use keepworth_intake::Failure;
use keepworth_intake::feed::FeedSink;
use keepworth_store::Conn;

use crate::app::conversion::Converter;
use crate::rule::revenue::purchase::Purchases;
use crate::rule::revenue::revenue_total::Conversion;
use crate::store::revenue;

/// Writes what each customer bought until a day, in key order and in constant memory.
pub fn write_purchases(
    conn: &mut Conn,
    as_of: NaiveDate,
    currency: Option<Currency>,
    sink: &mut FeedSink,
) -> Result<(), Failure> {
    let conversion = match currency {
        Some(currency) => Some(load_conversion(conn, as_of, currency)?),
        None => None,
    };
    let mut purchases = Purchases::new(as_of, conversion);
    revenue::for_each_in_key_order(conn, Month::of(as_of), |row| -> Result<(), Failure> {
        let done = purchases.add(&row.customer(), row.bought())?;
        done.map_or(Ok(()), |row| sink.push(&row))
    })?;
    purchases.finish()?.map_or(Ok(()), |row| sink.push(&row))
}

/// The factor of every month and currency in which anything was bought; all that are missing are named at once.
fn load_conversion(
    conn: &mut Conn,
    as_of: NaiveDate,
    currency: Currency,
) -> Result<Conversion, Failure> {
    let mut months: BTreeMap<&'static str, (Currency, BTreeSet<Month>)> = BTreeMap::new();
    for (base, month) in revenue::load_other_purchase_months(conn, currency, as_of)? {
        let (_, found) = months
            .entry(base.code())
            .or_insert_with(|| (base, BTreeSet::new()));
        found.insert(month);
    }
    let (mut converter, mut faults) = (Converter::new(currency, None), Vec::new());
    let mut factors: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for (code, (base, months)) in months {
        let mut missing = BTreeSet::new();
        for month in months {
            if !converter.has(conn, base, month, RateKind::Average)? {
                missing.insert(month);
            } else if let Some(factor) = converter.factor(conn, base, month, RateKind::Average)? {
                factors.entry(code).or_default().insert(month, factor);
            }
        }
        if !missing.is_empty() {
            faults.push(converter.missing(base, &missing));
        }
    }
    if faults.is_empty() {
        Ok(Conversion { currency, factors })
    } else {
        Err(Failure::invalid(faults))
    }
}
