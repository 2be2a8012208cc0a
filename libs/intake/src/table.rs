//! Where the records of a kind are kept, and how a batch gets there.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDateTime;
use diesel::QueryResult;
use keepworth_contract::InvalidParam;
use keepworth_contract::Record;
use keepworth_contract::batch::{BatchOptions, BatchReport};
use keepworth_store::{Conn, Db, RecordId};

use crate::batch::{Faults, Identity, Plan, Planned, VersionRow, existing, identity, plan, sound};
use crate::{Failure, Rows, batch, erased};

/// Where the records of a kind are kept: one row each, with the columns of
/// [`select_versions!`](keepworth_store::select_versions).
pub struct RecordTable<Row> {
    /// Its name.
    pub name: &'static str,
    /// Reads the versions of one source's records, by their ids there.
    pub versions: fn(&mut Conn, &str, Vec<String>) -> QueryResult<Vec<VersionRow>>,
    /// Writes records that were not there.
    pub insert: fn(&mut Conn, &[Row]) -> QueryResult<()>,
    /// Writes new versions of records that were.
    pub replace: fn(&mut Conn, &[Row]) -> QueryResult<()>,
    /// Reads records by their ids.
    pub load: fn(&mut Conn, &[RecordId]) -> QueryResult<Vec<Row>>,
    /// Takes records away, at a time.
    pub remove: fn(&mut Conn, &[RecordId], NaiveDateTime) -> QueryResult<()>,
    /// Puts records that are there back to what they were, at a time.
    pub restore: fn(&mut Conn, Vec<Row>, NaiveDateTime) -> QueryResult<()>,
}

impl<Row> RecordTable<Row> {
    /// The ids of those of the records that are there, holding off other batches of their sources until
    /// the transaction ends.
    ///
    /// # Errors
    /// What the database answers.
    pub fn find<T: Record>(&self, conn: &mut Conn, records: &[T]) -> QueryResult<Vec<RecordId>> {
        lock_sources(conn, self.name, records.iter().map(Record::source))?;
        let identities = records.iter().map(identity);
        let found = existing(identities, |source, ids| (self.versions)(conn, source, ids))?;
        Ok(found.into_values().map(|it| it.id).collect())
    }

    /// What a batch comes to, holding off other batches of its sources until the transaction ends.
    ///
    /// # Errors
    /// What the database answers.
    pub fn plan<'a, T: Record>(
        &self,
        conn: &mut Conn,
        records: &'a [T],
        options: &BatchOptions,
        faults: Faults,
    ) -> Result<Plan<'a, T>, Failure> {
        let sound = sound(records, &faults);
        lock_sources(conn, self.name, sound.iter().map(|record| record.source()))?;
        let identities = sound.into_iter().map(identity);
        let existing = existing(identities, |source, ids| (self.versions)(conn, source, ids))?;
        plan(records, &existing, options, faults)
    }

    /// Like [`plan`](Self::plan), without the records that `refused` names, which has seen what would
    /// be written: what is there already, word for word, may come again where a change may not.
    ///
    /// # Errors
    /// What `refused` and the database answer.
    pub fn plan_unless<'a, T: Record>(
        &self,
        conn: &mut Conn,
        records: &'a [T],
        options: &BatchOptions,
        mut faults: Faults,
        refused: impl FnOnce(
            &mut Conn,
            &Plan<'a, T>,
        ) -> Result<HashMap<Identity, InvalidParam>, Failure>,
    ) -> Result<Plan<'a, T>, Failure> {
        let plan = self.plan(conn, records, options, faults.clone())?;
        let refused = refused(conn, &plan)?;
        if refused.is_empty() {
            return Ok(plan);
        }
        for (index, record) in records.iter().enumerate() {
            if let Some(fault) = refused.get(&identity(record)) {
                faults.entry(index).or_default().push(fault.clone());
            }
        }
        self.plan(conn, records, options, faults)
    }

    /// Writes a batch of records that `faults` judges one by one, in the caller's transaction; sending it
    /// again changes nothing. `row` makes a record's row.
    ///
    /// # Errors
    /// What the database answers.
    pub fn upsert<T: Record>(
        &self,
        conn: &mut Conn,
        options: &BatchOptions,
        records: &[T],
        faults: impl Fn(&T) -> Vec<InvalidParam>,
        row: impl Fn(&Planned<'_, T>) -> Row,
    ) -> Result<BatchReport, Failure> {
        let faults = batch::faults(records, faults);
        let plan = self.plan(conn, records, options, faults)?;
        self.write(conn, &plan, options, |planned| Ok(row(planned)))?;
        plan.report(options)
    }

    /// Writes a plan, unless it is for show or was refused; `row` makes a record's row.
    ///
    /// # Errors
    /// What `row` and the database answer.
    pub fn write<T>(
        &self,
        conn: &mut Conn,
        plan: &Plan<'_, T>,
        options: &BatchOptions,
        row: impl Fn(&Planned<'_, T>) -> Result<Row, Failure>,
    ) -> Result<(), Failure> {
        if !plan.is_to_be_written(options) {
            return Ok(());
        }
        let rows =
            |planned: &[Planned<'_, T>]| planned.iter().map(&row).collect::<Result<Vec<_>, _>>();
        (self.insert)(conn, &rows(&plan.new)?)?;
        (self.replace)(conn, &rows(&plan.changed)?)?;
        Ok(())
    }
}

/// Holds off other batches of the same sources until the transaction ends; in one order, so that
/// two never wait for each other.
///
/// # Errors
/// What the database answers.
pub fn lock_sources<'a>(
    conn: &mut Conn,
    table: &str,
    sources: impl Iterator<Item = &'a str>,
) -> QueryResult<()> {
    let sources: BTreeSet<&str> = sources.collect();
    sources
        .into_iter()
        .try_for_each(|source| conn.lock_source(table, source))
}

/// Answers a batch: `work` takes the rows that could be read, but none of customers who were [erased], in one
/// transaction.
///
/// # Errors
/// [`Kind::Invalid`](crate::Kind::Invalid) for a batch of which nothing is taken, and what `work` answers.
pub async fn upsert<T: Record + Send + 'static>(
    db: &Db,
    rows: Rows<T>,
    work: fn(&mut Conn, &BatchOptions, &[T]) -> Result<BatchReport, Failure>,
) -> Result<BatchReport, Failure> {
    let (options, items, unread) = rows.into_parts();
    let beside = db.beside().clone();
    let screened = move |conn: &mut Conn| {
        let screened = erased::screen(conn, &beside, items)?;
        let report = work(conn, &options, &screened.records)?;
        Ok::<_, Failure>(screened.complete(report))
    };
    let report = db.write(screened).await?;
    unread.complete(report)
}
