//! Files of records that a service takes in by itself, as a job, and gives back when it is asked to.
//!
//! **For:** the file kept in the service's own database, the job that reads it by a mapping and writes its
//! records as a batch over HTTP would, the rows that it did not take, and the [undoing](Imports::undo) of
//! what it wrote. A service says which [kinds](RecordKind) it keeps and where. **Must not know:** HTTP, what
//! any record means.
//!
//! A batch of rows is written in one transaction with the journal of what it changed, the rows that it did
//! not take and the place in the file from which to go on; and only while the job's lease is held. So a
//! process that is killed loses nothing and doubles nothing.
//!
//! **Undoing** takes away what the import created and puts back what it changed, all in one transaction, or
//! nothing: where a record is not as the import left it, or something else came to need it, everything is
//! refused. What finance knew meanwhile stays in the history of its entries and revenues, so that figures
//! "as known at" a time stay what they were; what is put back there is known again from then on.
//!
//! The service's migrations make the tables, beside `jobs` and `idempotency_keys`:
//!
//! ```sql
//! CREATE TABLE imports (
//!     id TEXT NOT NULL PRIMARY KEY,
//!     job_id TEXT NOT NULL,
//!     kind TEXT NOT NULL,
//!     file_name TEXT NOT NULL,
//!     mapping TEXT NOT NULL,
//!     taken_as TEXT,
//!     customer_source TEXT,
//!     dry_run BOOLEAN NOT NULL,
//!     names TEXT NOT NULL,
//!     unused_names TEXT NOT NULL,
//!     total_rows BIGINT NOT NULL,
//!     read_rows BIGINT NOT NULL,
//!     filtered BIGINT NOT NULL,
//!     created BIGINT NOT NULL,
//!     updated BIGINT NOT NULL,
//!     unchanged BIGINT NOT NULL,
//!     skipped_erased BIGINT NOT NULL,
//!     rejected BIGINT NOT NULL,
//!     told TEXT NOT NULL,
//!     created_at TIMESTAMP NOT NULL,
//!     undone_at TIMESTAMP
//! );
//! CREATE INDEX imports_created_at ON imports (created_at);
//! -- The file, and the one that its rows belong to, in pieces.
//! CREATE TABLE import_pieces (
//!     import_id TEXT NOT NULL,
//!     is_beside BOOLEAN NOT NULL,
//!     number INTEGER NOT NULL,
//!     bytes BYTEA NOT NULL, -- BLOB on SQLite
//!     PRIMARY KEY (import_id, is_beside, number)
//! );
//! CREATE TABLE import_rejections (
//!     import_id TEXT NOT NULL,
//!     line BIGINT NOT NULL,
//!     code TEXT NOT NULL,
//!     detail TEXT NOT NULL,
//!     cells TEXT NOT NULL,
//!     PRIMARY KEY (import_id, line)
//! );
//! -- What was there before, nothing where nothing was, and a digest of what is there since.
//! CREATE TABLE import_changes (
//!     import_id TEXT NOT NULL,
//!     record_table TEXT NOT NULL,
//!     record_key TEXT NOT NULL,
//!     before TEXT,
//!     after BYTEA NOT NULL, -- BLOB on SQLite
//!     PRIMARY KEY (import_id, record_table, record_key)
//! );
//! ```

mod erasure;
mod journal;
mod kept;
mod kind;
mod order;
mod source;
mod store;
mod told;
mod undo;
mod work;

pub use erasure::erase;
pub use journal::Change;
pub use kept::{Kept, Rows};
pub use kind::{Held, RecordKind, Takes, Touched, rows_of};
pub use order::{Order, Ready};
pub use undo::name;

use std::time::Duration;

use chrono::TimeDelta;
use keepworth_contract::{
    Import, ImportPage, JobKind, RejectedImportRow, RejectedImportRowPage, SequenceQuery,
};
use keepworth_intake::{Failure, page};
use keepworth_jobs::{Jobs, Lane, Room, table};
use keepworth_store::{Conn, Db, RecordId};
use tokio::sync::watch;

use crate::store::{import, rejection};

/// One file at a time: they write to the same tables.
const LANES: [Lane; 1] = [Lane {
    kinds: &[JobKind::Import],
    at_once: 1,
}];

/// How long a file, and what is needed to take it back, is kept.
const KEPT: TimeDelta = TimeDelta::days(30);

/// What says how many files may wait.
const SETTING: &str = "limits.imports";

/// The imports of a service.
#[derive(Clone)]
pub struct Imports {
    kinds: &'static [&'static dyn Takes],
    jobs: Jobs,
    room: Room,
}

