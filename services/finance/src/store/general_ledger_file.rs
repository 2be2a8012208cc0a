//! Files of general ledgers, from when they are handed over until their job is over.

use diesel::prelude::*;
use keepworth_store::{Conn, RecordId, on_conn};

use super::general_ledger_files;

/// Keeps the file of a job.
pub fn insert(conn: &mut Conn, job_id: RecordId, content: &[u8]) -> QueryResult<()> {
    let values = (
        general_ledger_files::job_id.eq(job_id),
        general_ledger_files::content.eq(content),
    );
    on_conn!(conn, |c| diesel::insert_into(general_ledger_files::table)
        .values(values)
        .execute(c))?;
    Ok(())
}

/// The file of a job.
pub fn load(conn: &mut Conn, job_id: RecordId) -> QueryResult<Vec<u8>> {
    on_conn!(conn, |c| general_ledger_files::table
        .find(job_id)
        .select(general_ledger_files::content)
        .first(c))
}

/// Every file that waits, with its job.
pub fn load_all(conn: &mut Conn) -> QueryResult<Vec<(RecordId, Vec<u8>)>> {
    on_conn!(conn, |c| general_ledger_files::table.load(c))
}

/// Puts another text in the place of a job's file.
pub fn replace(conn: &mut Conn, job_id: RecordId, content: &[u8]) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::update(
        general_ledger_files::table.find(job_id)
    )
    .set(general_ledger_files::content.eq(content))
    .execute(c))?;
    Ok(())
}

/// Forgets the file of a job.
pub fn delete(conn: &mut Conn, job_id: RecordId) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::delete(
        general_ledger_files::table.find(job_id)
    )
    .execute(c))?;
    Ok(())
}
