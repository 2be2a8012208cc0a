//! What the scenarios of runs refer to.

use diesel::prelude::*;
use keepworth_contract::simulator::ReferenceKind;
use keepworth_store::{Conn, Named, RecordId, on_conn};

use super::run_references;

/// A reference as stored.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = run_references)]
pub struct ReferenceRow {
    /// The run.
    pub run_id: RecordId,
    /// Its place among the run's references, from 0.
    pub position: i32,
    /// To what.
    pub kind: Named<ReferenceKind, run_references::table>,
    /// Under which key that is kept.
    pub key: String,
    /// What stood there, as JSON.
    pub reference: String,
}

/// Keeps the references of a run.
///
/// # Errors
/// What the database answers.
pub fn insert_references(conn: &mut Conn, rows: &[ReferenceRow]) -> QueryResult<()> {
    for row in rows {
        on_conn!(conn, |c| diesel::insert_into(run_references::table)
            .values(row)
            .execute(c))?;
    }
    Ok(())
}

/// The references of a run as JSON, in the order of its scenario.
///
/// # Errors
/// What the database answers.
pub fn load_references(conn: &mut Conn, run: RecordId) -> QueryResult<Vec<String>> {
    on_conn!(conn, |c| run_references::table
        .filter(run_references::run_id.eq(run))
        .order(run_references::position)
        .select(run_references::reference)
        .load(c))
}

/// How many references a run has.
///
/// # Errors
/// What the database answers.
pub fn count_references(conn: &mut Conn, run: RecordId) -> QueryResult<i64> {
    on_conn!(conn, |c| run_references::table
        .filter(run_references::run_id.eq(run))
        .count()
        .get_result(c))
}
