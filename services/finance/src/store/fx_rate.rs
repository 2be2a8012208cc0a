//! Exchange rates.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use keepworth_contract::Currency;
use keepworth_contract::finance::FxRateQuery;
use keepworth_store::{Conn, Named, PageRows, Place, RecordId, on_conn, page_rows};

use super::{KnownAt, fx_rates, moment};
use crate::rule::ledger::conversion::Quote;

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
    /// The rate as rules know it.
    #[must_use]
    pub fn into_quote(self) -> Quote {
        Quote {
            id: self.id.0,
            base: self.base.0,
            quote: self.quote.0,
            quoted_on: self.quoted_on,
            billionths: self.billionths,
            source: self.source,
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

/// The known quotes of a month that can lead from one currency to another, in the order of their
/// writing.
///
/// # Errors
/// What the database answers.
pub fn load_quotes(
    conn: &mut Conn,
    base: Currency,
    quote: Currency,
    (from, to): (NaiveDate, NaiveDate),
    known_at: KnownAt,
) -> QueryResult<Vec<FxRateRow>> {
    let pair = [base.code(), quote.code()];
    on_conn!(conn, |c| fx_rates::table
        .filter(fx_rates::base.eq_any(pair).or(fx_rates::quote.eq_any(pair)))
        .filter(fx_rates::quoted_on.between(from, to))
        .filter(fx_rates::recorded_at.le(moment(known_at)))
        .order(fx_rates::id)
        .select(FxRateRow::as_select())
        .load(c))
}

/// A page of the rates that a query asks for.
///
/// # Errors
/// What the database answers.
pub fn list_rates(
    conn: &mut Conn,
    place: &Place,
    query: &FxRateQuery,
) -> QueryResult<PageRows<FxRateRow>> {
    use fx_rates as r;
    on_conn!(
        conn,
        |c| page_rows!(c, place, r::table, r::id, FxRateRow::as_select(), {
            query.base => |it| r::base.eq(it.code()),
            query.quote => |it| r::quote.eq(it.code()),
            query.quoted_from => |it| r::quoted_on.ge(it),
            query.quoted_to => |it| r::quoted_on.le(it),
            query.recorded_since => |it| r::recorded_at.ge(it.naive_utc()),
        })
    )
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
