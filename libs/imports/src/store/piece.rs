//! Files in pieces: no row of a table is as large as a file.

use diesel::prelude::*;
use keepworth_store::{Conn, RecordId, on_conn};

use super::import_pieces;

/// Bytes of a piece.
const PIECE: usize = 1 << 20;

#[derive(Insertable)]
#[diesel(table_name = import_pieces)]
struct PieceRow<'a> {
    import_id: RecordId,
    is_beside: bool,
    number: i32,
    bytes: &'a [u8],
}

/// Keeps a file.
pub(crate) fn insert(
    conn: &mut Conn,
    import_id: RecordId,
    is_beside: bool,
    file: &[u8],
) -> QueryResult<()> {
    for (number, bytes) in (0..).zip(file.chunks(PIECE)) {
        let row = PieceRow {
            import_id,
            is_beside,
            number,
            bytes,
        };
        on_conn!(conn, |c| diesel::insert_into(import_pieces::table)
            .values(&row)
            .execute(c))?;
    }
    Ok(())
}

/// A file; none where there is none.
pub(crate) fn load(
    conn: &mut Conn,
    import_id: RecordId,
    is_beside: bool,
) -> QueryResult<Option<Vec<u8>>> {
    let pieces: Vec<Vec<u8>> = on_conn!(conn, |c| import_pieces::table
        .filter(import_pieces::import_id.eq(import_id))
        .filter(import_pieces::is_beside.eq(is_beside))
        .order(import_pieces::number)
        .select(import_pieces::bytes)
        .load(c))?;
    Ok((!pieces.is_empty()).then(|| pieces.concat()))
}

/// Imports whose files are kept.
pub(crate) fn kept(conn: &mut Conn) -> QueryResult<Vec<RecordId>> {
    on_conn!(conn, |c| import_pieces::table
        .select(import_pieces::import_id)
        .distinct()
        .load(c))
}

/// Keeps an import's files no longer; answers of how many pieces they were.
pub(crate) fn delete(conn: &mut Conn, import_id: RecordId) -> QueryResult<usize> {
    on_conn!(conn, |c| diesel::delete(
        import_pieces::table.filter(import_pieces::import_id.eq(import_id))
    )
    .execute(c))
}
