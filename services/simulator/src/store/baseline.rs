//! Baselines.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use keepworth_store::{Conn, RecordId, on_conn};

use super::baselines;

/// A baseline as stored.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = baselines)]
pub struct NewBaselineRow {
    /// SHA-256 of the document, in hexadecimal.
    pub hash: String,
    /// In the order of their making.
    pub id: RecordId,
    /// The last day whose facts count.
    pub as_of: NaiveDate,
    /// ISO 4217 code.
    pub currency: String,
    /// The document as JSON.
    pub document: String,
    /// When it was built first.
    pub created_at: NaiveDateTime,
}

/// A baseline without its document.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = baselines)]
pub struct BaselineRow {
    /// SHA-256 of the document, in hexadecimal.
    pub hash: String,
    /// In the order of their making.
    pub id: RecordId,
    /// The last day whose facts count.
    pub as_of: NaiveDate,
    /// ISO 4217 code.
    pub currency: String,
    /// When it was built first.
    pub created_at: NaiveDateTime,
}

/// Keeps a baseline; answers whether it is new. One that is there already stays as it is.
///
/// # Errors
/// What the database answers.
pub fn insert_baseline(conn: &mut Conn, row: &NewBaselineRow) -> QueryResult<bool> {
    let inserted = on_conn!(conn, |c| diesel::insert_into(baselines::table)
        .values(row)
        .on_conflict(baselines::hash)
        .do_nothing()
        .execute(c))?;
    Ok(inserted > 0)
}

/// The document of a baseline.
///
/// # Errors
/// What the database answers.
pub fn find_document(conn: &mut Conn, hash: &str) -> QueryResult<Option<String>> {
    on_conn!(conn, |c| baselines::table
        .find(hash)
        .select(baselines::document)
        .first(c)
        .optional())
}

/// Baselines with an id greater than `after`, in the order of their making.
///
/// # Errors
/// What the database answers.
pub fn baselines_after(
    conn: &mut Conn,
    after: RecordId,
    limit: i64,
) -> QueryResult<Vec<BaselineRow>> {
    on_conn!(conn, |c| baselines::table
        .filter(baselines::id.gt(after))
        .order(baselines::id)
        .limit(limit)
        .select(BaselineRow::as_select())
        .load(c))
}
