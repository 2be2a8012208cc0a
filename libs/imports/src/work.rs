//! The job: rows become records a batch at a time, each in one transaction with all that is kept of it.

use keepworth_contract::ProblemCode;
use keepworth_contract::batch::{BatchOptions, OnInvalid};
use keepworth_intake::Failure;
use keepworth_jobs::table::{self, Beat};
use keepworth_jobs::{Job, Reason, Task, Work, Working, Write};
use keepworth_reading::Refusal;
use keepworth_reading::mapping::{Batch, Kind, Mapping, MappingFile, Notice, Told};
use keepworth_reading::table::Table;
use keepworth_store::{Beside, Conn, Db, RecordId, StoreError};
use tokio::sync::mpsc;

use crate::kind::Takes;
use crate::source::{Source, refused};
use crate::store::import::{self, ImportRow};
use crate::store::rejection::{self, RejectionRow};
use crate::store::{change, piece};
use crate::{erasure, told};

/// Rows of a transaction: it stays short, so that others write in between.
const ROWS: usize = 1_000;

/// Does the imports of a service.
#[derive(Clone)]
pub(crate) struct Works {
    pub(crate) db: Db,
    pub(crate) kinds: &'static [&'static dyn Takes],
}

impl Work for Works {
    fn run(&self, task: Task) -> Working {
        let works = self.clone();
        Box::pin(async move { take(&works, &task).await.map_err(Reason::from) })
    }

    fn over(&self, conn: &mut Conn, job: &Job) -> Result<(), StoreError> {
        let id = uuid::Uuid::parse_str(&job.input).map(RecordId);
        id.map_or(Ok(()), |id| erasure::drop_file(conn, id))
    }

    fn result(&self, job: &Job) -> Option<String> {
        Some(format!("/v1/imports/{}", job.result.as_ref()?))
    }
}

/// What an attempt ends with that was told to stop; who told it knows why.
fn stopped() -> Failure {
    let detail = "the import was cancelled; what it wrote before can be undone";
    Failure::conflict(ProblemCode::Cancelled, detail)
}

/// Takes a file in, from where it was left.
async fn take(works: &Works, task: &Task) -> Result<Write, Failure> {
    let id = id(&task.job)?;
    let (row, source) = works.db.read(move |conn| load(conn, id)).await?;
    let kind = works.kinds.iter().find(|it| it.name() == row.kind);
    let kind = *kind.ok_or_else(|| Failure::internal(format!("no {} are kept", row.kind)))?;
    let total = row.total_rows.unsigned_abs();
    let (mut done, options) = (row.read_rows.unsigned_abs(), options(&row)?);
    let (sender, mut batches) = mpsc::channel(1);
    let reading = tokio::task::spawn_blocking(move || read(&source, done, &sender));
    while let Some(batch) = batches.recv().await {
        if task.stop_flag().load(std::sync::atomic::Ordering::Acquire) {
            return Err(stopped());
        }
        done += batch.count();
        let (options, job) = (options.clone(), task.job.clone());
        let beside = works.db.beside().clone();
        let progress = (told::signed(done), told::signed(total));
        let write = move |conn: &mut Conn| {
            hold_lease(conn, &job, progress)?;
            write(conn, kind, &beside, options, id, &batch)
        };
        works.db.write(write).await?;
        task.report(done, total);
    }
    reading.await.map_err(Failure::internal)??;
    Ok(Box::new(move |_| Ok(id.to_string())))
}

fn id(job: &Job) -> Result<RecordId, Failure> {
    let id = uuid::Uuid::parse_str(&job.input);
    id.map(RecordId).map_err(Failure::internal)
}

fn load(conn: &mut Conn, id: RecordId) -> Result<(ImportRow, Source), Failure> {
    let row = import::load(conn, id)?;
    let unknown = || Failure::internal(format!("{} are no kind of record", row.kind));
    let source = Source {
        kind: Kind::find(&row.kind).ok_or_else(unknown)?,
        mapping: row.mapping.clone(),
        customer_source: row.customer_source.clone(),
        file: piece::load(conn, id, false)?.unwrap_or_default().into(),
        beside: piece::load(conn, id, true)?.map(Into::into),
    };
    Ok((row, source))
}

