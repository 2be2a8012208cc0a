//! What is kept of imports and names somebody who is erased.

use std::collections::HashSet;

use keepworth_erasure::{Mention, Tally, TextColumn};
use keepworth_intake::{Failure, erased};
use keepworth_jobs::table as jobs;
use keepworth_reading::mapping::FailedRow;
use keepworth_store::{Beside, Conn, RecordId, StoreError};

use crate::store::rejection::{ERASED, NO_CELLS, RejectionRow};
use crate::store::{change, import, piece, rejection};

/// Where imports tell something of their rows.
const TEXTS: [TextColumn; 3] = [
    TextColumn {
        table: "imports",
        column: "file_name",
    },
    TextColumn {
        table: "imports",
        column: "told",
    },
    TextColumn {
        table: "imports",
        column: "mapping",
    },
];
/// What imports changed.
const BEFORE: TextColumn = TextColumn {
    table: "import_changes",
    column: "before",
};

/// Erases what is kept of imports and names a customer, whose records are those with the keys: `records` are tables
/// with keys. What an import wrote of them cannot be taken back any more; the rest can.
///
/// # Errors
/// What the database answers.
pub fn erase(
    conn: &mut Conn,
    mention: &Mention,
    records: &[(&str, Vec<String>)],
    tally: &mut Tally,
) -> Result<(), Failure> {
    for (table, keys) in records {
        tally.erased("import_changes", change::delete(conn, table, keys)?);
    }
    tally.erased("import_changes", BEFORE.remove(conn, mention)?);
    tally.pseudonymised(
        "import_rejections",
        rejection::clear(conn, mention)?,
        "that a row was not taken is kept, and nothing of the row",
    );
    for text in TEXTS {
        let rows = text.rewrite(conn, mention)?;
        tally.pseudonymised(
            "imports",
            rows,
            "a text that named the customer names nobody",
        );
    }
    files(conn, mention, tally)
}

/// Files are needed by their imports alone: those that are over lose them. One in work has read its own, and loses it
/// when it ends.
fn files(conn: &mut Conn, mention: &Mention, tally: &mut Tally) -> Result<(), Failure> {
    for id in piece::kept(conn)? {
        let mut names = false;
        for is_beside in [false, true] {
            let file = piece::load(conn, id, is_beside)?;
            names |= file.is_some_and(|it| mention.may_be_in(&it));
        }
        if !names {
            continue;
        }
        let import = import::load(conn, id)?;
        let job = jobs::find(conn, import.job_id)?;
        match job {
            Some(job) if !job.state.is_over() => {
                let basis = "files of imports in work, which are erased when they end";
                tally.kept("import_pieces", 1, basis);
            }
            _ => tally.erased("import_pieces", piece::delete(conn, id)? as u64),
        }
    }
    Ok(())
}

/// At the end of an import: where anybody was erased, its file may name them, and nobody needs it any more.
pub(crate) fn drop_file(conn: &mut Conn, id: RecordId) -> Result<(), StoreError> {
    erased::hold(conn)?;
    if erased::is_any(conn)? {
        piece::delete(conn, id)?;
    }
    Ok(())
}

/// Leaves nothing of rows that could not be read and have the id of somebody who was erased in a cell.
pub(crate) fn clear_of_erased(
    conn: &mut Conn,
    beside: &Beside,
    rows: &mut [RejectionRow],
    failed: &[FailedRow<'_>],
) -> Result<(), StoreError> {
    let cells = failed.iter().flat_map(|row| row.cells.iter());
    let gone: HashSet<&str> = erased::erased_ids(conn, beside, cells)?;
    for (row, failed) in rows.iter_mut().zip(failed) {
        if failed.cells.iter().any(|cell| gone.contains(cell)) {
            NO_CELLS.clone_into(&mut row.cells);
            ERASED.clone_into(&mut row.detail);
        }
    }
    Ok(())
}
