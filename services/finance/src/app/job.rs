//! Jobs: who does them, and what came of them.

use keepworth_contract::JobKind;
use keepworth_intake::Failure;
use keepworth_jobs::{Job, Lane, Reason, State, Task, Work, Working, table};
use keepworth_store::{Conn, Db, RecordId, StoreError};
use serde::de::DeserializeOwned;

use crate::app::census::Sources;
use crate::app::{general_ledger, segment_month_count};
use crate::store::general_ledger_file;

/// Each of them replaces or adds what others read: one at a time of a kind.
pub(crate) const LANES: [Lane; 2] = [
    Lane {
        kinds: &[JobKind::SegmentMonthCount],
        at_once: 1,
    },
    Lane {
        kinds: &[JobKind::GeneralLedgerImport],
        at_once: 1,
    },
];

/// Does the jobs of this service.
pub(crate) struct Works {
    pub(crate) db: Db,
    pub(crate) sources: Sources,
}

impl Work for Works {
    fn run(&self, task: Task) -> Working {
        let (db, sources) = (self.db.clone(), self.sources.clone());
        Box::pin(async move {
            let done = match task.job.kind.0 {
                JobKind::SegmentMonthCount => {
                    segment_month_count::compute(db, sources, &task).await
                }
                JobKind::GeneralLedgerImport => general_ledger::compute(&task),
                other => Err(Failure::internal(format!("no job makes {other:?} here"))),
            };
            done.map_err(Reason::from)
        })
    }

    /// The file is of no more use, whatever became of the job.
    fn over(&self, conn: &mut Conn, job: &Job) -> Result<(), StoreError> {
        if job.kind.0 == JobKind::GeneralLedgerImport {
            general_ledger_file::delete(conn, job.id)?;
        }
        Ok(())
    }

    fn result(&self, job: &Job) -> Option<String> {
        job.result.as_ref()?;
        let reports = match job.kind.0 {
            JobKind::SegmentMonthCount => "segment-month-counts",
            JobKind::GeneralLedgerImport => "general-ledger-reports",
            JobKind::Import => {
                return Some(format!("/v1/imports/{}", job.input));
            }
            JobKind::Run
            | JobKind::Baseline
            | JobKind::Backtest
            | JobKind::Tracking
            | JobKind::Question
            | JobKind::Link
            | JobKind::PilotReading
            | JobKind::Erasure => return None,
        };
        Some(format!("/v1/{reports}/{}", job.id))
    }
}

/// What a job of a kind came to.
pub(crate) fn report<T: DeserializeOwned>(
    conn: &mut Conn,
    id: RecordId,
    kind: JobKind,
) -> Result<T, Failure> {
    let job = table::find(conn, id)?.filter(|job| job.kind.0 == kind);
    let job = job.ok_or_else(|| {
        Failure::not_found(format!(
            "no such job has the id {id}; GET /v1/jobs lists them"
        ))
    })?;
    match job.state {
        State::Done => {
            let report = job.result.as_deref().unwrap_or_default();
            serde_json::from_str(report).map_err(Failure::internal)
        }
        _ => Err(Failure::not_found(format!(
            "nothing has come of the job {id}; GET /v1/jobs/{id} says how it stands"
        ))),
    }
}
