//! Runs.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use keepworth_store::{Conn, RecordId, on_conn};

use super::runs;

/// A run as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = runs)]
pub struct RunRow {
    /// Identifier.
    pub id: RecordId,
    /// The scenario's name.
    pub scenario_name: String,
    /// The scenario's text, as TOML.
    pub scenario: String,
    /// The baseline it stands on.
    pub baseline_hash: String,
    /// Trials, seed and sampling, as JSON.
    pub options: String,
    /// Hash of scenario, baseline and engine.
    pub input_hash: String,
    /// Name of the status.
    pub status: String,
    /// The result, as JSON.
    pub result: String,
    /// When it was finished.
    pub created_at: NaiveDateTime,
}

/// A run without the long texts.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = runs)]
pub struct RunSummaryRow {
    /// Identifier.
    pub id: RecordId,
    /// The scenario's name.
    pub scenario_name: String,
    /// The baseline it stands on.
    pub baseline_hash: String,
    /// Trials, seed and sampling, as JSON.
    pub options: String,
    /// Hash of scenario, baseline and engine.
    pub input_hash: String,
    /// Name of the status.
    pub status: String,
    /// When it was finished.
    pub created_at: NaiveDateTime,
}

/// Keeps a run.
///
/// # Errors
/// What the database answers.
pub fn insert_run(conn: &mut Conn, row: &RunRow) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::insert_into(runs::table)
        .values(row)
        .execute(c))
    .map(|_| ())
}

/// One run.
///
/// # Errors
/// What the database answers.
pub fn find_run(conn: &mut Conn, id: RecordId) -> QueryResult<Option<RunRow>> {
    on_conn!(conn, |c| runs::table
        .find(id)
        .select(RunRow::as_select())
        .first(c)
        .optional())
}

/// Runs with an id greater than `after`, in the order of their making.
///
/// # Errors
/// What the database answers.
pub fn runs_after(conn: &mut Conn, after: RecordId, limit: i64) -> QueryResult<Vec<RunSummaryRow>> {
    on_conn!(conn, |c| runs::table
        .filter(runs::id.gt(after))
        .order(runs::id)
        .limit(limit)
        .select(RunSummaryRow::as_select())
        .load(c))
}
