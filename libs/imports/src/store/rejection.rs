//! Rows that were not taken.

use diesel::prelude::*;
use keepworth_erasure::{Mention, TextColumn};
use keepworth_store::{Conn, RecordId, bulk_insert, on_conn};

use super::import_rejections;

/// Cells of a row of which nothing is kept.
pub(crate) const NO_CELLS: &str = "[]";
/// What is told of it.
pub(crate) const ERASED: &str = "it names a customer who was erased";

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

/// Leaves nothing of rows that name somebody, but that they were not taken; answers how many there were.
pub(crate) fn clear(conn: &mut Conn, mention: &Mention) -> QueryResult<u64> {
    const TABLE: &str = "import_rejections";
    let mut cleared = 0;
    for column in ["cells", "detail"] {
        let naming = TextColumn {
            table: TABLE,
            column,
        };
        for text in naming.naming(conn, mention)? {
            let by_cells = import_rejections::cells.eq(text.clone());
            let by_detail = import_rejections::detail.eq(text);
            let nothing = (
                import_rejections::cells.eq(NO_CELLS),
                import_rejections::detail.eq(ERASED),
            );
            cleared += on_conn!(conn, |c| diesel::update(
                import_rejections::table.filter(by_cells.or(by_detail))
            )
            .set(nothing)
            .execute(c))? as u64;
        }
    }
    Ok(cleared)
}
