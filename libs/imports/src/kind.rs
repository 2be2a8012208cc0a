//! Kinds of records that a service takes from files: how they are written, and what that may touch.

use keepworth_contract::Record;
use keepworth_contract::batch::{BatchOptions, BatchReport};
use keepworth_intake::{Failure, RecordTable, Rows, erased};
use keepworth_store::{Beside, Conn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use crate::journal::{Change, between, look};
use crate::kept::Kept;

/// Rows that records may touch, by table.
pub type Touched = Vec<(&'static dyn Kept, Vec<String>)>;

/// Those of a table's rows that the records are in already.
///
/// # Errors
/// What the database answers.
pub fn rows_of<Row, T: Record>(
    table: &'static RecordTable<Row>,
    conn: &mut Conn,
    records: &[T],
) -> Result<(&'static dyn Kept, Vec<String>), Failure>
where
    Row: Serialize + DeserializeOwned,
{
    let ids = table.find(conn, records)?;
    let keys = ids.iter().map(ToString::to_string).collect();
    Ok((table, keys))
}

/// Why a row cannot be taken away or put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The row's key.
    pub key: String,
    /// Why, and what to do.
    pub reason: String,
    /// Whether that is a month whose books are closed.
    pub is_closed: bool,
}

/// A kind of record that comes in files.
pub struct RecordKind<T: 'static> {
    /// Its name, as mappings have it.
    pub name: &'static str,
    /// Writes records, as a batch over HTTP does.
    pub upsert: fn(&mut Conn, &BatchOptions, &[T]) -> Result<BatchReport, Failure>,
    /// The rows that are there of those that records may touch, holding off whoever writes them until the
    /// transaction ends; records that are not there yet have none.
    pub touched: fn(&mut Conn, &[T]) -> Result<Touched, Failure>,
    /// The tables of those rows, in the order in which they can be taken away.
    pub tables: &'static [&'static dyn Kept],
    /// Holds off whoever would make [`held`](Self::held) untrue, until the transaction ends.
    pub hold: fn(&mut Conn) -> Result<(), Failure>,
    /// Which changes cannot be taken back, and why.
    pub held: fn(&mut Conn, &[Change]) -> Result<Vec<Held>, Failure>,
}

/// A kind of record, whatever its type.
pub trait Takes: Sync {
    /// Its name, as mappings have it.
    fn name(&self) -> &'static str;

    /// Writes records that are JSON each, but none of customers who were erased; answers what became of them, and what was changed.
    ///
    /// # Errors
    /// What the use case answers.
    fn take(
        &self,
        conn: &mut Conn,
        beside: &Beside,
        options: BatchOptions,
        records: &[&str],
    ) -> Result<(BatchReport, Vec<Change>), Failure>;

    /// The tables of the rows that it writes, in the order in which they can be taken away.
    fn tables(&self) -> &'static [&'static dyn Kept];

    /// Holds off whoever would make [`held`](Self::held) untrue, until the transaction ends.
    ///
    /// # Errors
    /// What the database answers.
    fn hold(&self, conn: &mut Conn) -> Result<(), Failure>;

    /// Which changes cannot be taken back, and why.
    ///
    /// # Errors
    /// What the database answers.
    fn held(&self, conn: &mut Conn, changes: &[Change]) -> Result<Vec<Held>, Failure>;
}

impl<T: Record + DeserializeOwned + ToSchema> Takes for RecordKind<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn take(
        &self,
        conn: &mut Conn,
        beside: &Beside,
        options: BatchOptions,
        records: &[&str],
    ) -> Result<(BatchReport, Vec<Change>), Failure> {
        let (options, items, unread) = Rows::<T>::of(options, records)?.into_parts();
        let screened = erased::screen(conn, beside, items)?;
        let items = &screened.records;
        let mut changes = Vec::new();
        let report = if options.dry_run {
            (self.upsert)(conn, &options, items)?
        } else {
            (self.hold)(conn)?;
            let touched = (self.touched)(conn, items)?;
            let before = look(conn, &touched)?;
            let report = (self.upsert)(conn, &options, items)?;
            let touched = (self.touched)(conn, items)?;
            changes = between(&before, look(conn, &touched)?);
            report
        };
        Ok((unread.complete(screened.complete(report))?, changes))
    }

    fn tables(&self) -> &'static [&'static dyn Kept] {
        self.tables
    }

    fn hold(&self, conn: &mut Conn) -> Result<(), Failure> {
        (self.hold)(conn)
    }

    fn held(&self, conn: &mut Conn, changes: &[Change]) -> Result<Vec<Held>, Failure> {
        (self.held)(conn, changes)
    }
}
