//! Batches to the service, rows that fail to an error file; constant memory.

use std::path::{Path, PathBuf};

use anyhow::Context;
use futures_util::stream::{self, StreamExt};
use indicatif::ProgressBar;
use keepworth_contract::batch::{BatchOptions, BatchReport};
use keepworth_contract::client::Client;
use serde::Serialize;
use tokio::sync::mpsc;

use super::source::ErrorFile;
use keepworth_reading::mapping::{Batch, Mapping, Notice, Told};
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
    /// Rows of customers who were erased, which are left out.
    pub(crate) skipped_erased: u64,
    /// Customers who came with another segment than before.
    pub(crate) moved: u64,
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
        for row in batch.failed(&report) {
            errors.append(row.cells, row.code, &row.detail)?;
        }
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
        let batch = Batch::read(&mut table, mapping, BATCH_ROWS)?;
        let last = !batch.is_full(BATCH_ROWS);
        if sender.blocking_send(batch).is_err() || last {
            return Ok(());
        }
    }
}

impl Summary {
    /// Rows that were taken.
    pub(crate) fn taken(&self) -> u64 {
        self.created + self.updated + self.unchanged
    }

    fn add(&mut self, batch: &Batch, report: &BatchReport) {
        self.rows += batch.count();
        self.filtered += batch.filtered;
        self.created += report.created;
        self.updated += report.updated;
        self.unchanged += report.unchanged;
        self.skipped_erased += report.skipped_erased;
        self.moved += report.moved;
        self.rejected += batch.failed(report).len() as u64;
    }
}
