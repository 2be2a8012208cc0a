//! Rows that were not taken.

use diesel::prelude::*;
use keepworth_store::{Conn, RecordId, bulk_insert, on_conn};

use super::import_rejections;

/// A row that was not taken, as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = import_rejections, treat_none_as_default_value = false)]
pub(crate) struct RejectionRow {
    pub(crate) import_id: RecordId,
    /// The line of the file that it begins on.
    pub(crate) line: i64,
    pub(crate) code: String,
    pub(crate) detail: String,
    /// As JSON.
    pub(crate) cells: String,
}

/// Columns of [`RejectionRow`].
const COLUMNS: usize = 5;

/// Keeps rows that were not taken.
pub(crate) fn insert(conn: &mut Conn, rows: &[RejectionRow]) -> QueryResult<()> {
    bulk_insert!(conn, import_rejections::table, rows, COLUMNS)
}

/// An import's rows that begin after a line, in the order of the file.
pub(crate) fn list(
    conn: &mut Conn,
    import_id: RecordId,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<RejectionRow>> {
    on_conn!(conn, |c| import_rejections::table
        .filter(import_rejections::import_id.eq(import_id))
        .filter(import_rejections::line.gt(after))
        .order(import_rejections::line)
        .limit(limit)
        .select(RejectionRow::as_select())
        .load(c))
}
