//! What may be approved without an exception, every version of it.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use keepworth_store::{Conn, on_conn};

use super::approval_policies;

/// A version of the policy.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = approval_policies)]
pub struct PolicyRow {
    /// Which version, from 1.
    pub version: i32,
    /// What it says, as JSON.
    pub statement: String,
    /// Why.
    pub reason: String,
    /// Who wrote it, as JSON.
    pub by_whom: String,
    /// When.
    pub recorded_at: NaiveDateTime,
}

/// A version of the policy, or the newest.
///
/// # Errors
/// What the database answers.
pub fn find_policy(conn: &mut Conn, version: Option<i32>) -> QueryResult<Option<PolicyRow>> {
    match version {
        Some(version) => on_conn!(conn, |c| approval_policies::table
            .find(version)
            .select(PolicyRow::as_select())
            .first(c)
            .optional()),
        None => on_conn!(conn, |c| approval_policies::table
            .order(approval_policies::version.desc())
            .select(PolicyRow::as_select())
            .first(c)
            .optional()),
    }
}

/// Adds a version.
///
/// # Errors
/// What the database answers.
pub fn insert_policy(conn: &mut Conn, row: &PolicyRow) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::insert_into(approval_policies::table)
        .values(row)
        .execute(c))
    .map(|_| ())
}
