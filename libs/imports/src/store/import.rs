//! Imports.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use keepworth_intake::Failure;
use keepworth_store::{Conn, RecordId, on_conn};

use super::{import_changes, import_pieces, import_rejections, imports};

/// An import as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = imports, treat_none_as_default_value = false)]
pub(crate) struct ImportRow {
    pub(crate) id: RecordId,
    pub(crate) job_id: RecordId,
    pub(crate) kind: String,
    pub(crate) file_name: String,
    /// As TOML.
    pub(crate) mapping: String,
    /// What it was taken for, where no mapping came with it.
    pub(crate) taken_as: Option<String>,
    pub(crate) customer_source: Option<String>,
    pub(crate) dry_run: bool,
    /// Of columns, as JSON.
    pub(crate) names: String,
    /// Of columns, as JSON.
    pub(crate) unused_names: String,
    /// Rows of the file.
    pub(crate) total_rows: i64,
    /// Rows that were taken or not: from after them on it is read.
    pub(crate) read_rows: i64,
    pub(crate) filtered: i64,
    pub(crate) created: i64,
    pub(crate) updated: i64,
    pub(crate) unchanged: i64,
    pub(crate) rejected: i64,
    /// What is told of rows, as JSON.
    pub(crate) told: String,
    pub(crate) created_at: NaiveDateTime,
    pub(crate) undone_at: Option<NaiveDateTime>,
    pub(crate) skipped_erased: i64,
}

/// Keeps an import.
pub(crate) fn insert(conn: &mut Conn, row: &ImportRow) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::insert_into(imports::table)
        .values(row)
        .execute(c))
    .map(|_| ())
}

/// One import.
pub(crate) fn load(conn: &mut Conn, id: RecordId) -> Result<ImportRow, Failure> {
    let row: Option<ImportRow> = on_conn!(conn, |c| imports::table
        .find(id)
        .select(ImportRow::as_select())
        .first(c)
        .optional())?;
    row.ok_or_else(|| {
        Failure::not_found(format!(
            "no import has the id {id}; GET /v1/imports lists them, for 30 days"
        ))
    })
}

/// The same, which nobody else writes until the transaction ends.
pub(crate) fn load_locked(conn: &mut Conn, id: RecordId) -> Result<ImportRow, Failure> {
    conn.lock_source("imports", &id.to_string())?;
    load(conn, id)
}

/// Imports with an id greater than `after`, in the order of their making.
pub(crate) fn list(conn: &mut Conn, after: RecordId, limit: i64) -> QueryResult<Vec<ImportRow>> {
    on_conn!(conn, |c| imports::table
        .filter(imports::id.gt(after))
        .order(imports::id)
        .limit(limit)
        .select(ImportRow::as_select())
        .load(c))
}

/// Writes how far an import is.
pub(crate) fn advance(conn: &mut Conn, row: &ImportRow) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::update(imports::table.find(row.id))
        .set(row)
        .execute(c))
    .map(|_| ())
}

/// Writes that an import was undone.
pub(crate) fn set_undone(conn: &mut Conn, id: RecordId, at: NaiveDateTime) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::update(imports::table.find(id))
        .set(imports::undone_at.eq(Some(at)))
        .execute(c))
    .map(|_| ())
}

/// Forgets imports that were made before a time and whose jobs are forgotten, with all that is kept of them.
pub(crate) fn forget(conn: &mut Conn, before: NaiveDateTime) -> QueryResult<()> {
    let old: Vec<(RecordId, RecordId)> = on_conn!(conn, |c| imports::table
        .filter(imports::created_at.lt(before))
        .select((imports::id, imports::job_id))
        .load(c))?;
    for (id, job) in old {
        if keepworth_jobs::table::find(conn, job)?.is_none() {
            forget_one(conn, id)?;
        }
    }
    Ok(())
}

fn forget_one(conn: &mut Conn, id: RecordId) -> QueryResult<()> {
    on_conn!(conn, |c| {
        diesel::delete(import_pieces::table.filter(import_pieces::import_id.eq(id))).execute(c)?;
        diesel::delete(import_rejections::table.filter(import_rejections::import_id.eq(id)))
            .execute(c)?;
        diesel::delete(import_changes::table.filter(import_changes::import_id.eq(id)))
            .execute(c)?;
        diesel::delete(imports::table.find(id)).execute(c)
    })
    .map(|_| ())
}
