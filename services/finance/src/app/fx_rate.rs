//! Exchange rates.

use crate::Finance;
use crate::rule::ledger::date;
use crate::rule::ledger::fx::billionths;
use crate::store::fx_rate;
use crate::store::fx_rate::FxRateRow;
pub use crate::store::fx_rate::find_by_id;
use chrono::{DateTime, Utc};
use keepworth_contract::FaultCode;
use keepworth_contract::InvalidParam;
use keepworth_contract::ProblemCode;
use keepworth_contract::finance::{FxRate, FxRateInput, FxRatePage, FxRateQuery};
use keepworth_intake::{Failure, fault, page};
use keepworth_store::{Conn, RecordId};
use rust_decimal::Decimal;

impl From<FxRateRow> for FxRate {
    fn from(row: FxRateRow) -> Self {
        Self {
            id: row.id.0,
            base: row.base.0,
            quote: row.quote.0,
            value: Decimal::new(row.billionths, 9).normalize().to_string(),
            quoted_on: row.quoted_on,
            source: row.source,
            recorded_at: row.recorded_at.and_utc(),
        }
    }
}

/// Lists exchange rates.
pub async fn list(app: &Finance, query: FxRateQuery) -> Result<FxRatePage, Failure> {
    page::check_days("quoted", query.quoted_from, query.quoted_to)?;
    page::check_moment("recorded_since", query.recorded_since)?;
    page::list(&app.db, query, fx_rate::list_rates, |row| row.id).await
}

/// Keeps a rate, in the caller's transaction; the same again changes nothing.
pub fn insert(conn: &mut Conn, row: FxRateRow) -> Result<FxRateRow, Failure> {
    conn.lock_source("fx_rates", &row.source)?;
    let Some(same) = fx_rate::find_same(conn, &row)? else {
        fx_rate::insert_rate(conn, &row)?;
        return Ok(row);
    };
    if same.billionths == row.billionths {
        return Ok(same);
    }
    Err(Failure::conflict(
        ProblemCode::RateExists,
        format!(
            "{} has another rate from {} to {} on {}; give this one under another source",
            row.source,
            row.base.name(),
            row.quote.name(),
            row.quoted_on
        ),
    ))
}

/// A rate as it is kept, unless something is wrong with it.
pub fn new_row(rate: FxRateInput, now: DateTime<Utc>) -> Result<FxRateRow, Failure> {
    let mut faults: Vec<InvalidParam> = [
        fault::text("source", &rate.source, 64),
        date::fault("quoted_on", rate.quoted_on, now.date_naive()),
    ]
    .into_iter()
    .flatten()
    .collect();
    if rate.base == rate.quote {
        let reason = format!(
            "is {} like base; a currency needs no rate to itself",
            rate.base
        );
        faults.push(InvalidParam::new("quote", FaultCode::SameCurrency, reason));
    }
    match billionths(rate.value) {
        Ok(billionths) if faults.is_empty() => Ok(FxRateRow {
            id: RecordId::generate(),
            source: rate.source,
            base: rate.base.into(),
            quote: rate.quote.into(),
            quoted_on: rate.quoted_on,
            billionths,
            recorded_at: now.naive_utc(),
        }),
        Ok(_) => Err(Failure::invalid(faults)),
        Err(fault) => {
            faults.push(fault);
            Err(Failure::invalid(faults))
        }
    }
}
