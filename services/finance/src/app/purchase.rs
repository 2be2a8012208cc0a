//! The feed of what customers without a subscription bought.

use chrono::NaiveDate;
use keepworth_contract::{Currency, Month};
use keepworth_intake::Failure;
use keepworth_intake::feed::FeedSink;
use keepworth_store::Conn;

use crate::app::conversion::Converter;
use crate::rule::revenue::purchase::Purchases;
use crate::store::charge;

/// Writes what each customer bought until a day, in key order and in constant memory.
pub fn write_purchases(
    conn: &mut Conn,
    as_of: NaiveDate,
    currency: Option<Currency>,
    sink: &mut FeedSink,
) -> Result<(), Failure> {
    let conversion = match currency {
        Some(currency) => {
            let found = charge::load_other_purchase_months(conn, currency, as_of)?;
            Some(Converter::new(currency, None).conversion(conn, found)?)
        }
        None => None,
    };
    let mut purchases = Purchases::new(as_of, conversion);
    charge::for_each_in_key_order(conn, Month::of(as_of), |row| -> Result<(), Failure> {
        let done = purchases.add(&row.customer(), row.bought())?;
        done.map_or(Ok(()), |row| sink.push(&row))
    })?;
    purchases.finish()?.map_or(Ok(()), |row| sink.push(&row))
}
