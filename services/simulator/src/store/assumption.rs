//! Who looked when whether an assumption is still so.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use keepworth_store::{Conn, RecordId, on_conn};

use super::assumption_checks;

/// That somebody looked.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = assumption_checks, treat_none_as_default_value = false)]
pub struct AssumptionCheckRow {
    /// Identifier.
    pub id: RecordId,
    /// The scenario's key.
    pub scenario_key: String,
    /// The assumption, by its name in results.
    pub input: String,
    /// Who answers for it.
    pub owner: String,
    /// When it was looked at.
    pub checked_on: NaiveDate,
    /// What was found.
    pub note: Option<String>,
    /// When that was written.
    pub recorded_at: NaiveDateTime,
}

/// Writes down that somebody looked.
///
/// # Errors
/// What the database answers.
pub fn insert_check(conn: &mut Conn, row: &AssumptionCheckRow) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::insert_into(assumption_checks::table)
        .values(row.clone())
        .execute(c))
    .map(|_| ())
}

/// All that was looked at of a scenario, in the order of days, and of one day in that of writing.
///
/// # Errors
/// What the database answers.
pub fn load_checks(conn: &mut Conn, key: &str) -> QueryResult<Vec<AssumptionCheckRow>> {
    on_conn!(conn, |c| assumption_checks::table
        .filter(assumption_checks::scenario_key.eq(key))
        .order((assumption_checks::checked_on, assumption_checks::id))
        .select(AssumptionCheckRow::as_select())
        .load(c))
}
