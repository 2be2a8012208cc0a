//! Backtests.

use std::ops::RangeInclusive;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use keepworth_contract::simulator::BacktestQuery;
use keepworth_store::{Conn, PageRows, Place, RecordId, on_conn, page_rows};

use super::backtests;

/// A backtest as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = backtests)]
pub struct BacktestRow {
    /// Identifier.
    pub id: RecordId,
    /// The day of the baseline that forecast.
    pub as_of: NaiveDate,
    /// The last day that was forecast.
    pub until_on: NaiveDate,
    /// The baseline that forecast.
    pub baseline_hash: String,
    /// Hash of what it was made from.
    pub input_hash: String,
    /// What it found, as JSON.
    pub report: String,
    /// When it was made.
    pub created_at: NaiveDateTime,
}

/// A backtest without its report.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = backtests)]
pub struct BacktestSummaryRow {
    /// Identifier.
    pub id: RecordId,
    /// The day of the baseline that forecast.
    pub as_of: NaiveDate,
    /// The last day that was forecast.
    pub until_on: NaiveDate,
    /// The baseline that forecast.
    pub baseline_hash: String,
    /// Hash of what it was made from.
    pub input_hash: String,
    /// When it was made.
    pub created_at: NaiveDateTime,
}

/// Keeps a backtest.
///
/// # Errors
/// What the database answers.
pub fn insert_backtest(conn: &mut Conn, row: &BacktestRow) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::insert_into(backtests::table)
        .values(row)
        .execute(c))
    .map(|_| ())
}

/// One backtest.
///
/// # Errors
/// What the database answers.
pub fn find_backtest(conn: &mut Conn, id: RecordId) -> QueryResult<Option<BacktestRow>> {
    on_conn!(conn, |c| backtests::table
        .find(id)
        .select(BacktestRow::as_select())
        .first(c)
        .optional())
}

/// The newest backtest that ends on one of some days: the last to end, and of these the last made.
///
/// # Errors
/// What the database answers.
pub fn find_newest(
    conn: &mut Conn,
    ends: &RangeInclusive<NaiveDate>,
) -> QueryResult<Option<BacktestRow>> {
    on_conn!(conn, |c| backtests::table
        .filter(backtests::until_on.between(ends.start(), ends.end()))
        .order((backtests::until_on.desc(), backtests::id.desc()))
        .select(BacktestRow::as_select())
        .first(c)
        .optional())
}

/// Removes a backtest; answers whether it was there.
///
/// # Errors
/// What the database answers.
pub fn delete_backtest(conn: &mut Conn, id: RecordId) -> QueryResult<bool> {
    on_conn!(conn, |c| diesel::delete(backtests::table.find(id))
        .execute(c))
    .map(|removed| removed > 0)
}

/// How many backtests stand on a baseline.
///
/// # Errors
/// What the database answers.
pub fn count_on(conn: &mut Conn, baseline_hash: &str) -> QueryResult<i64> {
    on_conn!(conn, |c| backtests::table
        .filter(backtests::baseline_hash.eq(baseline_hash))
        .count()
        .get_result(c))
}

/// A page of the backtests that a query asks for.
///
/// # Errors
/// What the database answers.
pub fn list_backtests(
    conn: &mut Conn,
    place: &Place,
    query: &BacktestQuery,
) -> QueryResult<PageRows<BacktestSummaryRow>> {
    use backtests as b;
    on_conn!(
        conn,
        |c| page_rows!(c, place, b::table, b::id, BacktestSummaryRow::as_select(), {
            &query.baseline_hash => |it| b::baseline_hash.eq(it),
            query.created_since => |it| b::created_at.ge(it.naive_utc()),
        })
    )
}
