//! Exchange rates.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use keepworth_contract::Currency;
use keepworth_store::{Conn, Named, RecordId, on_conn};

use super::{KnownAt, fx_rates, moment};
use crate::rule::ledger::fx::Rate;

/// A rate as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = fx_rates, treat_none_as_default_value = false)]
pub struct FxRateRow {
    /// Identifier.
    pub id: RecordId,
    /// Who quoted it.
    pub source: String,
    /// What is converted.
    pub base: Named<Currency, fx_rates::table>,
    /// Into what.
    pub quote: Named<Currency, fx_rates::table>,
    /// The day it was quoted.
    pub quoted_on: NaiveDate,
    /// The rate in billionths.
    pub billionths: i64,
    /// When it was written.
    pub recorded_at: NaiveDateTime,
}

impl FxRateRow {
    /// The rate.
    #[must_use]
    pub fn rate(&self) -> Rate {
        Rate {
            id: self.id.0,
            base: self.base.0,
            quote: self.quote.0,
            billionths: self.billionths,
        }
    }
}

/// Writes a rate.
///
/// # Errors
/// What the database answers.
pub fn insert_rate(conn: &mut Conn, row: &FxRateRow) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::insert_into(fx_rates::table)
        .values(row)
        .execute(c))
    .map(|_| ())
}

/// The same source's rate of the same day.
///
/// # Errors
/// What the database answers.
pub fn find_same(conn: &mut Conn, row: &FxRateRow) -> QueryResult<Option<FxRateRow>> {
    on_conn!(conn, |c| fx_rates::table
        .filter(fx_rates::source.eq(&row.source))
        .filter(fx_rates::base.eq(row.base))
        .filter(fx_rates::quote.eq(row.quote))
        .filter(fx_rates::quoted_on.eq(row.quoted_on))
        .select(FxRateRow::as_select())
        .first(c)
        .optional())
}

/// The last known rate quoted on or before a day; of several of one day, the one written last.
///
/// # Errors
/// What the database answers.
pub fn find_rate(
    conn: &mut Conn,
    base: Currency,
    quote: Currency,
    on: NaiveDate,
    known_at: KnownAt,
) -> QueryResult<Option<FxRateRow>> {
    on_conn!(conn, |c| fx_rates::table
        .filter(fx_rates::base.eq(base.code()))
        .filter(fx_rates::quote.eq(quote.code()))
        .filter(fx_rates::quoted_on.le(on))
        .filter(fx_rates::recorded_at.le(moment(known_at)))
        .order((fx_rates::quoted_on.desc(), fx_rates::id.desc()))
        .select(FxRateRow::as_select())
        .first(c)
        .optional())
}

/// Rates with an id greater than `after`, in id order.
///
/// # Errors
/// What the database answers.
pub fn rates_after(conn: &mut Conn, after: RecordId, limit: i64) -> QueryResult<Vec<FxRateRow>> {
    on_conn!(conn, |c| fx_rates::table
        .filter(fx_rates::id.gt(after))
        .order(fx_rates::id)
        .limit(limit)
        .select(FxRateRow::as_select())
        .load(c))
}

/// The exchange rate by its id.
///
/// # Errors
/// What the database answers.
pub fn find_by_id(conn: &mut Conn, id: RecordId) -> QueryResult<Option<FxRateRow>> {
    on_conn!(conn, |c| fx_rates::table
        .find(id)
        .select(FxRateRow::as_select())
        .first(c)
        .optional())
}
