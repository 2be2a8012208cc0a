//! The journal: what was there before an import, and what it left.

use std::collections::HashMap;

use diesel::prelude::*;
use keepworth_intake::Failure;
use keepworth_store::{Conn, RecordId, bulk_insert, on_conn};

use super::import_changes;
use crate::journal::{Change, digest};

/// A change as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = import_changes, treat_none_as_default_value = false)]
pub(crate) struct ChangeRow {
    import_id: RecordId,
    record_table: String,
    pub(crate) record_key: String,
    /// The row before, as JSON; nothing where nothing was.
    pub(crate) before: Option<String>,
    /// Digest of the row since.
    pub(crate) after: Vec<u8>,
}

/// Columns of [`ChangeRow`].
const COLUMNS: usize = 5;

/// Keeps changes. A row that the import had changed already was before what it was before the first of them.
pub(crate) fn keep(
    conn: &mut Conn,
    import_id: RecordId,
    changes: &[Change],
) -> Result<(), Failure> {
    let mut rows = Vec::with_capacity(changes.len());
    let mut earlier = load_earlier(conn, import_id, changes)?;
    for change in changes {
        let (table, key) = (change.table.to_owned(), change.key.clone());
        let before = change.before.as_ref().map(ToString::to_string);
        let before = earlier
            .remove(&(table.clone(), key.clone()))
            .unwrap_or(before);
        rows.push(ChangeRow {
            import_id,
            record_table: table,
            record_key: key,
            before,
            after: digest(&change.after),
        });
    }
    Ok(bulk_insert!(conn, import_changes::table, &rows, COLUMNS)?)
}

/// What was before the changes that are kept already of the same rows, which are taken out.
fn load_earlier(
    conn: &mut Conn,
    import_id: RecordId,
    changes: &[Change],
) -> QueryResult<HashMap<(String, String), Option<String>>> {
    let mine = import_changes::import_id.eq(import_id);
    let keys: Vec<&String> = changes.iter().map(|it| &it.key).collect();
    let found: Vec<ChangeRow> = on_conn!(conn, |c| import_changes::table
        .filter(mine)
        .filter(import_changes::record_key.eq_any(&keys))
        .select(ChangeRow::as_select())
        .load(c))?;
    let changed = |row: &ChangeRow| {
        let is_it = |it: &Change| it.table == row.record_table && it.key == row.record_key;
        changes.iter().any(is_it)
    };
    let found: Vec<ChangeRow> = found.into_iter().filter(changed).collect();
    for row in &found {
        let place = (import_id, &row.record_table, &row.record_key);
        on_conn!(conn, |c| diesel::delete(import_changes::table.find(place))
            .execute(c))?;
    }
    let earlier = found
        .into_iter()
        .map(|row| ((row.record_table, row.record_key), row.before));
    Ok(earlier.collect())
}

/// An import's changes of a table with a key greater than `after`, in the order of their keys.
pub(crate) fn list(
    conn: &mut Conn,
    import_id: RecordId,
    table: &str,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<ChangeRow>> {
    on_conn!(conn, |c| import_changes::table
        .filter(import_changes::import_id.eq(import_id))
        .filter(import_changes::record_table.eq(table))
        .filter(import_changes::record_key.gt(after))
        .order(import_changes::record_key)
        .limit(limit)
        .select(ChangeRow::as_select())
        .load(c))
}

/// Forgets the changes of these rows of a table; answers how many there were.
pub(crate) fn delete(conn: &mut Conn, table: &str, keys: &[String]) -> QueryResult<u64> {
    /// Values of one statement: SQLite refuses more than 32,766.
    const AT_ONCE: usize = 10_000;
    let mut deleted = 0;
    for keys in keys.chunks(AT_ONCE) {
        deleted += on_conn!(conn, |c| diesel::delete(
            import_changes::table
                .filter(import_changes::record_table.eq(table))
                .filter(import_changes::record_key.eq_any(keys))
        )
        .execute(c))? as u64;
    }
    Ok(deleted)
}
