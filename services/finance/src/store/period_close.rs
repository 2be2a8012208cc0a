//! Closed months.

use chrono::NaiveDateTime;
use diesel::dsl::max;
use diesel::prelude::*;
use keepworth_contract::Month;
use keepworth_store::{Conn, on_conn};

use super::period_closes;

/// A closed month as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = period_closes, treat_none_as_default_value = false)]
pub struct PeriodCloseRow {
    /// Index of the [`Month`].
    pub month: i32,
    /// Who or what asked for it.
    pub reason: String,
    /// When it was closed.
    pub recorded_at: NaiveDateTime,
}

/// Holds off closing and writing of entries until the transaction ends: no entry slips into a
/// month while it is closed.
///
/// # Errors
/// What the database answers.
pub fn lock(conn: &mut Conn) -> QueryResult<()> {
    conn.lock_source("period_closes", "")
}

/// The month through which the books are closed.
///
/// # Errors
/// What the database answers.
pub fn find_closed_through(conn: &mut Conn) -> QueryResult<Option<Month>> {
    let last: Option<i32> = on_conn!(conn, |c| period_closes::table
        .select(max(period_closes::month))
        .first(c))?;
    Ok(last.map(Month::from_index))
}

/// Every closing, in the order of the months.
///
/// # Errors
/// What the database answers.
pub fn load_closes(conn: &mut Conn) -> QueryResult<Vec<PeriodCloseRow>> {
    on_conn!(conn, |c| period_closes::table
        .order(period_closes::month)
        .select(PeriodCloseRow::as_select())
        .load(c))
}

/// Closes a month.
///
/// # Errors
/// What the database answers.
pub fn insert_close(conn: &mut Conn, row: &PeriodCloseRow) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::insert_into(period_closes::table)
        .values(row)
        .execute(c))
    .map(|_| ())
}