impl Imports {
    /// Those of a service that keeps these kinds of records in its database, done in this process.
    #[must_use]
    pub fn new(db: Db, kinds: &'static [&'static dyn Takes]) -> Self {
        let work = work::Works {
            db: db.clone(),
            kinds,
        };
        Self {
            kinds,
            jobs: Jobs::new(db, &LANES, work),
            room: Room::of_caller(16, SETTING),
        }
    }

    /// The same, done by other processes.
    #[must_use]
    pub fn with_workers(self) -> Self {
        Self {
            jobs: self.jobs.with_workers(),
            ..self
        }
    }

    /// The same, with so many of one caller in work and waiting.
    #[must_use]
    pub fn with_room(self, of_caller: u32) -> Self {
        Self {
            room: Room::of_caller(of_caller, SETTING),
            ..self
        }
    }

    /// How many may be open, in work or waiting.
    #[must_use]
    pub fn room(&self) -> Room {
        self.room
    }

    /// The service's database.
    #[must_use]
    pub fn db(&self) -> &Db {
        self.jobs.db()
    }

    /// Hears that an import was ordered or cancelled.
    pub fn wake(&self) {
        self.jobs.wake();
    }

    /// Does what was ordered until `stop` is true, unless other processes do.
    pub async fn work(self, stop: watch::Receiver<bool>) {
        self.jobs.work(stop).await;
    }

    /// Waits until an import is over, but no longer than `at_most`; answers it as it then stands.
    ///
    /// # Errors
    /// That there is none, and what the database answers.
    pub async fn wait(&self, id: RecordId, at_most: Duration) -> Result<Import, Failure> {
        let find = move |conn: &mut Conn| Ok::<_, Failure>(import::load(conn, id)?.job_id);
        let job = self.db().read(find).await?;
        self.jobs.settle(job, at_most).await?;
        self.db().read(move |conn| find_one(conn, id)).await
    }
}

/// One import as it stands.
///
/// # Errors
/// That there is none, and what the database answers.
pub fn find_one(conn: &mut Conn, id: RecordId) -> Result<Import, Failure> {
    let row = import::load(conn, id)?;
    let job = table::find(conn, row.job_id)?;
    told::import(row, job)
}

/// Imports in the order of their making.
///
/// # Errors
/// A page that cannot be, and what the database answers.
pub fn list(conn: &mut Conn, query: &SequenceQuery) -> Result<ImportPage, Failure> {
    let (after, limit) = (page::after(query)?, query.limit());
    let mut imports = Vec::new();
    for row in import::list(conn, after, limit + 1)? {
        let job = table::find(conn, row.job_id)?;
        imports.push(told::import(row, job)?);
    }
    page::sequence(imports, limit, |it: &Import| RecordId(it.id))
}

/// Cancels an import, unless it is over; answers it as it then stands.
///
/// # Errors
/// That there is none, and what the database answers.
pub fn cancel(conn: &mut Conn, id: RecordId) -> Result<Import, Failure> {
    let row = import::load(conn, id)?;
    let job = table::cancel(conn, row.job_id, keepworth_store::now().naive_utc())?;
    if job.as_ref().is_some_and(|it| it.state.is_over()) {
        erasure::drop_file(conn, id)?;
    }
    told::import(row, job)
}

/// The rows that an import did not take, in the order of the file.
///
/// # Errors
/// That there is no such import, a page that cannot be, and what the database answers.
pub fn list_rejected(
    conn: &mut Conn,
    id: RecordId,
    query: &SequenceQuery,
) -> Result<RejectedImportRowPage, Failure> {
    import::load(conn, id)?;
    let (after, limit) = (told::line_of(page::after(query)?), query.limit());
    let rows = rejection::list(conn, id, after, limit + 1)?;
    page::sequence(rows, limit, |row| told::cursor_of(row.line))
}

/// The same as the file that they came in: its columns, and two for what is wrong. It can be mended and
/// imported as it is.
///
/// # Errors
/// That there is no such import, and what the database answers.
pub fn rejected_file(conn: &mut Conn, id: RecordId) -> Result<Vec<u8>, Failure> {
    const CHUNK: i64 = 1_000;
    let columns: Vec<String> = told::read(&import::load(conn, id)?.names)?;
    let mut csv = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(Vec::new());
    let more = ["error_code", "error_detail"];
    csv.write_record(columns.iter().map(String::as_str).chain(more))
        .map_err(Failure::internal)?;
    let mut after = 0;
    loop {
        let rows = rejection::list(conn, id, after, CHUNK)?;
        let Some(last) = rows.last() else { break };
        after = last.line;
        for row in rows {
            let row = RejectedImportRow::try_from(row)?;
            let padding = columns.len().saturating_sub(row.cells.len());
            let cells = row.cells.iter().map(String::as_str);
            let cells = cells.chain(std::iter::repeat_n("", padding));
            csv.write_record(cells.chain([row.code.as_str(), row.detail.as_str()]))
                .map_err(Failure::internal)?;
        }
    }
    csv.into_inner().map_err(Failure::internal)
}
