//! Which baselines may have somebody in their sums.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use keepworth_store::{Conn, on_conn};

use super::baselines;

/// Hashes of baselines that were built since a time, as of a day or one after it.
///
/// # Errors
/// What the database answers.
pub fn baselines_since(
    conn: &mut Conn,
    built: NaiveDateTime,
    as_of: NaiveDate,
) -> QueryResult<Vec<String>> {
    on_conn!(conn, |c| baselines::table
        .filter(baselines::created_at.ge(built))
        .filter(baselines::as_of.ge(as_of))
        .order(baselines::id)
        .select(baselines::hash)
        .load(c))
}
