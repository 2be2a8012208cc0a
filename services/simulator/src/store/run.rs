//! Runs.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use keepworth_contract::Word;
use keepworth_contract::simulator::{ReferenceKind, RunQuery};
use keepworth_store::{Conn, PageRows, Place, RecordId, on_conn, page_rows};

use super::{run_references, runs};

/// A run as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = runs, treat_none_as_default_value = false)]
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
    /// The key of the kept scenario that it is of.
    pub scenario_key: Option<String>,
    /// In which version.
    pub scenario_version: Option<i32>,
    /// What was simulated, as JSON, where the text refers to what may change.
    pub resolved_scenario: Option<String>,
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
    /// The key of the kept scenario that it is of.
    pub scenario_key: Option<String>,
    /// In which version.
    pub scenario_version: Option<i32>,
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

/// The runs of a version of a kept scenario, the newest first.
///
/// # Errors
/// What the database answers.
pub fn runs_of_version(
    conn: &mut Conn,
    key: &str,
    version: i32,
) -> QueryResult<Vec<RunSummaryRow>> {
    on_conn!(conn, |c| runs::table
        .filter(runs::scenario_key.eq(key))
        .filter(runs::scenario_version.eq(version))
        .order(runs::id.desc())
        .select(RunSummaryRow::as_select())
        .load(c))
}

/// Removes a run; answers whether it was there.
///
/// # Errors
/// What the database answers.
pub fn delete_run(conn: &mut Conn, id: RecordId) -> QueryResult<bool> {
    on_conn!(conn, |c| diesel::delete(runs::table.find(id)).execute(c)).map(|removed| removed > 0)
}

/// How many runs stand on a baseline.
///
/// # Errors
/// What the database answers.
pub fn count_on(conn: &mut Conn, baseline_hash: &str) -> QueryResult<i64> {
    on_conn!(conn, |c| runs::table
        .filter(runs::baseline_hash.eq(baseline_hash))
        .count()
        .get_result(c))
}

/// A page of the runs that a query asks for.
///
/// # Errors
/// What the database answers.
pub fn list_runs(
    conn: &mut Conn,
    place: &Place,
    query: &RunQuery,
) -> QueryResult<PageRows<RunSummaryRow>> {
    on_conn!(
        conn,
        |c| page_rows!(c, place, runs::table, runs::id, RunSummaryRow::as_select(), {
            &query.baseline_hash => |it| runs::baseline_hash.eq(it),
            &query.scenario_key => |it| runs::scenario_key.eq(it),
            &query.evidence_key => |it| runs::id.eq_any(
                run_references::table
                    .filter(run_references::kind.eq(ReferenceKind::Evidence.name()))
                    .filter(run_references::key.eq(it))
                    .select(run_references::run_id)
            ),
            query.created_since => |it| runs::created_at.ge(it.naive_utc()),
        })
    )
}
