//! Baselines.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use keepworth_contract::simulator::BaselineQuery;
use keepworth_store::{Conn, PageRows, Place, RecordId, on_conn, page_rows};

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

/// The last of the days that baselines are kept of.
///
/// # Errors
/// What the database answers.
pub fn find_last_day(conn: &mut Conn) -> QueryResult<Option<NaiveDate>> {
    on_conn!(conn, |c| baselines::table
        .select(diesel::dsl::max(baselines::as_of))
        .first(c))
}

/// Whether there is a baseline, on which no run can be kept before the transaction ends.
///
/// # Errors
/// What the database answers.
pub fn hold_alone(conn: &mut Conn, hash: &str) -> QueryResult<bool> {
    let found = baselines::table.find(hash).select(baselines::hash);
    let found: Option<String> = match conn {
        // SQLite has one writer.
        Conn::Sqlite(c) => found.first(&mut **c).optional(),
        Conn::Pg(c) => found.for_update().first(&mut **c).optional(),
    }?;
    Ok(found.is_some())
}

/// Removes a baseline.
///
/// # Errors
/// What the database answers, also when runs stand on it.
pub fn delete_baseline(conn: &mut Conn, hash: &str) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::delete(baselines::table.find(hash))
        .execute(c))
    .map(|_| ())
}

/// A page of the baselines that a query asks for.
///
/// # Errors
/// What the database answers.
pub fn list_baselines(
    conn: &mut Conn,
    place: &Place,
    query: &BaselineQuery,
) -> QueryResult<PageRows<BaselineRow>> {
    use baselines as b;
    on_conn!(
        conn,
        |c| page_rows!(c, place, b::table, b::id, BaselineRow::as_select(), {
            query.created_since => |it| b::created_at.ge(it.naive_utc()),
        })
    )
}
