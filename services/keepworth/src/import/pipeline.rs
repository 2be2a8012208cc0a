//! Batches to the service, rows that fail to an error file; constant memory.

use std::path::{Path, PathBuf};

use anyhow::Context;
use csv::StringRecord;
use futures_util::stream::{self, StreamExt};
use indicatif::ProgressBar;
use keepworth_contract::batch::{BatchOptions, BatchReport};
use keepworth_contract::client::Client;
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::mpsc;

use super::source::ErrorFile;
use keepworth_reading::mapping::{Mapping, Notice, RowFault, Told};
use keepworth_reading::table::Table;

/// Rows per request.
const BATCH_ROWS: usize = 2_500;
/// Requests under way: while the service writes one batch, the next is made ready.
const IN_FLIGHT: usize = 2;

/// What an import came to.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Summary {
    /// Rows read.
    pub(crate) rows: u64,
    /// Rows that `[where]` left out.
    pub(crate) filtered: u64,
    /// Rows that were new.
    pub(crate) created: u64,
    /// Rows that replaced an earlier version.
    pub(crate) updated: u64,
    /// Rows whose content was there already.
    pub(crate) unchanged: u64,
    /// Rows that were not taken.
    pub(crate) rejected: u64,
    /// Where the rows that were not taken are, with the reasons.
    pub(crate) error_file: Option<PathBuf>,
    /// What is told of rows besides.
    pub(crate) told: Vec<Notice>,
    /// Columns that the mapping does not use.
    pub(crate) unused_columns: Vec<String>,
    /// Seconds it took.
    pub(crate) seconds: f64,
}

/// Rows on their way.
struct Batch {
    filtered: u64,
    rows: Vec<StringRecord>,
    /// The records, and for each the row it was made from.
    records: Vec<Map<String, Value>>,
    record_rows: Vec<usize>,
    /// Rows that could not become records.
    faults: Vec<(usize, RowFault)>,
    told: Told,
}

/// Sends every row of `table` to `resource` of the service.
pub(crate) async fn run(
    table: Table,
    mapping: Mapping,
    client: &Client,
    resource: &str,
    options: &BatchOptions,
    error_file: &Path,
    progress: &ProgressBar,
) -> anyhow::Result<Summary> {
    let start = std::time::Instant::now();
    let mut summary = Summary {
        unused_columns: mapping.unused_columns.clone(),
        ..Summary::default()
    };
    let mut told = Told::default();
    let mut errors = ErrorFile::new(error_file, &table.header);
    let (sender, receiver) = mpsc::channel(IN_FLIGHT);
    let reader = tokio::task::spawn_blocking(move || read(table, &mapping, &sender));
    let batches = stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|batch| (batch, receiver))
    });
    let mut answers = std::pin::pin!(
        batches
            .map(|batch: Batch| async move {
                let report = if batch.records.is_empty() {
                    Ok(BatchReport::default())
                } else {
                    client.batch_upsert(resource, options, &batch.records).await
                };
                (batch, report)
            })
            .buffered(IN_FLIGHT)
    );
    while let Some((batch, report)) = answers.next().await {
        let report = report.with_context(|| progress_so_far(&summary))?;
        summary.add(&batch, &report);
        write_failed(&mut errors, &batch, &report)?;
        told.merge(batch.told);
        progress.set_message(format!("{} rows", summary.rows));
    }
    reader
        .await
        .context("reading was interrupted")?
        .with_context(|| progress_so_far(&summary))?;
    summary.told = told.notices();
    summary.error_file = errors.finish()?;
    summary.seconds = start.elapsed().as_secs_f64();
    Ok(summary)
}

fn progress_so_far(summary: &Summary) -> String {
    format!(
        "stopped after {} rows ({} taken); run the same command again to go on, rows that are there already do no harm",
        summary.rows,
        summary.taken()
    )
}

fn read(mut table: Table, mapping: &Mapping, sender: &mpsc::Sender<Batch>) -> anyhow::Result<()> {
    loop {
        let batch = read_batch(&mut table, mapping)?;
        let last = batch.rows.len() < BATCH_ROWS;
        if sender.blocking_send(batch).is_err() || last {
            return Ok(());
        }
    }
}

fn read_batch(table: &mut Table, mapping: &Mapping) -> anyhow::Result<Batch> {
    let mut batch = Batch {
        filtered: 0,
        rows: Vec::with_capacity(BATCH_ROWS),
        records: Vec::with_capacity(BATCH_ROWS),
        record_rows: Vec::with_capacity(BATCH_ROWS),
        faults: Vec::new(),
        told: Told::default(),
    };
    while batch.rows.len() < BATCH_ROWS {
        let Some(row) = table.read_row()? else { break };
        let index = batch.rows.len();
        if let Some((code, detail)) = row.fault(mapping.columns()) {
            batch.faults.push((
                index,
                RowFault {
                    code: code.to_owned(),
                    detail,
                },
            ));
        } else {
            match mapping.make(&row) {
                Ok(made) => {
                    batch.told.merge(made.told);
                    let Some(record) = made.record else {
                        batch.filtered += 1;
                        continue;
                    };
                    batch.records.push(record);
                    batch.record_rows.push(index);
                }
                Err(fault) => {
                    let detail = format!("line {}: {}", row.line, fault.detail);
                    batch.faults.push((index, RowFault { detail, ..fault }));
                }
            }
        }
        batch.rows.push(row.cells);
    }
    Ok(batch)
}

impl Summary {
    /// Rows that were taken.
    pub(crate) fn taken(&self) -> u64 {
        self.created + self.updated + self.unchanged
    }

    fn add(&mut self, batch: &Batch, report: &BatchReport) {
        self.rows += batch.rows.len() as u64 + batch.filtered;
        self.filtered += batch.filtered;
        self.created += report.created;
        self.updated += report.updated;
        self.unchanged += report.unchanged;
        self.rejected += (batch.faults.len() + report.rejected.len()) as u64;
    }
}

/// Writes the rows of a batch that were not taken.
fn write_failed(
    errors: &mut ErrorFile<'_>,
    batch: &Batch,
    report: &BatchReport,
) -> anyhow::Result<()> {
    let mut failed: Vec<(usize, String, String)> = batch
        .faults
        .iter()
        .map(|(row, fault)| (*row, fault.code.clone(), fault.detail.clone()))
        .collect();
    for rejected in &report.rejected {
        let Some(row) = batch.record_rows.get(rejected.index) else {
            continue;
        };
        let code = rejected
            .invalid_params
            .first()
            .map(|it| it.code.clone())
            .unwrap_or_default();
        let details: Vec<String> = rejected
            .invalid_params
            .iter()
            .map(|param| format!("{}: {}", param.name, param.reason))
            .collect();
        failed.push((*row, code, details.join("; ")));
    }
    failed.sort_by_key(|(row, ..)| *row);
    for (row, code, detail) in failed {
        errors.append(&batch.rows[row], &code, &detail)?;
    }
    Ok(())
}
