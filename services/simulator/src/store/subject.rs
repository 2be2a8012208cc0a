//! Which baselines may have somebody in their sums.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use keepworth_store::{Conn, on_conn};

use super::{baselines, links};

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

/// How many links were estimated since a time, as of a day or one after it.
///
/// # Errors
/// What the database answers.
pub fn links_since(
    conn: &mut Conn,
    estimated: NaiveDateTime,
    as_of: NaiveDate,
) -> QueryResult<i64> {
    on_conn!(conn, |c| links::table
        .filter(links::created_at.ge(estimated))
        .filter(links::as_of.ge(as_of))
        .count()
        .get_result(c))
}