fn options(row: &ImportRow) -> Result<BatchOptions, Failure> {
    let mapping = MappingFile::parse(&row.mapping).map_err(Failure::internal)?;
    Ok(BatchOptions {
        import_id: row.id.to_string(),
        dry_run: row.dry_run,
        on_invalid: OnInvalid::Report,
        create_segments: mapping.create_segments,
    })
}

/// Reads the file from after so many rows on; nobody may hear any more.
fn read(source: &Source, after: u64, sender: &mpsc::Sender<Batch>) -> Result<(), Failure> {
    let (mut table, mapping) = source.open()?;
    let wrong = |why| refused("file", keepworth_contract::FaultCode::MalformedCsv, why);
    for _ in 0..after {
        table.read_row().map_err(wrong)?;
    }
    hand_on(&mut table, &mapping, sender).map_err(wrong)
}

fn hand_on(
    table: &mut Table,
    mapping: &Mapping,
    sender: &mpsc::Sender<Batch>,
) -> Result<(), Refusal> {
    loop {
        let batch = Batch::read(table, mapping, ROWS)?;
        let is_last = !batch.is_full(ROWS);
        if sender.blocking_send(batch).is_err() || is_last {
            return Ok(());
        }
    }
}

/// Nothing is written by who is no longer the one to do it. Until the transaction ends nobody else takes
/// the job.
fn hold_lease(conn: &mut Conn, job: &Job, progress: (i64, i64)) -> Result<(), Failure> {
    let now = keepworth_store::now().naive_utc();
    match table::heartbeat(conn, job, progress, now)? {
        Beat::GoOn => Ok(()),
        Beat::Stop | Beat::Lost => Err(stopped()),
    }
}

/// Writes a batch, with all that is kept of it.
fn write(
    conn: &mut Conn,
    kind: &dyn Takes,
    beside: &Beside,
    options: BatchOptions,
    id: RecordId,
    batch: &Batch,
) -> Result<(), Failure> {
    let records = batch.records.iter().map(told::write);
    let records: Vec<String> = records.collect::<Result<_, _>>()?;
    let records: Vec<&str> = records.iter().map(String::as_str).collect();
    let (report, changes) = kind.take(conn, beside, options, &records)?;
    change::keep(conn, id, &changes)?;
    let failed = batch.failed(&report);
    let rejected = failed.iter().map(|row| RejectionRow {
        import_id: id,
        line: told::signed(row.line),
        code: row.code.to_owned(),
        detail: row.detail.clone(),
        cells: told::write(&row.cells.iter().collect::<Vec<_>>()).unwrap_or_default(),
    });
    let mut rejected = Vec::from_iter(rejected);
    erasure::clear_of_erased(conn, beside, &mut rejected, &failed)?;
    rejection::insert(conn, &rejected)?;
    let mut row = import::load(conn, id)?;
    row.read_rows += told::signed(batch.count());
    row.filtered += told::signed(batch.filtered);
    row.created += told::signed(report.created);
    row.updated += told::signed(report.updated);
    row.unchanged += told::signed(report.unchanged);
    row.skipped_erased += told::signed(report.skipped_erased);
    row.rejected += told::signed(failed.len() as u64);
    row.told = with(&row.told, &batch.told)?;
    if report.moved > 0 {
        row.told = with(&row.told, &moved(report.moved))?;
    }
    Ok(import::advance(conn, &row)?)
}

/// That customers came with another segment than before.
fn moved(rows: u64) -> Told {
    Told::of(vec![Notice {
        what: "came with another segment than before, and count as moved on the day".to_owned(),
        rows,
        example: keepworth_store::now().date_naive().to_string(),
    }])
}

/// What was told, with what is told of further rows.
fn with(told: &str, later: &Told) -> Result<String, Failure> {
    let mut all = Told::of(told::read::<Vec<Notice>>(told)?);
    all.merge(later.clone());
    told::write(&all.notices())
}
